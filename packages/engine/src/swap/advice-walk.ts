// Walking the page tables of an advised range block by block.
import type { MmStruct } from "@faultline/core";

/**
 * Calls back with the part of `[start, end)` inside each block that has a table or a leaf, in
 * ascending order.
 * Blocks under missing upper tables are skipped at once.
 */
export function forEachMappedBlock(
  mm: MmStruct,
  start: number,
  end: number,
  visit: (from: number, to: number) => void,
): void {
  const table = mm.pageTable;
  let page = start;
  while (page < end) {
    if (!table.hasPmdTable(page)) {
      const span = table.pmdTableSpan();
      page = Math.min(end, (Math.floor(page / span) + 1) * span);
      continue;
    }
    const stop = Math.min(end, table.blockStart(page) + table.blockPages);
    if (table.slotBits(page) !== 0) visit(page, stop);
    page = stop;
  }
}
