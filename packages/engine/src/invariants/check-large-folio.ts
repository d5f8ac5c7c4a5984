// The record of one large folio: totals, PMD mappings, mm slots and the guess that it is shared.
import { MM_ID_NONE } from "@faultline/core";
import type { Census } from "./census.ts";

/** Checks a large folio's record; `records` collects those in use. */
export function checkLargeFolio(
  census: Census,
  head: number,
  record: number,
  records: Set<number>,
): void {
  const { world, sink, pmdMaps, largeMaps } = census;
  const large = world.largeFolios;
  const place = { pfn: head };
  if (record === 0 || records.has(record)) {
    sink.add("large-record", `record ${record} is another folio's`, place);
    return;
  }
  records.add(record);
  const byMm = largeMaps.get(head) ?? new Map<number, number>();
  let total = 0;
  for (const count of byMm.values()) total += count;
  const entire = large.entireMapcount[record] as number;
  sink.expectEqual("large-mapcount", "PMD mappings", entire, pmdMaps.get(head), place);
  const counted = large.totalMapcount[record] as number;
  sink.expectEqual("large-mapcount", "total mappings", counted, total, place);
  if (byMm.size > 1 && large.maybeShared[record] === 0) {
    sink.add("large-shared", `${byMm.size} address spaces, but not marked shared`, place);
  }
  const slots = [
    [large.mmId0[record], large.mmCount0[record]],
    [large.mmId1[record], large.mmCount1[record]],
  ] as [number, number][];
  for (const [mmId, count] of slots) {
    if (mmId === MM_ID_NONE) continue;
    const actual = byMm.get(mmId) ?? 0;
    // A slot that was taken late has missed earlier mappings of the same mm.
    if (count > 0 && count <= actual) continue;
    const message = `slot with ${count} mappings of mm ${mmId}, which has ${actual}`;
    sink.add("large-slots", message, { mmId, pfn: head });
  }
}
