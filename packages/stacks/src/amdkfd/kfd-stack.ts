// amdkfd's shared virtual memory bound to one GPU, untimed.
import {
  EAGAIN,
  EFAULT,
  EINVAL,
  EOPNOTSUPP,
  type MachineDevice,
  type MmStruct,
  MMU_NOTIFY_MIGRATE,
  MMU_NOTIFY_UNMAP,
  type MmuNotifierRange,
  type TaskStruct,
} from "@faultline/core";
import {
  AMDKFD_PATHS,
  AMDKFD_PCIE_PATHS,
  type AttachedDevice,
  type DeviceSystem,
  type MigrateWords,
  type PathPolicy,
  pathPolicy,
  type Verb,
} from "@faultline/engine";
import { attachMemory } from "../device/attach-memory.ts";
import { DeviceMirror } from "../device/device-mirror.ts";
import type {
  DeviceAccessKind,
  DeviceAdvice,
  DeviceStack,
  PageRange,
} from "../device/device-stack.ts";
import { noteCopyJobs } from "../device/driver-work.ts";
import { isMappedThroughout } from "../device/is-mapped-throughout.ts";
import { OpenMirrors } from "../device/open-mirrors.ts";
import type { StackHost } from "../device/stack-host.ts";
import { svmRangeBestPrefetchLocation } from "./best-location.ts";
import type { KfdDriver } from "./kfd-driver.ts";
import { svmRangeEvict } from "./evict-queues.ts";
import { type KfdKnobs, kfdKnobs } from "./kfd-knobs.ts";
import type { KfdProcess } from "./kfd-process.ts";
import { countCopyJobs } from "./copy-jobs.ts";
import { createRetryCounters, type RetryCounters, serveRetryFaults } from "./retry-faults.ts";
import { RetryFilter } from "./retry-filter.ts";
import { SmiClient } from "./smi-client.ts";
import {
  KFD_MIGRATE_TRIGGER_PREFETCH,
  KFD_MIGRATE_TRIGGER_TTM_EVICTION,
  type SmiEvent,
  smiLine,
} from "./smi-events.ts";
import { svmMigrateToRam } from "./svm-cpu-fault.ts";
import {
  type SvmMove,
  svmMigrateOut,
  svmMigrateToVram,
  svmMigrateVramToRam,
} from "./svm-migrate.ts";
import { hasSvmFlag, type SvmFlagName, svmFlagBits } from "./svm-flags.ts";
import type { RangeSizes, SvmRange } from "./svm-range.ts";
import { validateAndMapAll } from "./validate-and-map.ts";

const PS_PER_US = 1_000_000;
/** The largest granularity that the attribute takes. */
const MAX_GRANULARITY = 0x1b;
const UNMAP_TRIGGER_NOTIFIER = 0;
const UNMAP_TRIGGER_MIGRATE = 1;
const UNMAP_TRIGGER_CPU = 2;

/** One GPU. */
export class KfdStack implements DeviceStack {
  readonly name = "amdkfd";
  readonly driver: KfdDriver;
  readonly system: DeviceSystem;
  readonly host: StackHost;
  readonly attached: AttachedDevice;
  readonly paths: PathPolicy;
  readonly knobs: KfdKnobs;
  /** The KFD's number of the GPU; 0 is system memory. */
  readonly gpuId: number;
  /** Lines of the event stream, oldest first. */
  readonly smiLines: string[] = [];
  private readonly smiClients: SmiClient[] = [];
  private readonly nrEvents = new Map<string, number>();
  /** @internal */
  readonly filter: RetryFilter;
  /** @internal */
  readonly retryCounters: RetryCounters = createRetryCounters();
  /** Pages of the largest range that this GPU allows. */
  readonly maxRangePages: number;
  private nrCopyJobs = 0;
  private readonly mirrors = new OpenMirrors();

  constructor(
    driver: KfdDriver,
    host: StackHost,
    device: MachineDevice,
    knobs: Partial<KfdKnobs> = {},
  ) {
    this.driver = driver;
    this.system = driver.system;
    this.host = host;
    this.knobs = kfdKnobs(knobs);
    this.gpuId = device.index + 1;
    const vendor = this.knobs["kfd.mapPeerOverPcie"] ? AMDKFD_PCIE_PATHS : AMDKFD_PATHS;
    this.paths = pathPolicy(this.system.world.designs, vendor);
    this.attached = attachMemory(this.system, device, {
      owner: driver.ownerOf(device),
      migrateToRam: (fault) => svmMigrateToRam(this, fault),
    });
    this.filter = new RetryFilter(this.knobs["kfd.retryFilterAgeUs"] * PS_PER_US);
    const { memory } = this.attached;
    this.maxRangePages = this.knobs["kfd.maxRangePages"] || maxRangePages(memory?.nrPages ?? 0);
    driver.stacks.push(this);
  }

  /** How this GPU makes ranges. */
  get rangeSizes(): RangeSizes {
    const granularity = Math.min(this.knobs["kfd.granularityLog2"], MAX_GRANULARITY);
    return { maxPages: this.driver.maxRangePages, granularity };
  }

  /** Whether a GPU outside the hive is not left out: it has an aperture for PCIe. */
  get reachesBeyondHive(): boolean {
    return this.paths.rules.includes("path-peer-bar");
  }

  open(mm: MmStruct): DeviceMirror {
    return this.mirrors.open(mm, () => {
      const process = this.driver.process(mm);
      const mirror = new DeviceMirror(this.system, this.attached, mm, (range) =>
        this.invalidate(process, range),
      );
      process.gpus.push({ stack: this, mirror });
      this.emit(process, { kind: "PROCESS_START", taskName: process.comm });
      return mirror;
    });
  }

  close(mirror: DeviceMirror): void {
    const process = this.driver.process(mirror.mm);
    const at = process.gpus.findIndex((gpu) => gpu.mirror === mirror);
    process.gpus.splice(at, 1);
    this.emit(process, { kind: "PROCESS_END", taskName: process.comm });
    this.mirrors.close(mirror);
    this.filter.forget(mirror.mm);
    if (process.gpus.length > 0) return;
    process.cancelRestore?.();
    this.driver.forget(mirror.mm);
  }

  /**
   * A stopped queue has the access wait; without XNACK an unmapped page is an error. What cannot be
   * served comes again as a fault without retry, which is fatal.
   */
  *fault(mirror: DeviceMirror, task: TaskStruct, page: number, access: DeviceAccessKind): Verb {
    const process = this.driver.process(mirror.mm);
    if (process.isEvicted) return -EAGAIN;
    const rc = yield* this.retryFault(mirror, task, page, access);
    if (rc !== 0) this.emit(process, { kind: "VMFAULT", taskName: process.comm });
    return rc;
  }

  /** @returns 0, or the errno of a fault that nobody can serve. */
  private *retryFault(
    mirror: DeviceMirror,
    task: TaskStruct,
    page: number,
    access: DeviceAccessKind,
  ): Verb {
    if (!this.knobs["kfd.xnack"]) return -EFAULT;
    // Without a clock a fault comes again at the same instant. What was served and has lost its
    // entry since is no duplicate of itself.
    this.filter.amdgpuGmcFilterFaultsRemove(mirror.mm, page);
    const fault = { page, access, timestampPs: this.host.now() };
    const burst = Array.from({ length: this.knobs["kfd.faultBurst"] }, () => fault);
    return yield* serveRetryFaults(this, mirror, task, burst);
  }

  /** KFD_IOCTL_SVM_ATTR_PREFETCH_LOC. */
  *prefetch(mirror: DeviceMirror, task: TaskStruct, { start, nrPages }: PageRange): Verb {
    const process = this.driver.process(mirror.mm);
    const gpus = process.gpus.map(({ stack }) => stack.attached);
    const hasXnack = this.knobs["kfd.xnack"];
    const refused = svmRangeIsValid(mirror.mm, { start, nrPages });
    if (refused !== 0) return refused;
    for (const range of process.ranges.cover(start, start + nrPages, this.rangeSizes)) {
      range.prefetchLoc = this.attached;
      const best = svmRangeBestPrefetchLocation(range, this.attached, gpus, hasXnack);
      const trigger = KFD_MIGRATE_TRIGGER_PREFETCH;
      const move = { process, range, task, trigger, start: range.start, nrPages: range.nrPages };
      const rc = yield* this.moveTo(best, move);
      if (rc !== 0) return rc;
      if (this.isKeptMapped(range)) yield* validateAndMapAll(process, task, range);
    }
    return 0;
  }

  /** KFD_IOCTL_SVM_ATTR_PREFETCH_LOC with system memory. */
  *evict(mirror: DeviceMirror, task: TaskStruct, { start, nrPages }: PageRange): Verb {
    const process = this.driver.process(mirror.mm);
    const trigger = KFD_MIGRATE_TRIGGER_PREFETCH;
    const refused = svmRangeIsValid(mirror.mm, { start, nrPages });
    if (refused !== 0) return refused;
    for (const range of process.ranges.cover(start, start + nrPages, this.rangeSizes)) {
      range.prefetchLoc = "system";
      const move = { process, range, task, trigger, start: range.start, nrPages: range.nrPages };
      const rc = yield* this.moveTo("system", move);
      if (rc !== 0) return rc;
    }
    return 0;
  }

  /**
   * KFD_IOCTL_SVM_ATTR_*: the preferred location, access, granularity and flags. Without XNACK, and
   * where the flags have it so, ranges are mapped.
   */
  *advise(
    mirror: DeviceMirror,
    task: TaskStruct,
    { start, nrPages }: PageRange,
    { preferredLocation, access, setFlags, clrFlags, granularity, ...others }: DeviceAdvice,
  ): Verb {
    if (Object.keys(others).length > 0) return -EINVAL;
    const process = this.driver.process(mirror.mm);
    const location = this.locationOf(preferredLocation);
    if (location === null) return -EINVAL;
    const refused = svmRangeIsValid(mirror.mm, { start, nrPages });
    if (refused !== 0) return refused;
    for (const range of process.ranges.cover(start, start + nrPages, this.rangeSizes)) {
      if (location !== undefined) range.preferredLoc = location;
      if (access !== undefined) range.access.set(this.attached, access);
      this.setFlags(process, range, setFlags ?? [], clrFlags ?? []);
      if (granularity !== undefined) range.granularity = Math.min(granularity, MAX_GRANULARITY);
      if (this.isKeptMapped(range)) yield* validateAndMapAll(process, task, range);
    }
    return 0;
  }

  /** Another GPU asks this one: a prefetch here. */
  *pullFor(from: DeviceStack, mirror: DeviceMirror, task: TaskStruct, range: PageRange): Verb {
    const crosses = this.system.world.designs["migrate.crossDriver"] === "on";
    if (from.name !== this.name && !crosses) return -EOPNOTSUPP;
    return yield* this.prefetch(mirror, task, range);
  }

  /** Notes an event of a process. @param atPs the time that it tells. */
  emit({ pid }: KfdProcess, event: SmiEvent, atPs: number = this.host.now()): void {
    const line = smiLine(event, pid, atPs);
    this.smiLines.push(line);
    for (const client of this.smiClients) client.add(event.kind, pid, line);
    this.nrEvents.set(event.kind, (this.nrEvents.get(event.kind) ?? 0) + 1);
  }

  /**
   * Opens the event stream for a process.
   * @param isPrivileged may ask for events of other processes.
   * @kernel drivers/gpu/drm/amd/amdkfd/kfd_smi_events.c kfd_smi_event_open (v7.2)
   */
  openEvents(pid: number, isPrivileged: boolean): SmiClient {
    const client = new SmiClient(pid, isPrivileged);
    this.smiClients.push(client);
    return client;
  }

  /** Counts the jobs that the copy engine gets for a migration. @returns 0 */
  noteCopyJobs(args: MigrateWords): number {
    const { world } = this.system;
    const bytes = 2 ** world.geometry.pageShift;
    const windowPages = Math.max(1, Math.floor(this.knobs["kfd.copyWindowBytes"] / bytes));
    const nrJobs = countCopyJobs(args, world.blockPages, windowPages);
    this.nrCopyJobs += nrJobs;
    noteCopyJobs(world, this.attached, nrJobs);
    return 0;
  }

  /** Events by kind, which tools count, and what became of retry faults. */
  counters(): ReadonlyMap<string, number> {
    const { nrEvents, retryCounters, nrCopyJobs } = this;
    return new Map([...nrEvents, ...Object.entries(retryCounters), ["copy_jobs", nrCopyJobs]]);
  }

  /** Tells that a move begins. @internal */
  emitMove(move: SvmMove, piece: PageRange, from: number, to: number): void {
    const { prefetchLoc, preferredLoc } = move.range;
    this.emit(move.process, {
      kind: "MIGRATE_START",
      ...piece,
      from,
      to,
      prefetchLoc: this.idOf(prefetchLoc),
      preferredLoc: this.idOf(preferredLoc),
      trigger: move.trigger,
    });
  }

  /** Tells that a move has ended; error 0 does not say that a page moved. @internal */
  emitMoveEnd(move: SvmMove, piece: PageRange, from: number, to: number, rc: number): void {
    const { trigger } = move;
    this.emit(move.process, { kind: "MIGRATE_END", ...piece, from, to, trigger, error: rc });
  }

  /**
   * Under pressure whole ranges leave: those of the same process first, then those of others. What
   * cannot leave at once is tried three times.
   * @returns whether there is room for the whole range of a move now.
   * @kernelpart drivers/gpu/drm/amd/amdkfd/kfd_svm.c svm_range_evict_svm_bo_worker (v7.2) at once
   * @internal
   */
  *makeRoom({ process: own, range }: SvmMove): Verb<boolean> {
    const trigger = KFD_MIGRATE_TRIGGER_TTM_EVICTION;
    for (const process of new Set([own, ...this.driver.allProcesses()])) {
      const task = this.taskOf(process);
      for (const victim of process.ranges.all()) {
        if (this.nrUnreserved >= range.nrPages) return true;
        if (victim === range || victim.actualLoc !== this.attached || task === undefined) continue;
        const { start, nrPages: length } = victim;
        const move = { process, range: victim, task, trigger, start, nrPages: length };
        yield* svmMigrateOut(this, move);
      }
    }
    return this.nrUnreserved >= range.nrPages;
  }

  /**
   * Pages that are neither in use nor kept for one of the ranges that are here.
   * @kernelpart drivers/gpu/drm/amd/amdkfd/kfd_svm.c svm_range_vram_node_new (v7.2) the size of a
   * range's buffer object
   */
  get nrUnreserved(): number {
    const { memory } = this.attached;
    if (memory === null) return 0;
    let nrReserved = 0;
    for (const { ranges } of this.driver.allProcesses()) {
      for (const range of ranges.all()) {
        if (range.actualLoc === this.attached) nrReserved += range.nrPages;
      }
    }
    return memory.nrPages - Math.max(nrReserved, memory.nrPages - memory.nrFree);
  }

  private *moveTo(place: AttachedDevice | "system", move: SvmMove): Verb {
    if (place !== "system") {
      const to = this.driver.stackOf(place);
      return to === undefined ? -EINVAL : yield* svmMigrateToVram(to, move);
    }
    const { actualLoc } = move.range;
    const from = actualLoc === null ? undefined : this.driver.stackOf(actualLoc);
    return from === undefined ? 0 : yield* svmMigrateVramToRam(from, move);
  }

  /** Undefined when nothing is said, null for a device that is no GPU of this driver. */
  private locationOf(
    place: DeviceAdvice["preferredLocation"],
  ): SvmRange["preferredLoc"] | undefined | null {
    if (place === undefined || place === "system") return place;
    if (place === "default") return "undefined";
    return this.driver.stacks.find(({ attached }) => attached.device === place)?.attached ?? null;
  }

  private idOf(place: SvmRange["preferredLoc"]): number {
    if (place === "undefined") return 0xffffffff;
    return place === "system" ? 0 : (this.driver.stackOf(place)?.gpuId ?? 0);
  }

  /** Queues that cannot fault on a range need it mapped all the time. */
  private isKeptMapped({ flags }: SvmRange): boolean {
    const isAlwaysMapped = hasSvmFlag(flags, "KFD_IOCTL_SVM_FLAG_GPU_ALWAYS_MAPPED");
    return isAlwaysMapped || !this.knobs["kfd.xnack"];
  }

  /** Entries that were made under other rights go. */
  private setFlags(
    { gpus }: KfdProcess,
    range: SvmRange,
    set: readonly SvmFlagName[],
    clear: readonly SvmFlagName[],
  ): void {
    const before = range.flags;
    range.flags = (before | svmFlagBits(set)) & ~svmFlagBits(clear);
    const wasReadOnly = hasSvmFlag(before, "KFD_IOCTL_SVM_FLAG_GPU_RO");
    if (wasReadOnly === hasSvmFlag(range.flags, "KFD_IOCTL_SVM_FLAG_GPU_RO")) return;
    for (const { mirror } of gpus) mirror.unmap(range.start, range.nrPages);
    range.validatedPs.clear();
  }

  /** A task of a process; undefined when its address space has ended. */
  taskOf({ mm }: KfdProcess): TaskStruct | undefined {
    return [...this.system.world.tasks.values()].find((task) => task.mm === mm);
  }

  private invalidate(process: KfdProcess, { start, end, event }: MmuNotifierRange): void {
    const touched = process.ranges.overlapping(start, end);
    const isUnmap = event === MMU_NOTIFY_UNMAP;
    const mapped = touched.filter((range) => range.validatedPs.delete(this.attached));
    const evicted = isUnmap ? [] : mapped.filter((range) => this.isKeptMapped(range));
    const fromMigration =
      event === MMU_NOTIFY_MIGRATE ? UNMAP_TRIGGER_MIGRATE : UNMAP_TRIGGER_NOTIFIER;
    const trigger = isUnmap ? UNMAP_TRIGGER_CPU : fromMigration;
    for (const range of mapped) {
      if (evicted.includes(range)) continue;
      const span = overlapOf(range, start, end);
      this.emit(process, { kind: "UNMAP_FROM_GPU", ...span, node: this.gpuId, trigger });
    }
    if (evicted.length > 0) svmRangeEvict(this, process, evicted);
    if (!isUnmap || touched.length === 0) return;
    process.ranges.remove(start, end);
    process.checkpointPs = this.host.now();
  }
}

/**
 * A 32nd of the memory, rounded down to a power of two, between 2 MiB and 1 GiB.
 * @kernelpart drivers/gpu/drm/amd/amdkfd/kfd_svm.c svm_range_set_max_pages (v7.2) for one GPU
 */
function maxRangePages(memoryPages: number): number {
  let pages = 2 ** 9;
  while (pages < 2 ** 18 && pages * 2 * 32 <= memoryPages) pages *= 2;
  return pages;
}

/**
 * Attributes are set where everything is mapped, or nowhere.
 * @returns 0, or -EFAULT at a gap.
 * @kernel drivers/gpu/drm/amd/amdkfd/kfd_svm.c svm_range_is_valid (v7.2)
 */
function svmRangeIsValid(mm: MmStruct, range: PageRange): number {
  return isMappedThroughout(mm, range) ? 0 : -EFAULT;
}

/** The part of a range inside `[from, to)`. */
function overlapOf({ start, nrPages }: SvmRange, from: number, to: number): PageRange {
  const first = Math.max(start, from);
  return { start: first, nrPages: Math.min(start + nrPages, to) - first };
}
