// A whole machine: PCI, the private fabric, NUMA nodes, and the devices on them. Everything that
// decides a path between two devices is reachable from here.
import type { Fabric } from "../fabric/fabric.ts";
import type { FabricEndKind, FabricLinkSpec } from "../fabric/fabric-link.ts";
import type { PciBootSpec } from "../pci/pci-boot-spec.ts";
import type { PciMachine } from "../pci/pci-machine.ts";
import type { MachineDevice, MachineDeviceSpec } from "./machine-device.ts";

/** One NUMA node as a machine document has it. */
export interface MachineNode {
  readonly socket: number;
  readonly memoryBytes: bigint;
  readonly cpus: readonly number[];
  /** The device whose memory the node is, by name. @defaultValue undefined: memory of the host */
  readonly device?: string;
}

/** A machine before it boots: plain data. */
export interface MachineBootSpec {
  readonly title: string;
  readonly pci: PciBootSpec;
  readonly nodes: readonly MachineNode[];
  /** Row `i`, column `j`: distance from node `i` to node `j` as the firmware tells it. */
  readonly distances: readonly (readonly number[])[];
  readonly fabricEnds: ReadonlyMap<string, FabricEndKind>;
  readonly links: readonly FabricLinkSpec[];
  readonly devices: readonly MachineDeviceSpec[];
}

/** A machine that runs. */
export interface Machine {
  readonly title: string;
  readonly pci: PciMachine;
  readonly fabric: Fabric;
  readonly nodes: readonly MachineNode[];
  readonly distances: readonly (readonly number[])[];
  readonly devices: readonly MachineDevice[];
}

/** The device with a name. */
export function machineDevice(machine: Machine, name: string): MachineDevice | undefined {
  return machine.devices.find((device) => device.name === name);
}
