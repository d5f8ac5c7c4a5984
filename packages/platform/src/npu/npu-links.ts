// Wiring → links between GPUs and CPUs with their bandwidth, and the IOMMU groups beside it.
import type { NpuWiring } from "./npu-wiring.ts";

/** All links between two ends, taken together. */
export interface NpuLinkFact {
  readonly kind: "gpu-cpu" | "gpu-gpu";
  /** A GPU by name. */
  readonly from: string;
  /** A GPU by name, or a chip such as `chip8`. */
  readonly to: string;
  readonly nrLinks: number;
  /** Gigabytes per second in one direction. */
  readonly gigabytesPerSecond: number;
}

/** One NVLink2 link: eight lanes at 25 Gbit/s. */
const LINK_GIGABYTES_PER_SECOND = 25;

/**
 * Every pair that has links. GPU to GPU pairs are known only where the tree lists the GPUs' links;
 * where it does not, that there are none in the result does not mean that there are none.
 */
export function npuLinkFacts({ gpus, npus }: NpuWiring): NpuLinkFact[] {
  const toCpu = gpus.map(({ name, npu, bridges, cpuGigabytesPerSecond }): NpuLinkFact => {
    const chip = npus[npu]?.chip ?? npu;
    const to = `chip${chip}`;
    const gigabytesPerSecond = cpuGigabytesPerSecond;
    return { kind: "gpu-cpu", from: name, to, nrLinks: bridges.length, gigabytesPerSecond };
  });
  const toGpu = gpus.flatMap((from, at) =>
    gpus.slice(at + 1).flatMap((to): NpuLinkFact[] => {
      const nrLinks = (from.links ?? []).filter(
        (end) => end.to === "gpu" && end.path === to.path,
      ).length;
      const gigabytesPerSecond = nrLinks * LINK_GIGABYTES_PER_SECOND;
      const fact = { kind: "gpu-gpu" as const, from: from.name, to: to.name, nrLinks };
      return nrLinks === 0 ? [] : [{ ...fact, gigabytesPerSecond }];
    }),
  );
  return [...toCpu, ...toGpu];
}

/** Who groups: Linux 4.20 put a whole NPU into one group, patches before it each GPU. */
export type IommuGroupRule = "per-npu" | "per-gpu";

/**
 * Paths of the functions that share an IOMMU group and go to one guest together: GPUs, then
 * bridges. PCIe switch ports above the GPUs are no members.
 */
export function npuIommuGroups(
  { gpus, npus }: NpuWiring,
  rule: IommuGroupRule = "per-npu",
): string[][] {
  const isPath = (path: string | null): path is string => path !== null;
  if (rule === "per-gpu") {
    return gpus.map(({ path, bridges }) =>
      [path, ...bridges.map((bridge) => bridge.path)].filter(isPath),
    );
  }
  return npus.map(({ bridges }, npu) => [
    ...gpus.flatMap((gpu) => (gpu.npu === npu && gpu.path !== null ? [gpu.path] : [])),
    ...bridges,
  ]);
}
