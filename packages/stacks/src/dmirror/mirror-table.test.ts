import { World } from "@faultline/core";
import { beforeEach, describe, expect, it } from "vitest";
import { DPT_ATOMIC, DPT_READ, DPT_WRITE, MirrorTable } from "./mirror-table.ts";

const FAR = 2 ** 35;

describe("MirrorTable", () => {
  let world: World;
  let mirror: MirrorTable;

  beforeEach(() => {
    world = new World();
    mirror = new MirrorTable(world);
  });

  it("tells a read-only entry from none", () => {
    expect(mirror.tag(7)).toBe(-1);
    mirror.store(7, 99, DPT_READ);
    expect([mirror.tag(7), mirror.pfn(7)]).toEqual([DPT_READ, 99]);
  });

  it("replaces entries and keeps each tag", () => {
    mirror.store(7, 99, DPT_WRITE);
    mirror.store(7, 98, DPT_ATOMIC);
    mirror.store(FAR, 97, DPT_WRITE);
    expect([mirror.tag(7), mirror.pfn(7)]).toEqual([DPT_ATOMIC, 98]);
    expect([mirror.tag(FAR), mirror.pfn(FAR)]).toEqual([DPT_WRITE, 97]);
  });

  it("erases both ends of a range and nothing beside it", () => {
    for (let page = 500; page < 1600; page++) mirror.store(page, page, DPT_READ);
    mirror.erase(505, 1540);
    const left = Array.from({ length: 1100 }, (_, i) => 500 + i).filter((p) => mirror.tag(p) >= 0);
    const expected = [500, 501, 502, 503, 504];
    for (let page = 1541; page < 1600; page++) expected.push(page);
    expect(left).toEqual(expected);
  });

  it("crosses address ranges without tables, and gives emptied tables back", () => {
    mirror.store(0, 1, DPT_READ);
    for (let page = FAR; page < FAR + 512; page++) mirror.store(page, 2, DPT_READ);
    const tables = world.tables.nrTables;
    mirror.erase(512, FAR + 2 ** 20);
    expect(mirror.tag(FAR + 511)).toBe(-1);
    expect(mirror.tag(0)).toBe(DPT_READ);
    expect(world.tables.nrTables).toBe(tables - 1);
  });

  it("forgets everything at once and can be used again", () => {
    mirror.store(3, 1, DPT_READ);
    mirror.erase(0, 2 ** 52);
    expect(mirror.tag(3)).toBe(-1);
    mirror.store(3, 2, DPT_WRITE);
    expect(mirror.pfn(3)).toBe(2);
  });
});
