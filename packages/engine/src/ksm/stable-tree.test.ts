import { FRAME_ANON, FRAME_FREE, FRAME_KSM, World } from "@faultline/core";
import { describe, expect, it } from "vitest";
import { type KsmScanItem, type KsmState, ksmState, NO_CHECKSUM } from "./ksm-state.ts";
import {
  folioStableNode,
  isNodeAlive,
  pruneStableTree,
  stableTreeAppend,
  stableTreeInsert,
  stableTreeSearch,
} from "./stable-tree.ts";

const CONTENT = 77;

/** A world that lets two pages share a copy. */
function smallLimit(): { world: World; state: KsmState } {
  const world = new World({ settings: { ksmMaxPageSharing: 2 } });
  return { world, state: ksmState(world) };
}

function ksmPage(world: World): number {
  const pfn = world.buddies[0]?.alloc(0) ?? 0;
  world.frames.addFlags(pfn, FRAME_KSM | FRAME_ANON);
  world.frames.addPageMapcount(pfn, 1);
  world.frames.setContent(pfn, CONTENT);
  return pfn;
}

function newItem(world: World, page: number): KsmScanItem {
  return {
    mm: world.createMm(),
    page,
    index: page,
    anonVma: world.createAnonVma(null),
    checksum: NO_CHECKSUM,
    stableNode: null,
  };
}

describe("stable tree", () => {
  it("finds a copy by content until it is full", () => {
    const { world, state } = smallLimit();
    const node = stableTreeInsert(world, state, ksmPage(world));
    expect(stableTreeSearch(world, state, CONTENT)).toBeNull();
    stableTreeAppend(newItem(world, 1), node);
    expect(stableTreeSearch(world, state, CONTENT)).toBe(node);
    expect(stableTreeSearch(world, state, CONTENT + 1)).toBeNull();
    stableTreeAppend(newItem(world, 2), node);
    expect(stableTreeSearch(world, state, CONTENT)).toBeNull();
  });

  it("goes past full copies of the same content", () => {
    const { world, state } = smallLimit();
    const roomy = stableTreeInsert(world, state, ksmPage(world));
    const full = stableTreeInsert(world, state, ksmPage(world));
    for (const page of [1, 2]) stableTreeAppend(newItem(world, page), full);
    stableTreeAppend(newItem(world, 3), roomy);
    expect(stableTreeSearch(world, state, CONTENT)).toBe(roomy);
  });

  it("visits the newest mapping of a copy first", () => {
    const { world, state } = smallLimit();
    const node = stableTreeInsert(world, state, ksmPage(world));
    stableTreeAppend(newItem(world, 1), node);
    stableTreeAppend(newItem(world, 2), node);
    expect(node.items.map((item) => item.page)).toEqual([2, 1]);
  });

  it("forgets a copy whose page is gone and frees its items", () => {
    const { world, state } = smallLimit();
    const pfn = ksmPage(world);
    const node = stableTreeInsert(world, state, pfn);
    const item = newItem(world, 1);
    stableTreeAppend(item, node);
    expect(folioStableNode(world, pfn)).toBe(node);
    world.frames.setFlags(pfn, FRAME_FREE);
    expect(isNodeAlive(world, node)).toBe(false);
    expect(folioStableNode(world, pfn)).toBeNull();
    pruneStableTree(world, state);
    expect(state.stable.size).toBe(0);
    expect(item.stableNode).toBeNull();
    expect(world.rmapTarget(node.id)).toBeNull();
  });
});
