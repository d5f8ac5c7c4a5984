// How MADV_FREE, MADV_COLD and MADV_PAGEOUT treat a large folio that PTEs map: as a whole when the
// range holds all of it, else by splitting it. Mirrors mm/madvise.c.
import {
  LEAF_PRESENT,
  leafKind,
  type PageTable,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { folioMaybeMappedShared, folioNrPages } from "../folio/folio-count.ts";
import { splitFolio } from "../thp/split-folio.ts";

/** The entries of the folio are dealt with; go on behind them. */
export const LARGE_SKIP = 0;
/** The folio was split: look at the same entry again. */
export const LARGE_AGAIN = 1;
/** All of the folio is mapped here: treat it as one. */
const LARGE_WHOLE = 2;

/**
 * Number of entries from `page` on that map the folio's pages one after the other.
 * @kernel mm/madvise.c madvise_folio_pte_batch (v7.2)
 */
export function madviseFolioPteBatch(
  world: World,
  table: PageTable,
  page: number,
  end: number,
  head: number,
): number {
  const first = table.val(page);
  const left = head + folioNrPages(world, head) - first;
  const limit = Math.min(end - page, left);
  let nr = 1;
  while (nr < limit) {
    const isNext = leafKind(table.bits(page + nr)) === LEAF_PRESENT;
    if (!isNext || table.val(page + nr) !== first + nr) break;
    nr++;
  }
  return nr;
}

/**
 * Decides about a large folio met at `page`, and splits it where only a part is advised.
 * @param nr entries from `madviseFolioPteBatch`.
 */
export function adviseLargeFolio(
  world: World,
  vma: VmAreaStruct,
  page: number,
  head: number,
  nr: number,
): number {
  if (nr === folioNrPages(world, head)) return LARGE_WHOLE;
  if (folioMaybeMappedShared(world, head)) return LARGE_SKIP;
  world.recorder?.note("advice-split", vma.vmMm.mmId, page, nr);
  return splitFolio(world, head) === 0 ? LARGE_AGAIN : LARGE_SKIP;
}
