// On-demand paging of a NIC: mlx5 as Linux 7.2 has it, with the posted P2P series as a switch. The
// NIC has no memory of its own, and its owner is NULL: every device-private page is foreign to it.
import {
  createOwnerSpace,
  EINVAL,
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
import type { StackHost } from "../device/stack-host.ts";
import { DEFAULT_ODP_KNOBS, type OdpKnobs } from "./odp-knobs.ts";
import { createOdpRegion, type OdpRegion } from "./odp-mirror.ts";
import { pagefaultRealMr } from "./pagefault-real-mr.ts";

const PS_PER_MS = 1_000_000_000;

/** The driver bound to one NIC. */
export class OdpStack implements DeviceStack {
  readonly name = "odp";
  readonly system: DeviceSystem;
  readonly host: StackHost;
  readonly attached: AttachedDevice;
  readonly paths: PathPolicy;
  readonly knobs: OdpKnobs;
  private readonly regions = new Map<MmStruct, OdpRegion>();

  constructor(
    system: DeviceSystem,
    host: StackHost,
    device: MachineDevice,
    knobs: Partial<OdpKnobs> = {},
  ) {
    this.system = system;
    this.host = host;
    this.knobs = { ...DEFAULT_ODP_KNOBS, ...knobs };
    this.paths = pathPolicy(system.world.designs, ODP_PATHS);
    const owner = createOwnerSpace(`${device.name}, which owns nothing`);
    this.attached = attachMemory(system, device, { owner, migrateToRam: () => 0 });
  }

  open(mm: MmStruct): DeviceMirror {
    return this.region(mm).mirror;
  }

  close(mirror: DeviceMirror): void {
    this.regions.delete(mirror.mm);
    mirror.close();
  }

  /** What the NIC keeps for an address space: slots, flags and counters. */
  region(mm: MmStruct): OdpRegion {
    const known = this.regions.get(mm);
    if (known !== undefined) return known;
    const region = createOdpRegion(this.system, this.attached, mm, this.knobs["odp.childPages"]);
    this.regions.set(mm, region);
    return region;
  }

  /**
   * One fault event. The scheme decides how much of the request is faulted at once: a work request
   * and an RDMA operation of known length whole, one of unknown length a packet and then a
   * speculative part, the memory scheme what it demands.
   * @kernelpart drivers/infiniband/hw/mlx5/odp.c mlx5_ib_pfault (v7.2) the choice by event type
   */
  *fault(
    mirror: DeviceMirror,
    task: TaskStruct,
    page: number,
    access: DeviceAccessKind,
    nrLeft = 1,
  ): Verb {
    const region = this.region(mirror.mm);
    region.counters.page_faults++;
    const vma = mirror.mm.vmaAt(page);
    if (access !== "read" && vma !== null && (vma.vmFlags & VM_WRITE) === 0) return -EPERM;
    const { demanded, speculative } = this.split(nrLeft);
    const rc = yield* this.map(region, task, { start: page, nrPages: demanded }, {});
    if (rc < 0) return rc;
    region.counters.page_faults_handled++;
    // What was not asked for may fail without anybody minding.
    if (speculative > 0) {
      const range = { start: page + demanded, nrPages: speculative };
      yield* this.map(region, task, range, {});
    }
    return 0;
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
   * present only, with everything else skipped.
   * @kernelpart drivers/infiniband/hw/mlx5/odp.c mlx5_ib_advise_mr_prefetch (v7.2) always flushed
   */
  *advise(
    mirror: DeviceMirror,
    task: TaskStruct,
    range: PageRange,
    { prefetch, ...others }: DeviceAdvice,
  ): Verb {
    if (prefetch === undefined || Object.keys(others).length > 0) return -EINVAL;
    const region = this.region(mirror.mm);
    region.counters.page_prefetch++;
    const rc = yield* this.map(region, task, range, {
      downgrade: prefetch === "read",
      snapshot: prefetch === "no_fault",
    });
    return rc < 0 ? rc : 0;
  }

  /** Asking a NIC to pull memory makes no sense. */
  *pullFor(): Verb {
    return -EOPNOTSUPP;
  }

  /** The counters of all regions together. */
  counters(): ReadonlyMap<string, number> {
    const sums = new Map<string, number>();
    for (const { counters } of this.regions.values()) {
      for (const [name, count] of Object.entries(counters)) {
        sums.set(name, (sums.get(name) ?? 0) + count);
      }
    }
    return sums;
  }

  private split(nrLeft: number): { readonly demanded: number; readonly speculative: number } {
    const pageBytes = 2 ** this.system.world.geometry.pageShift;
    const isUnknown = this.knobs["odp.scheme"] === "rdma" && !this.knobs["odp.lengthKnown"];
    if (!isUnknown) return { demanded: nrLeft, speculative: 0 };
    const demanded = Math.max(1, Math.floor(this.knobs["odp.packetBytes"] / pageBytes));
    const most = Math.floor(this.knobs["odp.prefetchMax"] / pageBytes);
    return { demanded, speculative: Math.max(0, Math.min(nrLeft - demanded, most)) };
  }

  /** VMA by VMA; a gap ends it with -EFAULT. */
  private *map(
    region: OdpRegion,
    task: TaskStruct,
    { start, nrPages }: PageRange,
    flags: { readonly downgrade?: boolean; readonly snapshot?: boolean },
  ): Verb {
    const { mm } = region.mirror;
    let nrMapped = 0;
    for (let page = start; page < start + nrPages; ) {
      const end = Math.min(start + nrPages, mm.vmaAt(page)?.vmEnd ?? start + nrPages);
      const rc = yield* pagefaultRealMr(this.host, region, task, {
        start: page,
        nrPages: end - page,
        downgrade: flags.downgrade === true,
        snapshot: flags.snapshot === true,
        paths: this.paths,
        hasP2pAllow: this.knobs["odp.p2pAllow"],
        budgetPs: this.knobs["odp.retryBudgetMs"] * PS_PER_MS,
      });
      if (rc < 0) return rc;
      nrMapped += rc;
      page = end;
    }
    return nrMapped;
  }
}
