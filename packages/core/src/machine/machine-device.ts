// A device of a machine: one or several PCI functions that issue its DMA, memory of its own, and
// how much of that memory a BAR shows. What the kernel spreads over struct pci_dev and drivers.
import type { DmaSpace } from "../pci/dma-address.ts";
import type { PciBar } from "../pci/pci-bar.ts";
import type { PciDev } from "../pci/pci-dev.ts";

/** What a device is for. */
export type MachineDeviceKind = "gpu" | "nic" | "accelerator";

/** Every kind. */
export const MACHINE_DEVICE_KINDS: readonly MachineDeviceKind[] = ["gpu", "nic", "accelerator"];

/** Memory on a device. */
export interface DeviceMemorySpec {
  readonly sizeBytes: bigint;
  /** The BAR that shows it from its first byte on; a BAR smaller than the memory shows a part. */
  readonly window: { readonly fn: PciDev; readonly bar: PciBar } | null;
  /** The CPUs reach it coherently over a link, as they reach their own memory. */
  readonly isCpuCoherent: boolean;
  /**
   * The NUMA node that it is, where the kernel has onlined it as system memory: it then has no
   * dev_pagemap, and any process may be given pages of it. @defaultValue undefined: device memory
   */
  readonly node?: number;
}

/** What a device is made from. */
export interface MachineDeviceSpec {
  readonly name: string;
  readonly kind: MachineDeviceKind;
  /** The functions that issue its DMA; a socket-direct NIC has several. Empty beside PCI. */
  readonly initiators: readonly PciDev[];
  /** @defaultValue null: none */
  readonly memory?: DeviceMemorySpec | null;
  /** Sizes its page table can map, in bytes, smallest first. @defaultValue 4 KiB */
  readonly pageSizesBytes?: readonly number[];
  /** The hive it is in, for XGMI; null for none. @defaultValue null */
  readonly hive?: string | null;
  /** The card it is a part of: two dies of one card share it. @defaultValue its own name */
  readonly card?: string;
  /** NUMA node it is nearest to, -1 for none. @defaultValue -1 */
  readonly node?: number;
}

const SMALL_PAGE_BYTES = 4096;

/** One device. */
export class MachineDevice {
  readonly name: string;
  readonly kind: MachineDeviceKind;
  readonly initiators: readonly PciDev[];
  readonly memory: DeviceMemorySpec | null;
  readonly pageSizesBytes: readonly number[];
  readonly hive: string | null;
  readonly card: string;
  readonly node: number;
  /** Position in the machine's list. */
  readonly index: number;
  /** Addresses in its own memory. */
  readonly space: DmaSpace;

  constructor(spec: MachineDeviceSpec, index: number) {
    this.name = spec.name;
    this.kind = spec.kind;
    this.initiators = spec.initiators;
    this.memory = spec.memory ?? null;
    this.pageSizesBytes = spec.pageSizesBytes ?? [SMALL_PAGE_BYTES];
    this.hive = spec.hive ?? null;
    this.card = spec.card ?? spec.name;
    this.node = spec.node ?? -1;
    this.index = index;
    this.space = { kind: "local", name: `memory of ${spec.name}` };
  }

  /** Bytes of its memory that its BAR shows; 0 without memory or BAR. */
  get visibleBytes(): bigint {
    if (this.memory === null || this.memory.window === null) return 0n;
    const { sizeBytes, window } = this.memory;
    return window.bar.sizeBytes < sizeBytes ? window.bar.sizeBytes : sizeBytes;
  }
}
