// Wiring in the form of recorded topologies.
import { type GpuLinkEnd, npuIommuGroups, type NpuGpu, type NpuWiring } from "@faultline/platform";
import type { JsonObject } from "../json-shape.ts";

/** The lists of a topology file. */
export interface NpuTopology {
  readonly gpus: readonly JsonObject[];
  readonly npus: readonly JsonObject[];
}

/** What a topology file would say about the wiring. */
export function npuTopology(wiring: NpuWiring): NpuTopology {
  const groups = npuIommuGroups(wiring);
  return {
    gpus: wiring.gpus.map(gpuEntry),
    npus: wiring.npus.map(({ path, bridges, atsd }, at) => ({
      path,
      bridges: bridges.length,
      atsd: atsd.map(hex),
      iommu_group_members: groups[at],
    })),
  };
}

function gpuEntry(gpu: NpuGpu): JsonObject {
  const { path, label, bridges, memory, links, cpuGigabytesPerSecond } = gpu;
  return {
    path,
    label,
    npu_bridges: bridges.map((bridge) => bridge.path),
    link_index: bridges.map(({ linkIndex }) => linkIndex),
    atsd_per_link: bridges.map(({ atsd }) => atsd && hex(atsd)),
    memory_base: memory && hex(memory.base),
    memory_window: memory && hex(memory.windowBytes),
    tgt: memory && hex(memory.tgt),
    numa_associativity: memory && memory.numaId,
    gpu_links: links && links.map(linkText),
    cpu_bw_gb_s_per_direction: cpuGigabytesPerSecond,
  };
}

function linkText(end: GpuLinkEnd): string {
  if (end.to === "nothing") return "none";
  return end.to === "cpu" ? `CPU:link${end.linkIndex}` : `GPU:${end.name}`;
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}
