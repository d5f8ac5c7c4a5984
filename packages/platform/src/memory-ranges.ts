// Where system memory lies, as PC firmware places it: up to 2 GiB at the bottom, the rest from
// 4 GiB on. Memory maps of other machines are left out.
import { parseSizeBytes } from "./fields.ts";
import type { MachineDocument } from "./machine-schema.ts";

/** A range of physical memory, in bytes. */
export interface MemoryRange {
  readonly start: bigint;
  readonly end: bigint;
}

const LOW_BYTES = 1n << 31n;
const HIGH_START = 1n << 32n;

const DEFAULT_BYTES = 64n << 30n;

/** Bytes of system memory: what the document says, else what its NUMA nodes have together. */
export function memoryBytes({ memory, numa }: MachineDocument): bigint {
  if (memory !== undefined) return parseSizeBytes(memory);
  return numa === undefined ? DEFAULT_BYTES : nodesBytes(numa.nodes);
}

/** What a node says about its memory. */
interface NodeMemory {
  readonly memory?: string | undefined;
  readonly device?: string | undefined;
}

/** Bytes of all nodes together; memory of devices lies elsewhere and does not count. */
export function nodesBytes(nodes: readonly NodeMemory[]): bigint {
  return nodes.reduce(
    (sum, { memory, device }) =>
      sum + (memory === undefined || device !== undefined ? 0n : parseSizeBytes(memory)),
    0n,
  );
}

/** The ranges of system memory, lowest first. */
export function memoryRanges(
  document: MachineDocument,
): readonly [low: MemoryRange, high?: MemoryRange] {
  const sizeBytes = memoryBytes(document);
  if (sizeBytes <= LOW_BYTES) return [{ start: 0n, end: sizeBytes }];
  const high = { start: HIGH_START, end: HIGH_START + sizeBytes - LOW_BYTES };
  return [{ start: 0n, end: LOW_BYTES }, high];
}
