// How a NIC's entries are taken away: one update of the translation table for each run. Mirrors the
// loop of mlx5_ib_invalidate_range of drivers/infiniband/hw/mlx5/odp.c: a run ends only at a hole
// that an update may begin at, so small holes are zapped along.
import type { DeviceMirror } from "../device/device-mirror.ts";

/** What an invalidation costs. */
export interface UmrZaps {
  /** Updates of the table. */
  readonly nrUpdates: number;
  /** Entries that they cover, holes among them. */
  readonly nrEntries: number;
}

/**
 * Counts the updates for `[start, end)`.
 * @param alignment entries that an update begins at a multiple of. A power of two.
 */
export function countUmrZaps(
  { table }: DeviceMirror,
  start: number,
  end: number,
  alignment: number,
): UmrZaps {
  let nrUpdates = 0;
  let nrEntries = 0;
  let runStart = -1;
  let runEnd = -1;
  const close = (at: number): void => {
    nrUpdates++;
    nrEntries += at - runStart;
    runStart = -1;
  };
  table.forEach(start, end - start, (first, nrPages) => {
    const boundary = Math.ceil(runEnd / alignment) * alignment;
    if (runStart >= 0 && boundary < first) close(boundary);
    if (runStart < 0) runStart = first;
    runEnd = first + nrPages;
  });
  if (runStart >= 0) close(runEnd);
  return { nrUpdates, nrEntries };
}
