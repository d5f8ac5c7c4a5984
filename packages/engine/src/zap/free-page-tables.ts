// Freeing page tables that no VMA can need any more. Mirrors mm/memory.c free_pgd_range.
import { LEAF_TABLE, leafKind, type MmStruct } from "@faultline/core";

/**
 * Frees the tables under `[start, end)` that lie wholly between `floor` and `ceiling`, the end of
 * the mapping below and the start of the mapping above. Everything in the range is unmapped.
 * @kernelpart mm/memory.c free_pgd_range (v7.2) one range and its neighbours; upper levels follow
 * from empty ones
 */
export function freePageTables(
  mm: MmStruct,
  start: number,
  end: number,
  floor: number,
  ceiling: number,
): void {
  const table = mm.pageTable;
  const span = table.pmdTableSpan();
  for (let area = Math.floor(start / span) * span; area < end; area += span) {
    if (!table.hasPmdTable(area)) continue;
    const from = Math.max(area, table.blockStart(start));
    const to = Math.min(area + span, end);
    for (let page = from; page < to; page += table.blockPages) {
      if (page < floor || page + table.blockPages > ceiling) continue;
      if (leafKind(table.slotBits(page)) !== LEAF_TABLE) continue;
      table.freeLeafTable(page);
    }
    if (area < floor || area + span > ceiling) continue;
    table.freePmdTable(area);
  }
}
