// One open device of a NIC: its translation table for one address space, the slots behind it, and
// what it has counted.
import type { DmaAddress, MmStruct, PciDev } from "@faultline/core";
import {
  type AttachedDevice,
  type DeviceSystem,
  HMM_PFN_VALID,
  type Path,
} from "@faultline/engine";
import { DeviceMirror, type DmaMapper } from "../device/device-mirror.ts";
import { createOdpCounters, type OdpCounters } from "./odp-counters.ts";
import type { OdpKnobs } from "./odp-knobs.ts";
import { UmemOdp } from "./umem-odp.ts";
import { countUmrZaps } from "./umr-zaps.ts";

/** Slots for each function of the device that issues accesses: a requester has IOVAs of its own. */
export class OdpSlots implements DmaMapper {
  readonly isBySlot = true;
  private readonly system: DeviceSystem;
  private readonly childPages: number;
  private readonly counters: OdpCounters;
  private readonly byInitiator = new Map<PciDev, UmemOdp>();
  /** HMM_PFN_* that HMM reported for the page about to be mapped. */
  reported: number = HMM_PFN_VALID;

  constructor(system: DeviceSystem, childPages: number, counters: OdpCounters) {
    this.system = system;
    this.childPages = childPages;
    this.counters = counters;
  }

  /** Slots that are mapped now. */
  get nrMapped(): number {
    return [...this.byInitiator.values()].reduce((sum, umem) => sum + umem.nrMapped, 0);
  }

  /**
   * Whether a child covers part of `[start, end)`: it has a notifier, and its callback a mutex.
   * @kernelpart drivers/infiniband/hw/mlx5/odp.c mlx5_ib_invalidate_range (v7.2) what it refuses
   */
  hasChildIn(start: number, end: number): boolean {
    return [...this.byInitiator.values()].some((umem) => umem.hasChildIn(start, end));
  }

  map(page: number, path: Path): DmaAddress | null {
    if (path.initiator === null) return null;
    for (const [initiator, umem] of this.byInitiator) {
      if (initiator !== path.initiator) umem.unmapPage(page, path.pfn);
    }
    return this.umem(path.initiator).mapPage(page, this.reported, path.pfn);
  }

  unmap(page: number, pfn: number): void {
    for (const umem of this.byInitiator.values()) if (umem.unmapPage(page, pfn)) return;
  }

  address(page: number, pfn: number): DmaAddress | null {
    for (const umem of this.byInitiator.values()) {
      const address = umem.address(page, pfn);
      if (address !== null) return address;
    }
    return null;
  }

  /** HMM_PFN_* of a slot, sticky flags included. */
  flags(page: number): number {
    for (const umem of this.byInitiator.values()) {
      const flags = umem.flags(page);
      if (flags !== 0) return flags;
    }
    return 0;
  }

  private umem(initiator: PciDev): UmemOdp {
    const known = this.byInitiator.get(initiator);
    if (known !== undefined) return known;
    const umem = new UmemOdp(this.system, initiator.dev, this.childPages, this.counters);
    this.byInitiator.set(initiator, umem);
    return umem;
  }
}

/** What a NIC keeps for one address space. */
export interface OdpRegion {
  readonly mirror: DeviceMirror;
  readonly slots: OdpSlots;
  readonly counters: OdpCounters;
  readonly knobs: OdpKnobs;
}

/** Registers the whole address space, as an implicit region does. */
export function createOdpRegion(
  system: DeviceSystem,
  attached: AttachedDevice,
  mm: MmStruct,
  knobs: OdpKnobs,
): OdpRegion {
  const counters = createOdpCounters();
  const slots = new OdpSlots(system, knobs["odp.childPages"], counters);
  const mirror: DeviceMirror = new DeviceMirror(
    system,
    attached,
    mm,
    ({ start, end }) => {
      counters.page_invalidations++;
      const zaps = countUmrZaps(mirror, start, end, knobs["odp.umrAlignment"]);
      counters.umr_zaps += zaps.nrUpdates;
      counters.umr_zapped_entries += zaps.nrEntries;
      counters.page_invalidations_handled++;
    },
    slots,
  );
  mirror.notifier.needsToBlock = ({ start, end }) => slots.hasChildIn(start, end);
  return { mirror, slots, counters, knobs };
}
