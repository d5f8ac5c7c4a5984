// Where system memory lies, as PC firmware places it: up to 2 GiB at the bottom, the rest from
// 4 GiB on. Memory maps of other machines are left out.
import { parseSizeBytes } from "./fields.ts";

/** A range of physical memory, in bytes. */
export interface MemoryRange {
  readonly start: bigint;
  readonly end: bigint;
}

const LOW_BYTES = 1n << 31n;
const HIGH_START = 1n << 32n;

/** The ranges of a memory size that `sizeField` accepts, lowest first. */
export function memoryRanges(memory: string): readonly [low: MemoryRange, high?: MemoryRange] {
  const sizeBytes = parseSizeBytes(memory);
  if (sizeBytes <= LOW_BYTES) return [{ start: 0n, end: sizeBytes }];
  const high = { start: HIGH_START, end: HIGH_START + sizeBytes - LOW_BYTES };
  return [{ start: 0n, end: LOW_BYTES }, high];
}
