// NVIDIA UVM bound to one GPU, untimed. A process's memory is served through UVM's HMM support: its
// pages move by migrate_vma and are looked up by hmm_range_fault. Memory of cudaMallocManaged()
// does neither, being a mapping of the module's own; here it takes the same road, under the same
// policies. Left out: non-replayable faults, range groups, page sizes in the GPU's table, and
// confidential computing.
import { EINVAL, EOPNOTSUPP, type MachineDevice, type MmStruct } from "@faultline/core";
import type { TaskStruct } from "@faultline/core";
import {
  type AttachedDevice,
  type DeviceSystem,
  type PathPolicy,
  pathPolicy,
  UVM_PATHS,
  type Verb,
} from "@faultline/engine";
import { attachMemory } from "../device/attach-memory.ts";
import { DeviceMirror } from "../device/device-mirror.ts";
import type {
  DeviceAccessKind,
  DeviceAdvice,
  DeviceFault,
  DeviceStack,
  PageRange,
} from "../device/device-stack.ts";
import { OpenMirrors } from "../device/open-mirrors.ts";
import type { StackHost } from "../device/stack-host.ts";
import { AccessCounters, countAccesses } from "./access-counters.ts";
import { serviceCpuFault } from "./cpu-fault.ts";
import { GpuChunks } from "./gpu-chunks.ts";
import { mapPresent, migrateRange } from "./migrate-range.ts";
import type { UvmMoveNote } from "./uvm-move.ts";
import { dropDuplicates, dropDuplicatesOf } from "./read-duplicates.ts";
import { UVM_ID_CPU, type UvmProcessor } from "./select-residency.ts";
import { serviceFaults } from "./service-faults.ts";
import { type UvmBatch, createUvmCounters, type UvmCounters } from "./uvm-counters.ts";
import type { UvmDriver } from "./uvm-driver.ts";
import { createUvmEvent, type UvmEvent, type UvmEventSpec } from "./uvm-events.ts";
import { type UvmKnobs, uvmKnobs } from "./uvm-knobs.ts";
import type { UvmPolicy } from "./uvm-va-policy.ts";

const PS_PER_MS = 1_000_000_000;

/** One GPU. */
export class UvmStack implements DeviceStack {
  readonly name = "uvm";
  readonly driver: UvmDriver;
  readonly system: DeviceSystem;
  readonly host: StackHost;
  readonly attached: AttachedDevice;
  readonly paths: PathPolicy;
  /** What `mapRange` may choose by itself: whether a BAR1 peer is one depends on the pair. */
  readonly mapPaths: PathPolicy;
  readonly knobs: UvmKnobs;
  /** The GPU's number in every VA space; 0 is the CPU. */
  readonly processor: UvmProcessor;
  /** @internal */
  readonly chunks: GpuChunks;
  /** @internal */
  readonly accessCounters: AccessCounters = new AccessCounters();
  readonly stats: UvmCounters = createUvmCounters();
  /** How often each rule of `selectResidency` decided. */
  readonly rules: Map<number, number> = new Map();
  /** Hears the events of this GPU. @defaultValue nobody */
  onEvent: ((event: UvmEvent) => void) | null = null;
  /** Hears what each batch came to. @defaultValue nobody */
  onBatch: ((batch: UvmBatch) => void) | null = null;
  private readonly mirrors = new OpenMirrors();
  private nrBatches = 0;
  private prefetchFaultsOffUntilPs = 0;

  constructor(
    driver: UvmDriver,
    host: StackHost,
    device: MachineDevice,
    knobs: Readonly<Record<string, unknown>> = {},
  ) {
    this.driver = driver;
    this.system = driver.system;
    this.host = host;
    const { evictions } = driver;
    this.knobs = uvmKnobs(knobs, evictions.keys());
    this.processor = device.index + 1;
    const policy = this.knobs["uvm.evictionPolicy"];
    this.chunks = new GpuChunks(this.system, evictions.get(policy) ?? policy);
    this.paths = pathPolicy(this.system.world.designs, UVM_PATHS);
    const { rules, decidedBy } = this.paths;
    this.mapPaths = { rules: rules.filter((rule) => rule !== "path-peer-bar"), decidedBy };
    this.attached = attachMemory(this.system, device, {
      owner: driver.ownerOf(device),
      migrateToRam: (fault) => serviceCpuFault(this, fault),
      onFree: (head, order) => this.chunks.freed(head, order),
    });
    driver.stacks.push(this);
  }

  /** Coherent memory under ATS: faults place what is touched first, and move nothing. */
  get isAts(): boolean {
    return this.attached.device.memory?.isCpuCoherent === true && this.knobs.uvm_ats_mode === 1;
  }

  /** Whether access counters lead to migrations here. */
  get hasAccessCounters(): boolean {
    const choice = this.knobs.uvm_perf_access_counter_migration_enable;
    return choice === -1 ? this.attached.device.memory?.isCpuCoherent === true : choice === 1;
  }

  /** While too many were invalid, prefetch faults are off. */
  get takesPrefetchFaults(): boolean {
    return this.host.now() >= this.prefetchFaultsOffUntilPs;
  }

  open(mm: MmStruct): DeviceMirror {
    return this.mirrors.open(mm, () => {
      const space = this.driver.space(mm);
      const mirror: DeviceMirror = new DeviceMirror(this.system, this.attached, mm, (range) => {
        dropDuplicatesOf(space, this, mirror, range.start, range.end);
        space.invalidate(range);
      });
      space.gpus.push({ stack: this, mirror });
      return mirror;
    });
  }

  close(mirror: DeviceMirror): void {
    const space = this.driver.space(mirror.mm);
    dropDuplicatesOf(space, this, mirror, 0, Infinity);
    this.mirrors.close(mirror);
    const { gpus } = space;
    gpus.splice(
      gpus.findIndex((gpu) => gpu.mirror === mirror),
      1,
    );
    if (gpus.length === 0) this.driver.forget(mirror.mm);
  }

  /** A buffer of one entry. -EAGAIN while the page is throttled. */
  *fault(mirror: DeviceMirror, task: TaskStruct, page: number, access: DeviceAccessKind): Verb {
    const [rc] = yield* serviceFaults(this, mirror, task, [{ page, access }]);
    return rc as number;
  }

  get maxBatch(): number {
    return this.knobs.uvm_perf_fault_batch_count;
  }

  faultBatch(
    mirror: DeviceMirror,
    task: TaskStruct,
    faults: readonly DeviceFault[],
  ): Verb<readonly number[]> {
    return serviceFaults(this, mirror, task, faults);
  }

  /**
   * What the access counters of the GPU have seen: accesses to each page of a range.
   * @returns pages that have moved for it.
   */
  countAccesses(
    mirror: DeviceMirror,
    task: TaskStruct,
    range: PageRange,
    nrAccesses: number,
  ): Verb {
    return countAccesses(this, mirror, task, range, nrAccesses);
  }

  /** UVM_MIGRATE to this GPU: what finds no room stays where it is. */
  *prefetch(mirror: DeviceMirror, task: TaskStruct, range: PageRange): Verb {
    return yield* migrateRange(this, mirror, task, range, this.processor);
  }

  /** UVM_MIGRATE to the CPU, of this GPU's pages. */
  *evict(mirror: DeviceMirror, task: TaskStruct, range: PageRange): Verb {
    return yield* migrateRange(this, mirror, task, range, UVM_ID_CPU);
  }

  /** Another GPU asks this one: a migration here. */
  *pullFor(from: DeviceStack, mirror: DeviceMirror, task: TaskStruct, range: PageRange): Verb {
    const crosses = this.system.world.designs["migrate.crossDriver"] === "on";
    if (from.name !== this.name && !crosses) return -EOPNOTSUPP;
    return yield* this.prefetch(mirror, task, range);
  }

  /**
   * UVM_SET_PREFERRED_LOCATION, UVM_SET_ACCESSED_BY and UVM_ENABLE_READ_DUPLICATION, and what takes
   * them back. A GPU that is named in accessed-by maps at once what it can reach.
   */
  *advise(
    mirror: DeviceMirror,
    task: TaskStruct,
    range: PageRange,
    { preferredLocation, accessedBy, readMostly, ...others }: DeviceAdvice,
  ): Verb {
    if (Object.keys(others).length > 0) return -EINVAL;
    const preferred = this.processorOf(preferredLocation);
    if (preferred === undefined) return -EINVAL;
    const space = this.driver.space(mirror.mm);
    space.policies.change(range, (policy) => ({
      preferred: preferredLocation === undefined ? policy.preferred : preferred,
      accessedBy: accessedBy === undefined ? policy.accessedBy : this.named(policy, accessedBy),
      isReadDuplicated: readMostly ?? policy.isReadDuplicated,
    }));
    if (readMostly === false) {
      dropDuplicates(space, range.start, range.start + range.nrPages);
    }
    return accessedBy === true ? yield* mapPresent(this, mirror, task, range) : 0;
  }

  counters(): ReadonlyMap<string, number> {
    return new Map(Object.entries(this.stats));
  }

  /** Tells whoever listens. */
  emit(event: UvmEventSpec): void {
    if (this.onEvent === null) return;
    this.onEvent(createUvmEvent(this.host.now(), { batchId: this.nrBatches, ...event }));
  }

  /** @returns the number that the faults of the batch share. */
  beginBatch(): number {
    this.stats.batches++;
    return ++this.nrBatches;
  }

  /** The GPU tries everything again that still waits. */
  replay(): void {
    this.stats.replays++;
    this.emit({ type: "GpuFaultReplay", processor: this.processor });
  }

  /** Prefetch faults go off when more than two thirds of a batch were invalid ones. */
  limitPrefetchFaults(nrInvalid: number, nrEntries: number): void {
    if (nrInvalid * 3 <= nrEntries * 2) return;
    const lapsePs = this.knobs.uvm_perf_reenable_prefetch_faults_lapse_msec * PS_PER_MS;
    this.prefetchFaultsOffUntilPs = this.host.now() + lapsePs;
  }

  /** Pages have come to this GPU or left it; `from` is null for pages that nobody had. @internal */
  noteMove({ block, to, cause }: UvmMoveNote, run: PageRange, from: UvmProcessor | null): void {
    let nrPages = 0;
    for (let page = run.start; page < run.start + run.nrPages; page++) {
      if (block.processorOf(page) !== to) continue;
      nrPages++;
      if (cause === "coherence" && from !== null) block.thrashing.noteMove(page, to);
    }
    if (to === this.processor) this.stats.pages_in += nrPages;
    else this.stats.pages_out += nrPages;
    if (this.onEvent === null) return;
    const processor = from ?? UVM_ID_CPU;
    this.emit({ type: "Migration", processor, destination: to, page: run.start, nrPages, cause });
  }

  private named({ accessedBy }: UvmPolicy, isNamed: boolean): readonly UvmProcessor[] {
    const others = accessedBy.filter((one) => one !== this.processor);
    return isNamed ? [...others, this.processor].toSorted((a, b) => a - b) : others;
  }

  /** Null for none, undefined for a device that is no GPU of this driver. */
  private processorOf(place: DeviceAdvice["preferredLocation"]): UvmProcessor | null | undefined {
    if (place === undefined || place === "default") return null;
    if (place === "system") return UVM_ID_CPU;
    return this.driver.stacks.find(({ attached }) => attached.device === place)?.processor;
  }
}
