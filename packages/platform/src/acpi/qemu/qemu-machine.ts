// The machine that a QEMU command line asks for, as far as the tables about NUMA depend on it.
import type { QemuOption } from "./option-list.ts";
import type { PciFunction } from "./pci-layout.ts";

/** Machine types that are modelled. */
export type QemuMachineType = "q35" | "i440fx" | "virt";

/** A possible CPU, present at the start or not. */
export interface QemuCpu {
  /** From 0, as Linux numbers CPUs that are all present. */
  readonly index: number;
  /** The APIC id on x86, the ACPI processor UID on Arm. */
  readonly id: number;
  readonly node: number;
  readonly isPresent: boolean;
}

/** A NUMA node of the command line. */
export interface QemuNode {
  readonly id: number;
  readonly memoryBytes: bigint;
  readonly hasCpu: boolean;
  /** Named by a generic initiator. */
  readonly hasInitiator: boolean;
  /** The initiator that its memory is attached to; null when none was named. */
  readonly initiator: number | null;
}

/** A generic initiator or generic port, in the order of the tables. */
export interface QemuAffinityObject {
  readonly id: string;
  readonly node: number;
  /** The id of the PCI device, or of the CXL host bridge. */
  readonly target: string;
  readonly option: QemuOption;
}

/** Memory that is plugged into the window for it. */
export interface QemuMemoryDevice {
  readonly id: string | null;
  readonly kind: "pc-dimm" | "nvdimm" | "sp-mem" | "virtio-mem" | "virtio-pmem";
  readonly node: number;
  readonly base: bigint;
  readonly sizeBytes: bigint;
}

/** The window in which memory devices lie. */
export interface QemuMemoryWindow {
  readonly base: bigint;
  readonly sizeBytes: bigint;
}

/** One number of a latency or bandwidth matrix. */
export interface QemuPerformance {
  readonly hierarchy: number;
  /** An index of HMAT_DATA_TYPES. */
  readonly dataType: number;
  readonly initiator: number;
  readonly target: number;
  /** Nanoseconds, or bytes per second. */
  readonly value: bigint;
}

/** A cache in front of a node's memory. */
export interface QemuCache {
  readonly node: number;
  readonly level: number;
  readonly sizeBytes: bigint;
  /** 0 none, 1 direct, 2 complex. */
  readonly associativity: number;
  /** 0 none, 1 write-back, 2 write-through. */
  readonly policy: number;
  readonly lineBytes: number;
}

/** A CXL host bridge, in the order of the tables. */
export interface QemuCxlBridge {
  readonly id: string;
  /** Its bus number. */
  readonly uid: number;
  readonly base: bigint;
}

/** A fixed window of CXL memory. */
export interface QemuCxlWindow {
  readonly base: bigint;
  readonly sizeBytes: bigint;
  readonly granularityBytes: number;
  /** Numbers of the host bridges. */
  readonly targets: readonly number[];
}

/** CXL host bridges and windows. */
export interface QemuCxl {
  readonly bridges: readonly QemuCxlBridge[];
  readonly windows: readonly QemuCxlWindow[];
}

/** The machine. */
export interface QemuMachine {
  readonly type: QemuMachineType;
  /** Whether tables are built at all. */
  readonly hasAcpi: boolean;
  readonly hasHmat: boolean;
  readonly ramBytes: bigint;
  readonly cpus: readonly QemuCpu[];
  /** In the order of their ids; empty when the machine has no NUMA. */
  readonly nodes: readonly QemuNode[];
  /** Complete, or null when none was given. */
  readonly distances: readonly (readonly number[])[] | null;
  readonly performance: readonly QemuPerformance[];
  readonly caches: readonly QemuCache[];
  readonly initiators: readonly QemuAffinityObject[];
  readonly ports: readonly QemuAffinityObject[];
  readonly functions: readonly PciFunction[];
  readonly memoryWindow: QemuMemoryWindow | null;
  readonly memoryDevices: readonly QemuMemoryDevice[];
  /** Null when CXL is off. */
  readonly cxl: QemuCxl | null;
}
