// A GPU's memory in the units in which it is evicted: for the module's own policy root chunks of
// 2 MiB, least recently allocated first (uvm_pmm_gpu.c). A unit goes whole, whoever its pages
// belong to.
import type { AttachedDevice, DeviceSystem } from "@faultline/engine";
import { takeDeviceFolio } from "../device/device-folio.ts";
import { foliosInUse } from "../device/folios-in-use.ts";
import {
  type EvictionOrder,
  type EvictionPolicy,
  UVM_EVICTION_POLICIES,
} from "./eviction-policy.ts";

/** Consecutive frames. */
export interface FrameRegion {
  readonly first: number;
  readonly nrPages: number;
}

/** The units of one GPU that hold pages. */
export class GpuChunks {
  /** Of a unit. */
  readonly nrPages: number;
  private readonly system: DeviceSystem;
  private readonly order: EvictionOrder;
  private readonly treePages: number;
  /** Pages in use, by the unit's first frame. */
  private readonly used = new Map<number, number>();

  /** @param policy a policy, or a name of `UVM_EVICTION_POLICIES`. */
  constructor(system: DeviceSystem, policy: string | EvictionPolicy) {
    const known = typeof policy === "string" ? UVM_EVICTION_POLICIES[policy] : policy;
    const { unitShift, order, isTree } = known ?? DEFAULT;
    const { pageShift } = system.world.geometry;
    this.system = system;
    this.order = order();
    this.nrPages = 1 << Math.max(0, unitShift - pageShift);
    this.treePages = isTree === true ? 1 << (ROOT_CHUNK_SHIFT - pageShift) : 0;
  }

  /** Takes a folio from the device; 0 when it has none. */
  take(attached: AttachedDevice, order: number): number {
    const head = takeDeviceFolio(this.system, attached, order);
    if (head === 0) return 0;
    this.count(head, order, 1);
    return head;
  }

  /** A folio has been freed. */
  freed(head: number, order: number): void {
    this.count(head, order, -1);
  }

  /** A fault on a frame was served. */
  touched(pfn: number): void {
    this.order.used(this.chunkOf(pfn));
  }

  /**
   * What should go so that at least `nrPages` are free, as far as there is anything.
   * @param kept units that stay.
   */
  victims(nrPages: number, kept: ReadonlySet<number>): FrameRegion[] {
    const regions: FrameRegion[] = [];
    const chosen = new Set<number>();
    let nrFreed = 0;
    for (const unit of this.order.inOrder()) {
      if (nrFreed >= nrPages) break;
      if (kept.has(unit) || chosen.has(unit)) continue;
      const region = this.grown(unit, kept, chosen);
      regions.push(region);
      for (let at = region.first; at < region.first + region.nrPages; at += this.nrPages) {
        if (!chosen.has(at)) nrFreed += this.used.get(at) ?? 0;
        chosen.add(at);
      }
    }
    return regions;
  }

  /** The folios of a region that are in use, by their first frames. */
  foliosOf({ first, nrPages }: FrameRegion): number[] {
    return foliosInUse(this.system.world, first, nrPages);
  }

  /** The region with all of the folios that are partly in it, which leave whole. */
  withWholeFolios({ first, nrPages }: FrameRegion): FrameRegion {
    const { frames } = this.system.world;
    const start = frames.head(first);
    const lastHead = frames.head(first + nrPages - 1);
    const end = Math.max(first + nrPages, lastHead + (1 << frames.order(lastHead)));
    return { first: start, nrPages: end - start };
  }

  /** The unit that holds a frame, by its first frame. */
  chunkOf(pfn: number): number {
    return pfn - (pfn % this.nrPages);
  }

  /** The largest subtree around a unit of which less than half would be left without it. */
  private grown(unit: number, kept: ReadonlySet<number>, chosen: ReadonlySet<number>): FrameRegion {
    let best = { first: unit, nrPages: this.nrPages };
    for (let size = this.nrPages * 2; size <= this.treePages; size *= 2) {
      const first = unit - (unit % size);
      const isGone = (at: number): boolean => {
        return chosen.has(at) || (at >= best.first && at < best.first + best.nrPages);
      };
      let nrLeft = 0;
      let holdsKept = false;
      for (let at = first; at < first + size; at += this.nrPages) {
        holdsKept ||= kept.has(at);
        if (!isGone(at)) nrLeft += this.used.get(at) ?? 0;
      }
      if (holdsKept) break;
      if (nrLeft * 2 < size) best = { first, nrPages: size };
    }
    return best;
  }

  /** Counts the pages of a folio in (1) or out (-1), in each unit that it touches. */
  private count(head: number, order: number, change: 1 | -1): void {
    const end = head + (1 << order);
    for (let at = head; at < end; ) {
      const first = this.chunkOf(at);
      const next = Math.min(end, first + this.nrPages);
      const before = this.used.get(first) ?? 0;
      const after = before + change * (next - at);
      if (before === 0 && after > 0) this.order.added(first);
      if (after > 0) this.used.set(first, after);
      else if (this.used.delete(first)) this.order.removed(first);
      at = next;
    }
  }
}

const ROOT_CHUNK_SHIFT = 21;
const DEFAULT = UVM_EVICTION_POLICIES["allocation-2m"] as (typeof UVM_EVICTION_POLICIES)[string];
