// NVLink2 wiring of POWER9 machines, from their device trees.
export type * from "./npu-wiring.ts";
export {
  type IommuGroupRule,
  npuIommuGroups,
  npuLinkFacts,
  type NpuLinkFact,
} from "./npu-links.ts";
export { npuMachine, type NpuMachineOptions } from "./npu-machine.ts";
export { type LoadedNpuWiring, readNpuWiring } from "./read-npu-wiring.ts";
export * from "./target-address.ts";
export * from "./vfio-regions.ts";
