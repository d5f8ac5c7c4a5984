// A world under a clock: the host of its drivers and of every verb. A verb does what it does at
// once; the effort that it has written then takes its time, at the prices of a profile, before the
// verb goes on. So whatever a verb leaves undone while it waits is open to everybody else.
import {
  FRAME_FREE,
  type Machine,
  type MmStruct,
  NO_STAGE,
  type SpinEnd,
  STAGE_RESOLVE,
  TIMED_WAITS,
  type World,
} from "@faultline/core";
import type { Verb } from "@faultline/engine";
import type { CancelTimer, StackHost } from "@faultline/stacks";
import type { Actor } from "../actor/actor.ts";
import type { ActorBody, Pause } from "../actor/pause.ts";
import type { Sim } from "../actor/sim.ts";
import {
  type CpuHost,
  VerbDriver,
  type VerbHost,
  type VerbWait,
  waitKindOf,
} from "../actor/verb-driver.ts";
import { CopyRoutes } from "../copy/copy-routes.ts";
import type { Cpu } from "../cpu/cpu.ts";
import { EffortReader } from "../price/effort-reader.ts";
import { FolioLocks } from "../lock/folio-locks.ts";
import type { PriceSheet } from "../price/price-sheet.ts";
import type { FaultProbe } from "../record/fault-witness.ts";
import { FaultRecords, type FaultRecordsOptions } from "../record/fault-records.ts";
import { FlushQueue } from "./flush-queue.ts";
import type { SharedCpus } from "./shared-cpus.ts";
import type { Traffic } from "./traffic.ts";
import type { RunRecord } from "../record/run-record.ts";
import { Work } from "./work.ts";

/** How a timed world is made. */
export interface TimedWorldSpec {
  readonly sim: Sim;
  readonly world: World;
  /** Prices of what CPUs do. */
  readonly cpuSheet: PriceSheet;
  /** Prices of the devices, by their position in the machine; where one misses, the CPUs'. */
  readonly deviceSheets?: readonly PriceSheet[];
  /** The machine whose links copies share. @defaultValue each copy has links of its own */
  readonly machine?: Machine;
  readonly records?: FaultRecordsOptions;
  /** Counts which way data goes. @defaultValue nobody counts */
  readonly traffic?: Traffic;
  /** CPUs that threads, drivers' workers and interrupts share. @defaultValue nobody shares */
  readonly cpus?: SharedCpus | undefined;
  /** Takes what else happens. @defaultValue nothing is remembered */
  readonly record?: RunRecord | undefined;
}

/** A world, its clock, and the records of its faults. */
export class TimedWorld implements StackHost, VerbHost {
  readonly sim: Sim;
  readonly world: World;
  readonly cpuSheet: PriceSheet;
  readonly driver: VerbDriver;
  /** @internal */
  readonly effort: EffortReader;
  readonly records: FaultRecords;
  readonly traffic: Traffic | null;
  readonly record: RunRecord | null;
  /** The links that copies share; null when they share none. @internal */
  readonly copies: CopyRoutes | null;
  /** The CPUs that are shared; null when nobody shares. */
  readonly cpus: SharedCpus | null;
  readonly cpuHost: CpuHost | null;
  /** Chooses faults to be explained; null as long as none is. */
  probe: FaultProbe | null = null;
  private readonly blockLocks = new Map<MmStruct, FolioLocks>();
  /** By the number of their actor, which goes to another once an actor has ended. */
  private readonly works: Work[] = [];
  private readonly flushQueue = new FlushQueue();
  /** For what nobody waits for: callbacks of timers. */
  private readonly background: Work;

  constructor(spec: TimedWorldSpec) {
    const { sim, world, cpuSheet, deviceSheets = [], records = {}, traffic = null } = spec;
    const { record = null, machine, cpus = null } = spec;
    this.sim = sim;
    this.cpus = cpus;
    this.cpuHost = cpus?.hostFor((actor) => this.workOf(actor)) ?? null;
    this.world = world;
    this.cpuSheet = cpuSheet;
    this.driver = new VerbDriver(this);
    this.record = record;
    if (record?.hasTimeline === true) sim.onWait = (wait) => record.wait(wait);
    this.copies = machine === undefined ? null : new CopyRoutes(sim, machine, deviceSheets);
    this.effort = new EffortReader(world, deviceSheets, this.copies, traffic, record);
    this.effort.cpus = cpus;
    this.records = new FaultRecords(records);
    this.traffic = traffic;
    this.background = new Work(cpuSheet);
    world.effort.clear();
    world.effort.onFull = () => this.effort.readItems(this.workOf(sim.current));
  }

  /** All time that was billed, in picoseconds, by where its prices come from: PRICE_ORIGINS. */
  get originPs(): Float64Array {
    return this.effort.originPs;
  }

  now(): number {
    return this.sim.nowPs;
  }

  timer(afterPs: number, run: () => void): CancelTimer {
    const timer = this.sim.timer(() => {
      this.sim.removeReceiver(timer);
      run();
      // Work of the kernel's own threads takes time of nobody here.
      this.effort.read(this.background);
      this.record?.begin(this.background.bill, this.sim.nowPs);
      this.cpus?.interruptFor(this.background, this.effort);
      this.background.bill.clear();
      this.background.forgetTransfers();
      this.driver.recheck();
    });
    timer.setAfter(Math.round(afterPs));
    return () => {
      timer.cancel();
      this.sim.removeReceiver(timer);
    };
  }

  /** The work of an actor, made at its first use. @internal */
  workOf(actor: Actor | null): Work {
    if (actor === null) return this.background;
    const known = this.works[actor.id];
    if (known !== undefined && known.actor === actor) return known;
    const work = new Work(this.cpuSheet, actor);
    this.works[actor.id] = work;
    return work;
  }

  /**
   * Runs a verb of an address space to its end: `const rc = yield* timed.drive(self, mm, verb)`.
   * @param sheet its prices; where they are a device's, what no driver puts into a stage counts as
   * `resolve`. @defaultValue those of the CPUs
   * @param cpu the CPU that it runs on, where CPUs are shared. @defaultValue one of its own
   */
  *drive<T>(
    self: Actor,
    mm: MmStruct,
    verb: Verb<T>,
    sheet?: PriceSheet,
    cpu: number | null = null,
  ): ActorBody<T> {
    const work = this.workOf(self);
    work.cpu = this.cpuOf(cpu);
    work.sheet = sheet ?? this.cpuSheet;
    work.begin(mm, sheet === undefined ? NO_STAGE : STAGE_RESOLVE, null);
    return yield* this.driver.drive(self, verb);
  }

  /** The CPU of a number where CPUs are shared; null where everybody has one of his own. */
  cpuOf(number: number | null): Cpu | null {
    return number === null || this.cpus === null ? null : this.cpus.of(number);
  }

  /** A program of a CPU computes: `yield* timed.compute(self, task.cpu, ps)`. */
  *compute(self: Actor, number: number, ps: number): ActorBody<void> {
    const cpu = this.cpuOf(number);
    if (cpu === null) {
      yield ps;
      return;
    }
    yield cpu.claim(self);
    yield cpu.run(self, ps);
    cpu.leave(self);
  }

  /** The locks of an address space's blocks, for drivers that serve one fault of each at a time. */
  blockLocksOf(mm: MmStruct): FolioLocks {
    let locks = this.blockLocks.get(mm);
    if (locks === undefined) {
      locks = new FolioLocks(`migrate_mutex of mm ${mm.mmId}, block`);
      this.blockLocks.set(mm, locks);
    }
    return locks;
  }

  /** A verb of somebody who holds nothing yet: it goes behind those who want to write. */
  *behindWriters<T>(mm: MmStruct, verb: Verb<T>): Verb<T> {
    while (this.driver.hasWaitingWriter(mm)) yield { reason: "mmap-lock", object: mm };
    return yield* verb;
  }

  /**
   * Reads what the last step has written; the actor sleeps for as long as it says, and then sends
   * what it has copied.
   * @internal
   */
  bill(work: Work): number {
    const { effort } = this.world;
    work.stage = effort.stage;
    if (effort.length > 0) this.effort.read(work);
    this.record?.begin(work.bill, this.sim.nowPs);
    if (work.bill.totalPs > 0) {
      work.isDue = true;
      work.holdLock();
    }
    this.noteLock(work);
    const waitPs = this.queueFlushes(work) + (this.cpus?.interruptFor(work, this.effort) ?? 0);
    return work.bill.totalPs - work.onLinksPs + waitPs;
  }

  /** How long the flushes of a step wait for those of others. */
  private queueFlushes(work: Work): number {
    const { mm, flushCommandsPs } = work;
    if (mm === null || flushCommandsPs === 0) return 0;
    work.flushCommandsPs = 0;
    const waitPs = this.flushQueue.enter(mm, this.sim.nowPs, flushCommandsPs);
    work.flushWaitPs = waitPs;
    return waitPs;
  }

  transfer(actor: Actor): Pause | null {
    return this.workOf(actor).nextTransfer(actor);
  }

  waitPs(wait: VerbWait, actor: Actor): number {
    const work = this.workOf(actor);
    const billPs = this.bill(work);
    const untilPs = this.endOf(wait);
    if (untilPs === 0) return billPs;
    work.untilPs = untilPs;
    work.isNapping = wait.reason === "refault" && hasEnd(wait);
    work.idleKind = waitKindOf(wait.reason);
    return this.passTime(work, untilPs, billPs);
  }

  isSignalled(wait: VerbWait): boolean {
    const { reason, object } = wait;
    if (TIMED_WAITS.has(reason) || this.endOf(wait) > 0) return false;
    // What is invalidated now is the verb's own: its callbacks have run, and nothing else is open.
    return reason !== "notifier" || !isRange(object);
  }

  /** When a wait ends by itself; 0 where that is not known, or somebody else ends it. */
  private endOf(wait: VerbWait): number {
    if (hasEnd(wait)) return wait.object.untilPs;
    const { untilPs = 0 } = wait;
    return untilPs > this.sim.nowPs ? untilPs : 0;
  }

  private noteLock({ mm }: Work): void {
    const { record } = this;
    if (record !== null && mm !== null && record.hasTimeline) record.lock(mm, this.sim.nowPs);
  }

  /** A CPU is busy for nothing, or naps: what its work does not take is a wait. */
  private passTime(work: Work, untilPs: number, billPs: number): number {
    work.idlePs = Math.max(0, untilPs - this.sim.nowPs - billPs - work.onLinksPs);
    return billPs + work.idlePs;
  }

  resume(actor: Actor): void {
    const work = this.workOf(actor);
    work.settle(this.sim.nowPs);
    this.noteLock(work);
    this.world.effort.stage = work.stage;
  }

  finish(actor: Actor): number {
    return this.bill(this.workOf(actor));
  }

  stateOf({ reason, object }: VerbWait): number {
    const { frames, buddies } = this.world;
    if (reason === "allocation") return buddies.reduce((sum, { nrFree }) => sum + nrFree, 0);
    if (typeof object !== "number") return 0;
    const flags = frames.flags(object);
    return (flags & FRAME_FREE) === 0 ? frames.flags(frames.head(object)) : flags;
  }
}

function hasEnd(wait: VerbWait): wait is VerbWait & { readonly object: SpinEnd } {
  if (wait.reason === "spin") return true;
  return wait.reason === "refault" && typeof wait.object === "object" && wait.object !== null;
}

function isRange(object: unknown): boolean {
  return typeof object === "object" && object !== null && "event" in object;
}
