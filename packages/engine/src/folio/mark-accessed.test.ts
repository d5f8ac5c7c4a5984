import { FRAME_MLOCKED, FRAME_REFERENCED, World } from "@faultline/core";
import { describe, expect, it } from "vitest";
import { allocFolio, folioReleaseIfUnused } from "./folio-alloc.ts";
import { folioDeactivate, folioMarkAccessed } from "./mark-accessed.ts";

function marksAfterEachUse(world: World, head: number, nrUses: number): boolean[] {
  return Array.from({ length: nrUses }, () => {
    folioMarkAccessed(world, head);
    return (world.frames.flags(head) & FRAME_REFERENCED) !== 0;
  });
}

describe("folioMarkAccessed", () => {
  it("takes the mark away at the second use and keeps it from the third on", () => {
    const world = new World();
    const head = allocFolio(world, 0, 0);
    expect(marksAfterEachUse(world, head, 4)).toEqual([true, false, true, true]);
  });

  it("keeps the mark of locked memory", () => {
    const world = new World();
    const head = allocFolio(world, 0, 0);
    world.frames.addFlags(head, FRAME_MLOCKED);
    expect(marksAfterEachUse(world, head, 3)).toEqual([true, true, true]);
  });

  it("starts again after deactivation and for the frame's next owner", () => {
    const world = new World();
    const head = allocFolio(world, 0, 0);
    marksAfterEachUse(world, head, 2);
    folioDeactivate(world, head);
    expect(marksAfterEachUse(world, head, 2)).toEqual([true, false]);
    folioReleaseIfUnused(world, head);
    expect(world.activeFolios.size).toBe(0);
  });
});
