// The pages of one memory region that a NIC faults on demand: what HMM said about each slot, and
// its DMA address. Mirrors drivers/infiniband/core/umem_odp.c. A region of one address space is a
// parent with children, made on first touch; each child reserves its IOVAs whole.
import { type DmaAddress, type DmaDevice, FRAME_DIRTY } from "@faultline/core";
import {
  createP2pdmaMapState,
  type DeviceSystem,
  HMM_PFN_DMA_MAPPED,
  HMM_PFN_P2PDMA_BUS,
  HMM_PFN_VALID,
  HMM_PFN_WRITE,
  HmmDmaMap,
  hmmDmaMapAlloc,
  hmmDmaMapFree,
  hmmDmaMapPfn,
  hmmDmaUnmapPfn,
} from "@faultline/engine";

import type { OdpCounters } from "./odp-counters.ts";

/** One child. */
interface Child {
  readonly map: HmmDmaMap;
  /** Bus addresses, which the map does not keep. */
  readonly busAddresses: Map<number, DmaAddress>;
  nrMapped: number;
}

/** The slots of an implicit region of one address space. */
export class UmemOdp {
  private readonly system: DeviceSystem;
  private readonly dev: DmaDevice;
  private readonly childPages: number;
  private readonly counters: OdpCounters;
  private readonly children = new Map<number, Child>();

  constructor(system: DeviceSystem, dev: DmaDevice, childPages: number, counters: OdpCounters) {
    this.system = system;
    this.dev = dev;
    this.childPages = childPages;
    this.counters = counters;
  }

  /** Children that exist now. */
  get nrChildren(): number {
    return this.children.size;
  }

  /** Whether a child covers part of `[start, end)`. */
  hasChildIn(start: number, end: number): boolean {
    const { childPages } = this;
    return [...this.children.keys()].some(
      (child) => child * childPages < end && (child + 1) * childPages > start,
    );
  }

  /** Slots that are mapped now. */
  get nrMapped(): number {
    return [...this.children.values()].reduce((sum, child) => sum + child.nrMapped, 0);
  }

  /** HMM_PFN_* of a slot: the sticky flags and what was reported last. */
  flags(page: number): number {
    return this.children.get(this.childOf(page))?.map.flags[page % this.childPages] ?? 0;
  }

  /**
   * Gives a slot the frame that HMM reported and maps it. A slot that is mapped keeps its address,
   * so that a read mapping becomes writable without a new one.
   * @param reported HMM_PFN_* without sticky flags.
   * @returns the address, or null for DMA_MAPPING_ERROR.
   */
  mapPage(page: number, reported: number, pfn: number): DmaAddress | null {
    const child = this.child(page);
    if (child === null) return null;
    const slot = page % this.childPages;
    const { flags } = child.map;
    const wasMapped = ((flags[slot] as number) & HMM_PFN_DMA_MAPPED) !== 0;
    flags[slot] = (flags[slot] as number) | reported;
    const { machine } = this.system;
    const dmaPage = this.system.dmaPageOf(pfn);
    const state = createP2pdmaMapState();
    const address = hmmDmaMapPfn(machine.pci, this.dev, child.map, slot, dmaPage, state);
    if (address === null) {
      if (!wasMapped) flags[slot] = 0;
      return null;
    }
    const isBus = ((flags[slot] ?? 0) & HMM_PFN_P2PDMA_BUS) !== 0;
    if (isBus) child.busAddresses.set(slot, address);
    if (wasMapped) return address;
    child.nrMapped++;
    const isAlone = child.map.iova === null && address.space === this.dev.iommu?.space;
    if (isAlone) this.counters.iova_reservations++;
    return address;
  }

  /**
   * Undoes a slot's mapping, and says that a page is dirty which could be written; an empty child
   * goes.
   * @returns false when the slot was not mapped here.
   * @kernelpart drivers/infiniband/core/umem_odp.c ib_umem_odp_unmap_dma_pages (v7.2) one slot
   */
  unmapPage(page: number, pfn: number): boolean {
    const key = this.childOf(page);
    const child = this.children.get(key);
    if (child === undefined) return false;
    const slot = page % this.childPages;
    const wasWritable = ((child.map.flags[slot] as number) & HMM_PFN_WRITE) !== 0;
    if (!hmmDmaUnmapPfn(this.system.machine.pci, this.dev, child.map, slot)) return false;
    const { frames } = this.system.world;
    const isSystem = this.system.holderOf(pfn) === null;
    if (wasWritable && isSystem) frames.addFlags(frames.head(pfn), FRAME_DIRTY);
    child.map.flags[slot] = 0;
    child.busAddresses.delete(slot);
    child.nrMapped--;
    if (child.nrMapped > 0) return true;
    hmmDmaMapFree(this.dev, child.map);
    this.children.delete(key);
    this.counters.children_freed++;
    return true;
  }

  /** The address of a mapped slot that holds `pfn`; null where none is mapped. */
  address(page: number, pfn: number): DmaAddress | null {
    const child = this.children.get(this.childOf(page));
    const slot = page % this.childPages;
    const flags = child?.map.flags[slot] ?? 0;
    if (child === undefined || (flags & HMM_PFN_VALID) === 0) return null;
    if ((flags & HMM_PFN_DMA_MAPPED) === 0) return null;
    const { iova, addresses } = child.map;
    if ((flags & HMM_PFN_P2PDMA_BUS) !== 0) return child.busAddresses.get(slot) ?? null;
    const domain = this.dev.iommu;
    if (iova !== null && domain !== null) return { space: domain.space, page: iova.start + slot };
    if (addresses !== null) return addresses[slot] ?? null;
    // Where nothing has to be undone nothing is kept: the address is the physical one.
    const { machine } = this.system;
    return { space: machine.pci.physical, page: this.system.dmaPageOf(pfn).pfn };
  }

  private childOf(page: number): number {
    return (page - (page % this.childPages)) / this.childPages;
  }

  /**
   * The child that holds a page; null when the device would have to bounce.
   * @kernel drivers/infiniband/core/umem_odp.c ib_umem_odp_alloc_child (v7.2)
   */
  private child(page: number): Child | null {
    const key = this.childOf(page);
    const known = this.children.get(key);
    if (known !== undefined) return known;
    const flags = new Uint32Array(this.childPages);
    const usesIova = this.system.world.designs["dma.twoStep"] === "on";
    const map = usesIova
      ? hmmDmaMapAlloc(this.system.machine.pci, this.dev, flags)
      : new HmmDmaMap(flags, null, true);
    if (typeof map === "number") return null;
    const child = { map, busAddresses: new Map<number, DmaAddress>(), nrMapped: 0 };
    this.children.set(key, child);
    this.counters.children_allocated++;
    if (map.iova !== null) this.counters.iova_reservations++;
    return child;
  }
}
