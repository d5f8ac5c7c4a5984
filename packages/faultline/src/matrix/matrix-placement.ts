// How memory gets into a place before each round, and out of the table of the measured device.
import { matrixShape, measuredDevice, type MatrixCell, otherDevice } from "./matrix-cell.ts";
import { HUGE_PAGES } from "./matrix-noise.ts";

type Steps = Record<string, unknown>[];

/** The steps for one mapping. */
export function matrixPlacement(cell: MatrixCell, at: string): Steps {
  const { place } = cell;
  const empty = [{ do: "madvise", at, advice: "MADV_DONTNEED" }, ...hugeAdvice(cell, at)];
  if (place === "absent") return empty;
  const inRam = [...empty, { do: "write", at }];
  if (place === "ram") return inRam;
  const holder = place === "local" ? measuredDevice(cell) : otherDevice(cell);
  const inDevice = [...inRam, { do: "migrate_to_device", device: holder, at }];
  if (place !== "local") return inDevice;
  // The advice takes the translations of all devices, and leaves a device's pages as they are:
  // after a change of rights, or a fork, they could only be read.
  return [...inDevice, { do: "madvise", at, advice: "MADV_FREE" }];
}

/** A block that khugepaged is to collapse is written in single pages first. */
function hugeAdvice(cell: MatrixCell, at: string): Steps {
  if (matrixShape(cell).nrPages < HUGE_PAGES) return [];
  const isLater = cell.noise === "thp-collapse";
  return [{ do: "madvise", at, advice: isLater ? "MADV_NOHUGEPAGE" : "MADV_HUGEPAGE" }];
}
