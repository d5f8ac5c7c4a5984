// On-demand paging of a NIC: mlx5 as Linux 7.2 has it, with the posted P2P series as a switch. The
// NIC has no memory of its own, and its owner is NULL: every device-private page is foreign to it.
import {
  createOwnerSpace,
  EAGAIN,
  EFAULT,
  EINVAL,
  EIO,
  EOPNOTSUPP,
  EPERM,
  type MachineDevice,
  type MmStruct,
  type TaskStruct,
  VM_WRITE,
} from "@faultline/core";
import {
  type AttachedDevice,
  type DeviceSystem,
  ODP_PATHS,
  type PathPolicy,
  pathPolicy,
  runToCompletion,
  type Verb,
} from "@faultline/engine";
import { attachMemory } from "../device/attach-memory.ts";
import type { DeviceMirror } from "../device/device-mirror.ts";
import type {
  DeviceAccessKind,
  DeviceAdvice,
  DeviceStack,
  PageRange,
} from "../device/device-stack.ts";
import { isMappedThroughout } from "../device/is-mapped-throughout.ts";
import type { StackHost } from "../device/stack-host.ts";
import { createOdpCounters, type OdpCounters } from "./odp-counters.ts";
import { OdpEventQueue } from "./odp-event-queue.ts";
import { type OdpKnobs, odpKnobs } from "./odp-knobs.ts";
import { createOdpRegion, type OdpRegion } from "./odp-mirror.ts";
import { type OdpFaultPlan, planOdpFault } from "./odp-schemes.ts";
import { pagefaultRealMr } from "./pagefault-real-mr.ts";
import { RnrTimer } from "./rnr-timer.ts";
import { countWqe } from "./wqe-subtype.ts";

const PS_PER_MS = 1_000_000_000;

/** The driver bound to one NIC. */
export class OdpStack implements DeviceStack {
  readonly name = "odp";
  readonly system: DeviceSystem;
  readonly host: StackHost;
  readonly attached: AttachedDevice;
  readonly paths: PathPolicy;
  readonly knobs: OdpKnobs;
  readonly events: OdpEventQueue;
  /** @internal */
  readonly rnr: RnrTimer;
  private readonly regions = new Map<MmStruct, OdpRegion>();
  /** What regions had counted that are closed. */
  private readonly closed: OdpCounters = createOdpCounters();

  constructor(
    system: DeviceSystem,
    host: StackHost,
    device: MachineDevice,
    knobs: Partial<OdpKnobs> = {},
  ) {
    this.system = system;
    this.host = host;
    this.knobs = odpKnobs(knobs);
    this.paths = pathPolicy(system.world.designs, ODP_PATHS);
    const {
      "odp.eqEntries": entries,
      "odp.recordPool": records,
      "odp.workers": workers,
    } = this.knobs;
    this.events = new OdpEventQueue({ entries, records, workers });
    this.rnr = new RnrTimer(this.knobs);
    const owner = createOwnerSpace(`${device.name}, which owns nothing`);
    this.attached = attachMemory(system, device, { owner, migrateToRam: () => 0 });
  }

  open(mm: MmStruct): DeviceMirror {
    return this.region(mm).mirror;
  }

  close(mirror: DeviceMirror): void {
    const region = this.regions.get(mirror.mm);
    const counted = Object.entries(region?.counters ?? {}) as [keyof OdpCounters, number][];
    for (const [name, count] of counted) this.closed[name] += count;
    this.regions.delete(mirror.mm);
    mirror.close();
  }

  /** What the NIC keeps for an address space: slots, flags and counters. */
  region(mm: MmStruct): OdpRegion {
    const known = this.regions.get(mm);
    if (known !== undefined) return known;
    const region = createOdpRegion(this.system, this.attached, mm, this.knobs);
    this.regions.set(mm, region);
    return region;
  }

  /**
   * The events that one fault raises, one for each queue pair that runs into the page.
   * @kernelpart drivers/infiniband/hw/mlx5/odp.c mlx5_ib_pfault (v7.2) the handler by event type
   */
  *fault(
    mirror: DeviceMirror,
    task: TaskStruct,
    page: number,
    access: DeviceAccessKind,
    nrLeft = 1,
  ): Verb {
    const region = this.region(mirror.mm);
    if (mirror.isStopped) {
      region.counters.qp_flushed++;
      return -EIO;
    }
    const { "odp.faultingQps": nrQps, "odp.scheme": scheme } = this.knobs;
    this.events.arrive(nrQps * (scheme === "memory" ? this.knobs["odp.memoryEvents"] : 1));
    const pageBytes = 1 << this.system.world.geometry.pageShift;
    const plan = planOdpFault(this.knobs, page, nrLeft, pageBytes);
    let result = this.rnr.refuse();
    const isRefused = this.isRefused(region, page, access);
    for (let n = 0; n < nrQps; n++) {
      if (scheme === "wqe") countWqe(region.counters, this.knobs["odp.wqeSide"], access);
      const rc = isRefused ? -EPERM : Math.min(0, yield* this.serve(region, task, plan));
      this.resume(region, rc);
      // A race is no error: the device goes on, and faults again.
      if (rc !== 0 && rc !== -EAGAIN) result = rc;
      else if (plan.speculative !== null && rc === 0) {
        yield* this.map(region, task, plan.speculative, {});
      }
    }
    if (result !== 0) this.endQueuePair(mirror);
    return result;
  }

  /** The requester sends again when its timer says so, not when the fault is served. */
  triesAgainAfter(mirror: DeviceMirror, waitedPs: number): number {
    const waits = this.rnr.sendsAgainAfter(waitedPs);
    if (waits < 0) this.endQueuePair(mirror);
    return waits;
  }

  /** A queue pair in error state does nothing until its program sets it up anew. */
  private endQueuePair(mirror: DeviceMirror): void {
    mirror.isStopped = !this.knobs["odp.reconnects"];
  }

  /** Whether the region's rights, or the receive queue, forbid the access. */
  private isRefused({ mirror }: OdpRegion, page: number, access: DeviceAccessKind): boolean {
    const isReceiver = this.knobs["odp.wqeSide"] === "responder";
    if (access === "read") return isReceiver && this.knobs["odp.scheme"] === "wqe";
    const vma = mirror.mm.vmaAt(page);
    return vma !== null && (vma.vmFlags & VM_WRITE) === 0;
  }

  /**
   * Answers an event.
   * @kernelpart drivers/infiniband/hw/mlx5/odp.c mlx5_ib_page_fault_resume (v7.2) what it counts
   */
  private resume({ counters }: OdpRegion, rc: number): void {
    counters.page_faults++;
    if (rc === 0) counters.page_faults_handled++;
    counters.page_fault_resumes++;
    if (rc !== 0 && rc !== -EAGAIN) counters.page_fault_resume_errors++;
  }

  /** IB_UVERBS_ADVISE_MR_ADVICE_PREFETCH. */
  *prefetch(mirror: DeviceMirror, task: TaskStruct, range: PageRange): Verb {
    return yield* this.advise(mirror, task, range, { prefetch: "read" });
  }

  /** A NIC holds no pages. */
  *evict(): Verb {
    return 0;
  }

  /**
   * Prefetch advice: for reading, entries without the right to write; for writing; or of what is
   * present only, with everything else skipped. Without `flush` a worker does it, and nobody hears
   * how it went.
   * @kernelpart drivers/infiniband/hw/mlx5/odp.c mlx5_ib_advise_mr_prefetch (v7.2) one region
   */
  *advise(
    mirror: DeviceMirror,
    task: TaskStruct,
    range: PageRange,
    { prefetch, flush = true, ...others }: DeviceAdvice,
  ): Verb {
    if (prefetch === undefined || Object.keys(others).length > 0) return -EINVAL;
    const region = this.region(mirror.mm);
    const vma = mirror.mm.vmaAt(range.start);
    if (prefetch === "write" && vma !== null && (vma.vmFlags & VM_WRITE) === 0) return -EPERM;
    region.counters.page_prefetch++;
    const how = { downgrade: prefetch === "read", snapshot: prefetch === "no_fault" };
    if (flush) return Math.min(0, yield* this.map(region, task, range, how));
    region.counters.prefetch_work++;
    this.host.timer(0, () => {
      const isOpen = this.regions.get(mirror.mm) === region && mirror.mm.isAlive;
      if (isOpen) runToCompletion(this.map(region, task, range, how));
    });
    return 0;
  }

  /** Asking a NIC to pull memory makes no sense. */
  *pullFor(): Verb {
    return -EOPNOTSUPP;
  }

  /** The counters of all regions together, closed ones among them, and of the event queue. */
  counters(): ReadonlyMap<string, number> {
    const sums = new Map(Object.entries(this.closed));
    for (const { counters } of this.regions.values()) {
      for (const [name, count] of Object.entries(counters)) {
        sums.set(name, (sums.get(name) ?? 0) + count);
      }
    }
    const ofDevice = [
      ...Object.entries(this.events.counters),
      ...Object.entries(this.rnr.counters),
    ];
    return new Map([...sums, ...ofDevice]);
  }

  /**
   * Maps what an event demands: all of it, or the device may not go on. Mostly that is one part,
   * which needs no verb around its own.
   * @returns a negative errno when it may not.
   */
  private serve(region: OdpRegion, task: TaskStruct, plan: OdpFaultPlan): Verb {
    const { permissive, demanded } = plan;
    const first = demanded[0];
    const isDeep = this.keyIsTooDeep();
    if (first === undefined || demanded.length > 1 || permissive !== null || isDeep) {
      return this.serveParts(region, task, plan);
    }
    return this.map(region, task, first, {});
  }

  private *serveParts(region: OdpRegion, task: TaskStruct, plan: OdpFaultPlan): Verb {
    const { permissive, demanded } = plan;
    if (this.keyIsTooDeep()) return -EFAULT;
    if (permissive !== null && isMappedThroughout(region.mirror.mm, permissive)) {
      const rc = yield* this.map(region, task, permissive, {});
      if (rc >= 0) return 0;
    }
    for (const part of demanded) {
      const rc = yield* this.map(region, task, part, {});
      if (rc < 0) return rc;
    }
    return 0;
  }

  private keyIsTooDeep(): boolean {
    const { "odp.scheme": scheme, "odp.keyDepth": depth, "odp.keyDepthMax": most } = this.knobs;
    return scheme !== "memory" && depth > most;
  }

  /** VMA by VMA, and child by child; a gap ends it with -EFAULT. */
  private map(region: OdpRegion, task: TaskStruct, range: PageRange, flags: MapFlags): Verb {
    const { start, nrPages } = range;
    const isOne = this.endOfPart(region, start, start + nrPages) === start + nrPages;
    return isOne && nrPages > 0
      ? this.mapPart(region, task, start, start + nrPages, flags)
      : this.mapParts(region, task, range, flags);
  }

  private *mapParts(
    region: OdpRegion,
    task: TaskStruct,
    { start, nrPages }: PageRange,
    flags: MapFlags,
  ): Verb {
    let nrMapped = 0;
    for (let page = start; page < start + nrPages; ) {
      const end = this.endOfPart(region, page, start + nrPages);
      const rc = yield* this.mapPart(region, task, page, end, flags);
      if (rc < 0) return rc;
      nrMapped += rc;
      page = end;
    }
    return nrMapped;
  }

  /** Where the child or the VMA of a page ends, at most `last`. */
  private endOfPart({ mirror }: OdpRegion, page: number, last: number): number {
    const { "odp.childPages": childPages } = this.knobs;
    const childEnd = page - (page % childPages) + childPages;
    return Math.min(last, childEnd, mirror.mm.vmaAt(page)?.vmEnd ?? last);
  }

  private mapPart(
    region: OdpRegion,
    task: TaskStruct,
    start: number,
    end: number,
    { downgrade, snapshot }: MapFlags,
  ): Verb {
    return pagefaultRealMr(this.host, region, task, {
      start,
      nrPages: end - start,
      downgrade: downgrade === true,
      snapshot: snapshot === true,
      paths: this.paths,
      hasP2pAllow: this.knobs["odp.p2pAllow"],
      budgetPs: this.knobs["odp.retryBudgetMs"] * PS_PER_MS,
    });
  }
}

/** MLX5_PF_FLAGS_* of a request. */
interface MapFlags {
  readonly downgrade?: boolean;
  readonly snapshot?: boolean;
}
