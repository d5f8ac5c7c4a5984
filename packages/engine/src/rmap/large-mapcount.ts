// How a large folio counts its mappings and guesses who maps it: two mm slots and a sticky flag.
// Mirrors include/linux/rmap.h. The third mm finds no slot, and the guess turns to "shared".
import { type LargeFolioTable, MM_ID_NONE } from "@faultline/core";

/**
 * Adds `count` mappings by one mm.
 * @kernelpart include/linux/rmap.h folio_add_return_large_mapcount (v7.2) the mm slots and the
 * sticky flag; the counts are the frame table's
 */
export function addLargeMappings(
  large: LargeFolioTable,
  record: number,
  mmId: number,
  count: number,
): void {
  const total = (large.totalMapcount[record] as number) + count;
  large.totalMapcount[record] = total;
  if (large.mmId0[record] === mmId) {
    large.mmCount0[record] = (large.mmCount0[record] as number) + count;
  } else if (large.mmId1[record] === mmId) {
    large.mmCount1[record] = (large.mmCount1[record] as number) + count;
  } else if (large.mmId0[record] === MM_ID_NONE) {
    large.mmId0[record] = mmId;
    large.mmCount0[record] = count;
    if (count !== total) large.maybeShared[record] = 1;
  } else if (large.mmId1[record] === MM_ID_NONE) {
    large.mmId1[record] = mmId;
    large.mmCount1[record] = count;
    if (count !== total) large.maybeShared[record] = 1;
  } else {
    large.maybeShared[record] = 1;
  }
}

/**
 * Removes `count` mappings by one mm.
 * @kernelpart include/linux/rmap.h folio_sub_return_large_mapcount (v7.2) the mm slots and the
 * sticky flag; the counts are the frame table's
 */
export function removeLargeMappings(
  large: LargeFolioTable,
  record: number,
  mmId: number,
  count: number,
): void {
  const total = (large.totalMapcount[record] as number) - count;
  large.totalMapcount[record] = total;
  if (large.mmId0[record] === mmId) {
    const left = (large.mmCount0[record] as number) - count;
    large.mmCount0[record] = left;
    if (left === 0) large.mmId0[record] = MM_ID_NONE;
  } else if (large.mmId1[record] === mmId) {
    const left = (large.mmCount1[record] as number) - count;
    large.mmCount1[record] = left;
    if (left === 0) large.mmId1[record] = MM_ID_NONE;
  }
  const isOwnedByOne =
    (large.mmId0[record] !== MM_ID_NONE && large.mmCount0[record] === total) ||
    (large.mmId1[record] !== MM_ID_NONE && large.mmCount1[record] === total);
  if (isOwnedByOne || total === 0) large.maybeShared[record] = 0;
}
