import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LEAF_NONE, LEAF_PRESENT, LEAF_TABLE } from "./leaf.ts";
import { PAGE_GEOMETRIES, X86_4K, X86_4K_LA57 } from "./page-geometry.ts";
import { PageTable } from "./page-table.ts";
import { TableArena } from "./table-arena.ts";

function create(geometry = X86_4K): PageTable {
  return new PageTable(new TableArena(geometry.tableShift), geometry.levels);
}

describe("PageTable", () => {
  test("an untouched page is none and costs no table", () => {
    const table = create();
    expect([table.bits(2 ** 35), table.slotBits(7), table.arena.nrTables]).toEqual([0, 0, 1]);
  });

  test("keeps entries apart over the whole address range of every geometry", () => {
    for (const geometry of PAGE_GEOMETRIES) {
      const max = 2 ** Math.min(45, geometry.levels * geometry.tableShift) - 1;
      const pageNumber = fc.oneof(fc.integer({ min: 0, max }), fc.integer({ min: 0, max: 4096 }));
      fc.assert(
        fc.property(fc.uniqueArray(pageNumber, { maxLength: 30 }), (pages) => {
          const table = create(geometry);
          for (const [i, page] of pages.entries()) table.set(page, LEAF_PRESENT, i + 1);
          for (const [i, page] of pages.entries()) {
            expect([table.bits(page), table.val(page)]).toEqual([LEAF_PRESENT, i + 1]);
          }
        }),
      );
    }
  });

  test("page numbers that share their low 32 bits are different pages", () => {
    const table = create(X86_4K_LA57);
    const pages = [5, 5 + 2 ** 32, 5 + 2 ** 36, 5 + 2 ** 44];
    for (const [i, page] of pages.entries()) table.set(page, LEAF_PRESENT, i + 1);
    expect(pages.map((page) => table.val(page))).toEqual([1, 2, 3, 4]);
  });

  test("a slot is empty, a table, or a leaf", () => {
    const table = create();
    const page = 3 * table.blockPages;
    expect(table.slotBits(page)).toBe(LEAF_NONE);
    table.setSlot(page, LEAF_PRESENT, 1024);
    expect([table.slotVal(page + 5), table.leafTable(page)]).toEqual([1024, 0]);
    table.setSlot(page, LEAF_NONE, 0);
    table.set(page + 5, LEAF_PRESENT, 9);
    expect(table.slotBits(page)).toBe(LEAF_TABLE);
  });

  test("a freed table leaves an empty slot, and destroy gives every table back", () => {
    const table = create();
    table.set(1, LEAF_PRESENT, 1);
    table.set(2 ** 30, LEAF_PRESENT, 1);
    table.set(1, LEAF_NONE, 0);
    expect(table.arena.isEmpty(table.leafTable(1))).toBe(true);
    table.freeLeafTable(1);
    expect(table.slotBits(1)).toBe(LEAF_NONE);
    table.freePmdTable(1);
    expect(table.hasPmdTable(1)).toBe(false);
    table.set(1, LEAF_PRESENT, 4);
    expect(table.val(1)).toBe(4);
    table.destroy();
    expect(table.arena.nrTables).toBe(0);
  });
});
