// How memory gets into a place before each round, and out of every device's table.
import { matrixShape, measuredDevice, type MatrixCell, otherDevice } from "./matrix-cell.ts";
import { HUGE_PAGES } from "./matrix-noise.ts";

type Steps = Record<string, unknown>[];

/** The steps for one mapping. */
export function matrixPlacement(cell: MatrixCell, at: string): Steps {
  const { place } = cell;
  const forget = { do: "madvise", at, advice: "MADV_DONTNEED" };
  if (place === "absent") return [forget];
  const inRam = [forget, ...hugeAdvice(cell, at), { do: "write", at }];
  if (place === "ram") return inRam;
  const holder = place === "local" ? measuredDevice(cell) : otherDevice(cell);
  // A change of rights takes the translations of all devices, and leaves the pages where they are.
  return [
    ...inRam,
    { do: "migrate_to_device", device: holder, at },
    { do: "mprotect", at, prot: "r" },
    { do: "mprotect", at, prot: "rw" },
  ];
}

/** A block that khugepaged is to collapse is written in single pages first. */
function hugeAdvice(cell: MatrixCell, at: string): Steps {
  if (matrixShape(cell).nrPages < HUGE_PAGES) return [];
  const isLater = cell.noise === "thp-collapse";
  return [{ do: "madvise", at, advice: isLater ? "MADV_NOHUGEPAGE" : "MADV_HUGEPAGE" }];
}
