// The effort log as text, for tests, documents and tools.
import {
  EFFORT_DRIVER_COPY_JOB,
  EFFORT_DRIVER_RANGE,
  EFFORT_DRIVER_WORK,
  EFFORT_KIND_NAMES,
  EFFORT_LOCK,
  EFFORT_PLACE_DEVICE,
  EFFORT_PLACE_SWAP,
  EFFORT_TLB_FLUSH,
  type EffortItem,
  EFFORT_PAGE_COPY,
  EFFORT_SWAP_IO,
  EFFORT_FOLIO_ALLOC,
  EFFORT_FOLIO_FREE,
  EFFORT_PAGE_ZERO,
} from "./effort-log.ts";

const LOCK_NAMES: readonly string[] = [
  "",
  "mmap_read",
  "mmap_write",
  "vma_read",
  "pte",
  "folio",
  "rmap",
];

/** Kinds whose `from` is a place, and kinds whose `to` is one. */
const FROM_PLACE: ReadonlySet<number> = new Set([
  EFFORT_FOLIO_FREE,
  EFFORT_PAGE_COPY,
  EFFORT_SWAP_IO,
  EFFORT_DRIVER_WORK,
  EFFORT_DRIVER_RANGE,
  EFFORT_DRIVER_COPY_JOB,
]);
const TO_PLACE: ReadonlySet<number> = new Set([
  EFFORT_FOLIO_ALLOC,
  EFFORT_PAGE_ZERO,
  EFFORT_PAGE_COPY,
  EFFORT_SWAP_IO,
]);

const DRIVER_NAMES: Readonly<Record<number, string>> = {
  [EFFORT_DRIVER_WORK]: "driver_work",
  [EFFORT_DRIVER_RANGE]: "driver_range",
  [EFFORT_DRIVER_COPY_JOB]: "driver_copy_job",
};

function placeName(place: number): string {
  if (place === EFFORT_PLACE_SWAP) return "swap";
  if (place >= EFFORT_PLACE_DEVICE) return `device ${place - EFFORT_PLACE_DEVICE}`;
  return `node ${place}`;
}

/**
 * One item as text: kind, count, order when it is not 0, and what `from` and `to` mean for the
 * kind. For example `page_copy 4, node 0 -> device 1` or `tlb_flush 1, cpus 0x3`.
 */
export function formatEffort({ kind, count, order, from, to }: EffortItem): string {
  const name = EFFORT_KIND_NAMES[kind] ?? DRIVER_NAMES[kind] ?? kind;
  const parts = [`${name} ${count}`];
  if (order > 0) parts.push(`order ${order}`);
  if (kind === EFFORT_LOCK) parts.push(LOCK_NAMES[from] ?? `lock ${from}`);
  if (kind === EFFORT_TLB_FLUSH) parts.push(`cpus 0x${from.toString(16)}`);
  const source = FROM_PLACE.has(kind) ? placeName(from) : null;
  const target = TO_PLACE.has(kind) ? placeName(to) : null;
  if (source !== null && target !== null) parts.push(`${source} -> ${target}`);
  else if (source !== null) parts.push(source);
  else if (target !== null) parts.push(target);
  return parts.join(", ");
}
