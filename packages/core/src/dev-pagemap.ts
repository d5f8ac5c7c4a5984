// struct dev_pagemap: device memory with page frames. Mirrors include/linux/memremap.h.
import type { OwnerSpace } from "./owner-space.ts";
import type { DmaDevice } from "./pci/dma-device.ts";
import type { P2pdmaProvider } from "./pci/pci-p2pdma.ts";

/** Memory that no CPU can reach; a CPU access brings the page back. */
export const MEMORY_DEVICE_PRIVATE = "MEMORY_DEVICE_PRIVATE";
/** Memory that CPUs and the device reach alike, and that can be migrated. */
export const MEMORY_DEVICE_COHERENT = "MEMORY_DEVICE_COHERENT";
/** Memory behind a PCI BAR, for DMA between devices. */
export const MEMORY_DEVICE_PCI_P2PDMA = "MEMORY_DEVICE_PCI_P2PDMA";

/** The kinds of device memory that have page frames. */
export type MemoryType =
  | typeof MEMORY_DEVICE_PRIVATE
  | typeof MEMORY_DEVICE_COHERENT
  | typeof MEMORY_DEVICE_PCI_P2PDMA;

/**
 * What the driver does for its pages. `Fault` is the engine's description of a CPU fault; core does
 * not know it, so the engine gives the type.
 */
export interface DevPagemapOps<Fault = unknown> {
  /** `migrate_to_ram`: brings the faulting folio to system memory. Returns VM_FAULT_* bits. */
  migrateToRam(fault: Fault): number;
  /** `folio_free`: the last reference of a device folio is gone. */
  folioFree(head: number, order: number): void;
  /**
   * Not in 7.2: the frame of the P2P page that shows the same memory as a device-private one.
   * @param requester who wants to reach it; only the target-aware design tells.
   * @returns its pfn, or a negative errno when the page has no alias.
   */
  getDmaPfnForDevice?(pfn: number, requester: DmaDevice | null): number;
  /** `folio_split`: a device folio of `2^order` pages was cut into single pages. */
  folioSplit?(head: number, order: number): void;
}

/** Device memory of one kind and owner. Its frames are whole chunks of the world's frame table. */
export class DevPagemap {
  readonly type: MemoryType;
  readonly owner: OwnerSpace;
  /** Index of the device in the world's list. */
  readonly device: number;
  ops: DevPagemapOps;
  /** For MEMORY_DEVICE_PCI_P2PDMA: the BAR whose pages these are. */
  readonly provider: P2pdmaProvider | null;
  /**
   * The address space that its addresses belong to, apart from who owns it: an idea of the 2024
   * discussion that the design `owner.matchOn` tries. By default the owner.
   */
  space: OwnerSpace;

  constructor(
    type: MemoryType,
    owner: OwnerSpace,
    device: number,
    ops: DevPagemapOps,
    provider: P2pdmaProvider | null = null,
  ) {
    this.type = type;
    this.owner = owner;
    this.device = device;
    this.ops = ops;
    this.provider = provider;
    this.space = owner;
  }
}
