// Machine documents: PCI trees, CPUs and IOMMUs in YAML, checked with positions.
export { buildPciMachine } from "./build-pci-machine.ts";
export { type LoadedMachine, loadMachine } from "./load-machine.ts";
export * from "./memlock/index.ts";
export * from "./nvgrace/index.ts";
export { type MachineDocument, machineJsonSchema } from "./machine-schema.ts";
