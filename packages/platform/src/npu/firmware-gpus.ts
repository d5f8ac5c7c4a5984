// GPUs of a tree whose bridges firmware has not made yet: the links that share a slot label lead to
// one GPU. The windows are not there yet either.
import type { NpuGpu, NpuUnit } from "./npu-wiring.ts";

/** One GPU for each slot label that links name, in the order in which they appear. */
export function firmwareGpus(npus: readonly NpuUnit[]): NpuGpu[] {
  return npus.flatMap(({ links, chip }, npu) => {
    const labels = new Set(links.flatMap(({ slotLabel }) => slotLabel ?? []));
    return [...labels].map((label): NpuGpu => {
      const own = links.filter(({ slotLabel }) => slotLabel === label);
      return {
        name: label,
        label,
        path: null,
        npu,
        chip,
        bridges: own.map(({ index }) => {
          return { path: null, linkIndex: index, atsd: null, speedCode: null };
        }),
        memory: null,
        links: null,
        cpuGigabytesPerSecond: own.reduce((sum, link) => sum + link.gigabytesPerSecond, 0),
      };
    });
  });
}
