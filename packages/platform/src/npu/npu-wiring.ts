// NVLink2 wiring of a POWER9 machine as plain data: which GPU is on which links of which NPU of
// which chip, with the addresses that belong to it.

/**
 * How far firmware had come with the tree: `firmware` has links and slots, `host` the bridges and
 * GPUs that skiboot made of them, `guest` is the pseries machine of a QEMU up to 7.2.
 */
export type NpuStage = "firmware" | "host" | "guest";

/** The board, by how many GPUs an NPU has: 2 on Redbud, 3 on Sequoia. */
export type NpuBoard = "redbud" | "sequoia";

/** The wiring of one machine. */
export interface NpuWiring {
  readonly stage: NpuStage;
  /** Null where the number of groups fits no known board, and in a guest. */
  readonly board: NpuBoard | null;
  readonly model: string | null;
  readonly npus: readonly NpuUnit[];
  readonly gpus: readonly NpuGpu[];
  /** System memory and GPU memory, in the order of the tree. */
  readonly memory: readonly MemoryWindow[];
}

/** One NPU with its emulated PCI host bridge. */
export interface NpuUnit {
  /** Path of the host bridge; of the NPU itself while firmware has made none. */
  readonly path: string;
  /** Physical id of the chip it is on; a guest does not know. */
  readonly chip: number | null;
  readonly index: number | null;
  readonly links: readonly NpuLink[];
  /** Paths of the emulated bridges, in the order of their functions. */
  readonly bridges: readonly string[];
  /** Addresses of the ATSD launch registers. */
  readonly atsd: readonly bigint[];
}

/** One link of an NPU. */
export interface NpuLink {
  readonly path: string;
  /** Number on its NPU, 0 to 5. */
  readonly index: number;
  /** Links of one GPU are a group; null for a link that leads nowhere. */
  readonly group: number | null;
  readonly slotLabel: string | null;
  readonly laneMask: number | null;
  readonly brick: number | null;
  /** Gigabytes per second in one direction. */
  readonly gigabytesPerSecond: number;
}

/** One end of a link, seen from the GPU. */
export interface NpuBridge {
  /** Null while firmware has made no bridge. */
  readonly path: string | null;
  readonly linkIndex: number;
  /** The register that invalidates translations over this link. */
  readonly atsd: bigint | null;
  readonly speedCode: number | null;
}

/** What a GPU's own link leads to. */
export type GpuLinkEnd =
  | { readonly to: "cpu"; readonly linkIndex: number }
  | { readonly to: "gpu"; readonly path: string; readonly name: string }
  | { readonly to: "nothing" };

/** One GPU. */
export interface NpuGpu {
  /** Its slot label, or a name by position where it has none. */
  readonly name: string;
  readonly label: string | null;
  /** Null while firmware has not found it on PCI. */
  readonly path: string | null;
  /** Its NPU, by position in `npus`. */
  readonly npu: number;
  readonly chip: number | null;
  readonly bridges: readonly NpuBridge[];
  readonly memory: GpuMemory | null;
  /** By the GPU's own link numbers; null: the tree does not say, which is not the same as none. */
  readonly links: readonly GpuLinkEnd[] | null;
  /** Gigabytes per second to the CPU in one direction, all links together. */
  readonly cpuGigabytesPerSecond: number;
}

/** The window through which the CPUs reach a GPU's memory; larger than the memory. */
export interface GpuMemory {
  readonly path: string;
  readonly base: bigint;
  readonly windowBytes: bigint;
  /** The address by which the GPU itself knows the window. */
  readonly tgt: bigint;
  readonly numaId: number | null;
}

/** One memory node. */
export interface MemoryWindow {
  readonly path: string;
  readonly kind: "system" | "gpu";
  readonly base: bigint;
  readonly sizeBytes: bigint;
  readonly numaId: number | null;
  readonly chip: number | null;
}
