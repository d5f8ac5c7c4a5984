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
  type FaultContext,
  type PathPolicy,
  pathPolicy,
  runToCompletion,
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
import { isMappedThroughout } from "../device/is-mapped-throughout.ts";
import { faultResult, migrateFaultingFolio } from "../device/migrate-faulting-folio.ts";
import { migrateToSystem } from "../device/migrate-range.ts";
import { OpenMirrors } from "../device/open-mirrors.ts";
import type { StackHost } from "../device/stack-host.ts";
import { accessOf, svmRangeBestPrefetchLocation } from "./best-location.ts";
import type { KfdDriver } from "./kfd-driver.ts";
import { type KfdKnobs, kfdKnobs } from "./kfd-knobs.ts";
import type { KfdProcess } from "./kfd-process.ts";
import { granuleOf } from "./restore-pages.ts";
import { createRetryCounters, type RetryCounters, serveRetryFaults } from "./retry-faults.ts";
import { RetryFilter } from "./retry-filter.ts";
import {
  KFD_MIGRATE_TRIGGER_PAGEFAULT_CPU,
  KFD_MIGRATE_TRIGGER_PREFETCH,
  KFD_MIGRATE_TRIGGER_TTM_EVICTION,
  type SmiEvent,
  smiLine,
} from "./smi-events.ts";
import {
  type SvmMove,
  svmMigrateToVram,
  svmMigrateVramToRam,
  updateLocation,
} from "./svm-migrate.ts";
import { hasSvmFlag, type SvmFlagName, svmFlagBits } from "./svm-flags.ts";
import type { RangeSizes, SvmRange } from "./svm-range.ts";
import { svmRangeValidateAndMap } from "./validate-and-map.ts";

const PS_PER_MS = 1_000_000_000;
const PS_PER_US = 1_000_000;
/** The largest granularity that the attribute takes. */
const MAX_GRANULARITY = 0x1b;
const EVICTION_TRIGGER_SVM = 0;
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
  private readonly nrEvents = new Map<string, number>();
  readonly filter: RetryFilter;
  readonly retryCounters: RetryCounters = createRetryCounters();
  /** Pages of the largest range that this GPU allows. */
  readonly maxRangePages: number;
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
      migrateToRam: (fault) => this.svmMigrateToRam(fault),
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
      return mirror;
    });
  }

  close(mirror: DeviceMirror): void {
    const process = this.driver.process(mirror.mm);
    const at = process.gpus.findIndex((gpu) => gpu.mirror === mirror);
    process.gpus.splice(at, 1);
    this.mirrors.close(mirror);
    this.filter.forget(mirror.mm);
    if (process.gpus.length > 0) return;
    process.cancelRestore?.();
    this.driver.forget(mirror.mm);
  }

  /** A stopped queue has the access wait; without XNACK an unmapped page is an error. */
  *fault(mirror: DeviceMirror, task: TaskStruct, page: number, access: DeviceAccessKind): Verb {
    if (this.driver.process(mirror.mm).isEvicted) return -EAGAIN;
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
      if (this.isKeptMapped(range)) yield* this.mapEverywhere(process, task, range);
    }
    return 0;
  }

  *evict(mirror: DeviceMirror, task: TaskStruct, { start, nrPages }: PageRange): Verb {
    const process = this.driver.process(mirror.mm);
    const trigger = KFD_MIGRATE_TRIGGER_PREFETCH;
    const refused = svmRangeIsValid(mirror.mm, { start, nrPages });
    if (refused !== 0) return refused;
    for (const range of process.ranges.cover(start, start + nrPages, this.rangeSizes)) {
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
      if (this.isKeptMapped(range)) yield* this.mapEverywhere(process, task, range);
    }
    return 0;
  }

  /** Another GPU asks this one: a prefetch here. */
  *pullFor(from: DeviceStack, mirror: DeviceMirror, task: TaskStruct, range: PageRange): Verb {
    const crosses = this.system.world.designs["migrate.crossDriver"] === "on";
    if (from.name !== this.name && !crosses) return -EOPNOTSUPP;
    return yield* this.prefetch(mirror, task, range);
  }

  /** Notes an event of a process. */
  emit(process: KfdProcess, event: SmiEvent): void {
    this.smiLines.push(smiLine(event, process.pid, this.host.now()));
    this.nrEvents.set(event.kind, (this.nrEvents.get(event.kind) ?? 0) + 1);
  }

  /** Events by kind, which tools count, and what became of retry faults. */
  counters(): ReadonlyMap<string, number> {
    return new Map([...this.nrEvents, ...Object.entries(this.retryCounters)]);
  }

  /** Tells that a move begins. */
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

  /** Tells that a move has ended; error 0 does not say that a page moved. */
  emitMoveEnd(move: SvmMove, piece: PageRange, from: number, to: number, rc: number): void {
    const { trigger } = move;
    this.emit(move.process, { kind: "MIGRATE_END", ...piece, from, to, trigger, error: rc });
  }

  /**
   * Under pressure whole ranges leave: those of the same process first, then those of others.
   * @returns whether there is room for `nrPages` now.
   * @kernelpart drivers/gpu/drm/amd/amdkfd/kfd_svm.c svm_range_evict_svm_bo_worker (v7.2) at once
   */
  *makeRoom({ process: own, range }: SvmMove, nrPages: number): Verb<boolean> {
    const { memory } = this.attached;
    const trigger = KFD_MIGRATE_TRIGGER_TTM_EVICTION;
    for (const process of new Set([own, ...this.driver.allProcesses()])) {
      const task = this.taskOf(process);
      for (const victim of process.ranges.all()) {
        if ((memory?.nrFree ?? 0) >= nrPages) return true;
        if (victim === range || victim.actualLoc !== this.attached || task === undefined) continue;
        const { start, nrPages: length } = victim;
        const move = { process, range: victim, task, trigger, start, nrPages: length };
        yield* svmMigrateVramToRam(this, move);
      }
    }
    return (memory?.nrFree ?? 0) >= nrPages;
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
  private taskOf({ mm }: KfdProcess): TaskStruct | undefined {
    return [...this.system.world.tasks.values()].find((task) => task.mm === mm);
  }

  /** Maps a range on every GPU that may access it. */
  private *mapEverywhere(process: KfdProcess, task: TaskStruct, range: SvmRange): Verb {
    let worst = 0;
    for (const { stack, mirror } of process.gpus) {
      if (accessOf(range, stack.attached, stack.knobs["kfd.xnack"]) === "none") continue;
      const rc = yield* svmRangeValidateAndMap(stack, mirror, task, range, range);
      if (rc !== 0) worst = rc;
    }
    return worst;
  }

  /**
   * With retry faults the GPU's entries go and the next access faults. Without them all queues of
   * the process stop, and a worker revalidates later.
   * @kernel drivers/gpu/drm/amd/amdkfd/kfd_svm.c svm_range_evict (v7.2)
   */
  private svmRangeEvict(process: KfdProcess, touched: readonly SvmRange[]): void {
    if (!process.isEvicted) {
      for (const { stack } of process.gpus) {
        const trigger = EVICTION_TRIGGER_SVM;
        stack.emit(process, { kind: "QUEUE_EVICTION", node: stack.gpuId, trigger });
      }
    }
    for (const range of touched) {
      range.isEvicted = true;
      const { mmId } = process.mm;
      this.system.world.recorder?.note("kfd-queues-stop", mmId, range.start, range.nrPages);
    }
    process.cancelRestore?.();
    const delayPs = this.knobs["kfd.restoreDelayMs"] * PS_PER_MS;
    process.cancelRestore = this.host.timer(delayPs, () => this.svmRangeRestoreWork(process));
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
    if (evicted.length > 0) this.svmRangeEvict(process, evicted);
    if (!isUnmap || touched.length === 0) return;
    process.ranges.remove(start, end);
    process.checkpointPs = this.host.now();
  }

  /**
   * Revalidates every invalid range, and lets the queues run again; after a failure tries once more
   * later.
   * @kernel drivers/gpu/drm/amd/amdkfd/kfd_svm.c svm_range_restore_work (v7.2)
   */
  private svmRangeRestoreWork(process: KfdProcess): void {
    process.cancelRestore = null;
    const task = this.taskOf(process);
    if (task === undefined) return;
    for (const range of process.ranges.all().filter((one) => one.isEvicted)) {
      range.isEvicted = runToCompletion(this.mapEverywhere(process, task, range)) !== 0;
    }
    const isDone = !process.isEvicted;
    for (const { stack } of process.gpus) {
      stack.emit(process, { kind: "QUEUE_RESTORE", node: stack.gpuId, isRescheduled: !isDone });
    }
    if (!isDone) {
      const delayPs = this.knobs["kfd.restoreDelayMs"] * PS_PER_MS;
      process.cancelRestore = this.host.timer(delayPs, () => this.svmRangeRestoreWork(process));
    }
  }

  /**
   * A CPU touched a device page: the granule around it comes back, as far as its range goes.
   * @kernel drivers/gpu/drm/amd/amdkfd/kfd_migrate.c svm_migrate_to_ram (v7.2)
   * A forked child has no ranges: its parent's say how much of the child's mapping moves.
   * @differs the kernel finds the parent by the page's buffer object; here it is the process that
   * has a range on this GPU at the same address. Where there is none the page comes back alone
   */
  private svmMigrateToRam(fault: FaultContext): number {
    const { vma, page, pfn, task } = fault;
    const own = this.driver.process(vma.vmMm);
    const isOwn = own.ranges.at(page) !== undefined;
    const process = isOwn ? own : this.driver.ownerOfPage(page, this.attached);
    const range = process?.ranges.at(page);
    if (process === undefined || range === undefined) {
      return migrateFaultingFolio(this.system, this.attached, fault);
    }
    const granule = granuleOf(range, page);
    const start = Math.max(granule.start, vma.vmStart);
    const end = Math.min(granule.start + granule.nrPages, vma.vmEnd);
    const trigger = KFD_MIGRATE_TRIGGER_PAGEFAULT_CPU;
    const move = { process, range, task, trigger, start, nrPages: end - start };
    this.emitMove(move, move, this.gpuId, 0);
    const { rc } = runToCompletion(
      migrateToSystem(this.system, {
        from: this.attached,
        task,
        range: { vma, start, end, faultPage: pfn },
      }),
    );
    this.emitMoveEnd(move, move, this.gpuId, 0, rc);
    updateLocation(this, process.mm, range);
    return faultResult(rc);
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
