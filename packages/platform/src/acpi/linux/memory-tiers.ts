// Memory tiers (mm/memory-tiers.c): nodes whose memory is about as fast share one.
import type { AccessNumbers } from "./hmat-access.ts";

/** The abstract distance of the memory beside CPUs. */
const DRAM_DISTANCE = 576;
/** Distances that differ above these bits only are one tier. */
const TIER_SHIFT = 7;

/**
 * Nodes by tier.
 * @param memoryNodes nodes with memory.
 * @param numbersOf what CPUs reach a node's memory with, undefined when nothing is known.
 */
export function memoryTiers(
  memoryNodes: readonly number[],
  cpuNodes: ReadonlySet<number>,
  numbersOf: (node: number) => AccessNumbers | undefined,
): Map<number, number[]> {
  const reference = referenceNumbers(
    memoryNodes.filter((node) => cpuNodes.has(node)),
    numbersOf,
  );
  const tiers = new Map<number, number[]>();
  for (const node of memoryNodes) {
    const numbers = cpuNodes.has(node) ? undefined : numbersOf(node);
    const distance = abstractDistance(numbers, reference) ?? DRAM_DISTANCE;
    const tier = distance >> TIER_SHIFT;
    tiers.set(tier, [...(tiers.get(tier) ?? []), node]);
  }
  return tiers;
}

/**
 * The numbers of the first node with CPUs; none when such nodes differ by more than a tenth.
 * @kernelpart mm/memory-tiers.c mt_set_default_dram_perf (v7.2) over all nodes with CPUs
 */
function referenceNumbers(
  nodes: readonly number[],
  numbersOf: (node: number) => AccessNumbers | undefined,
): AccessNumbers | undefined {
  let reference: AccessNumbers | undefined;
  for (const node of nodes) {
    const numbers = numbersOf(node);
    if (numbers === undefined) continue;
    if (!isKnown(numbers)) return reference;
    reference ??= numbers;
    if (!isAlike(reference, numbers)) return undefined;
  }
  return reference;
}

function isKnown(numbers: AccessNumbers): boolean {
  const { readLatency, writeLatency, readBandwidth, writeBandwidth } = numbers;
  return readLatency + writeLatency > 0 && readBandwidth + writeBandwidth > 0;
}

function isAlike(reference: AccessNumbers, numbers: AccessNumbers): boolean {
  const keys = ["readLatency", "writeLatency", "readBandwidth", "writeBandwidth"] as const;
  return keys.every((key) => Math.abs(reference[key] - numbers[key]) * 10 <= reference[key]);
}

/** @kernelpart mm/memory-tiers.c mt_perf_to_adistance (v7.2) undefined when it cannot be told */
function abstractDistance(
  numbers: AccessNumbers | undefined,
  reference: AccessNumbers | undefined,
): number | undefined {
  if (numbers === undefined || reference === undefined || !isKnown(numbers)) return undefined;
  const latency = numbers.readLatency + numbers.writeLatency;
  const bandwidth = numbers.readBandwidth + numbers.writeBandwidth;
  const latency0 = reference.readLatency + reference.writeLatency;
  const bandwidth0 = reference.readBandwidth + reference.writeBandwidth;
  const byLatency = Math.floor((DRAM_DISTANCE * latency) / latency0);
  return Math.floor((byLatency * bandwidth0) / bandwidth);
}
