// A device under a clock: its contexts fault, its driver's workers serve what they have raised, and
// every fault becomes a row whose stages and waits are its latency.
import {
  checkWholeNumber,
  EAGAIN,
  STAGE_DELIVER,
  STAGE_DETECT,
  STAGE_FETCH,
  STAGE_NAMES,
  STAGE_REPLAY,
  STAGE_RESOLVE,
  type TaskStruct,
} from "@faultline/core";
import type { Verb } from "@faultline/engine";
import {
  deviceAllows,
  type DeviceMirror,
  type DeviceStack,
  type ServiceModel,
} from "@faultline/stacks";
import type { Actor } from "../actor/actor.ts";
import type { ActorBody, Pause } from "../actor/pause.ts";
import type { Cpu } from "../cpu/cpu.ts";
import { BoundedQueue, NO_ITEM } from "../lock/bounded-queue.ts";
import { FixedCost } from "../price/fixed-cost.ts";
import { PER_BATCH, PER_FAULT, PER_RANGE, type PriceSheet } from "../price/price-sheet.ts";
import { NR_ACTIVITIES } from "../record/activities.ts";
import type { BegunFault } from "../record/fault-witness.ts";
import { RECORD_NONE } from "../record/run-record.ts";
import { WAIT_BATCH, WAIT_CPU, WAIT_QUEUE, WAIT_THROTTLE } from "../wait/wait-kinds.ts";
import type { AccessStream } from "./access-stream.ts";
import { DeviceLane } from "./device-lane.ts";
import { serviceModelOf } from "./service-model.ts";
import type { TimedWorld } from "./timed-world.ts";
import { SCRATCH_STAGE, type Work } from "./work.ts";

/** A device that faults this often on one page without getting through reports it. */
const PATIENCE = 64;
/** Lanes of a device, all contexts together. */
const MAX_LANES = 2 ** 16;

const ON_THE_WAY = [STAGE_DETECT, STAGE_DELIVER];
const IN_THE_DRIVER = [...STAGE_NAMES.keys()].filter((s) => s > STAGE_DELIVER && s < STAGE_REPLAY);

/** How a context is run. */
export interface ContextSpec {
  readonly name: string;
  readonly task: TaskStruct;
  readonly stream: AccessStream;
  /** Faults that it can have outstanding. */
  readonly outstanding: number;
  /** What each lane computes between two accesses. @defaultValue 0 */
  readonly pausePs?: number;
  /** Told what each access has found, or has stored. */
  readonly onDone?: (page: number, value: number) => void;
}

/** What has become of a context; complete when its actors have ended. */
export interface ContextResult {
  /** 0, or the negative errno of the first fault that was not served. */
  rc: number;
  nrAccesses: number;
  nrFaults: number;
  /** Its lanes, to wait for: `for (const lane of result.lanes) yield self.join(lane)`. */
  readonly lanes: readonly Actor[];
}

/** One device with its driver. */
export class TimedDevice {
  readonly stack: DeviceStack;
  readonly sheet: PriceSheet;
  readonly model: ServiceModel;
  /** Faults that were served while another had already mapped their page. */
  nrDuplicates = 0;
  private readonly timed: TimedWorld;
  private readonly maxBatch: number;
  private readonly queues: readonly BoundedQueue[];
  private readonly lanes: DeviceLane[] = [];
  private readonly freeLanes: DeviceLane[] = [];
  /** Where its interrupts arrive and its workers run; null for CPUs of their own. */
  private readonly cpu: Cpu | null;
  /** Drivers that take a whole buffer keep interrupts off while a worker is at it. */
  private isServing = false;
  private readonly spentBefore = new Float64Array(NR_ACTIVITIES);
  private readonly sharedPs = new Float64Array(NR_ACTIVITIES);
  private readonly onTheWay: FixedCost;
  private readonly perBatch: FixedCost;
  private readonly perFault: FixedCost;
  private readonly replay: FixedCost;

  /**
   * Starts the driver's workers.
   * @param cpu where they run, and interrupts arrive. @defaultValue CPUs that nobody shares
   */
  constructor(timed: TimedWorld, stack: DeviceStack, sheet: PriceSheet, cpu: number | null = null) {
    this.cpu = timed.cpuOf(cpu);
    this.timed = timed;
    this.stack = stack;
    this.sheet = sheet;
    this.model = serviceModelOf(stack);
    this.maxBatch = Math.min(this.model.batch, stack.maxBatch ?? Infinity);
    this.onTheWay = new FixedCost(sheet, ON_THE_WAY, [PER_FAULT]);
    this.perBatch = new FixedCost(sheet, IN_THE_DRIVER, [PER_BATCH]);
    this.perFault = new FixedCost(sheet, IN_THE_DRIVER, [PER_FAULT]);
    const ranges = new FixedCost(sheet, [STAGE_FETCH, STAGE_RESOLVE], [PER_RANGE]);
    this.perFault.include(ranges);
    this.replay = new FixedCost(sheet, [STAGE_REPLAY], [PER_FAULT, PER_BATCH, PER_RANGE]);
    const { nrQueues, nrWorkers } = this.model;
    this.queues = Array.from({ length: nrWorkers === 0 ? 0 : nrQueues }, (_, q) => {
      const name = `faults of ${this.name}${nrQueues > 1 ? `, queue ${q}` : ""}`;
      return new BoundedQueue(name, { capacity: MAX_LANES, overflow: "block" });
    });
    for (const queue of this.queues) {
      for (let w = 0; w < nrWorkers; w++) {
        timed.sim.spawn(`${queue.name}, worker ${w}`, (self) => this.worker(self, queue), {
          isDaemon: true,
        });
      }
    }
  }

  /** Whether its workers go before others. */
  private get isUrgent(): boolean {
    return this.model.isUrgent === true;
  }

  get name(): string {
    return this.stack.attached.device.name;
  }

  /** Starts a context: a program that touches pages. */
  startContext(spec: ContextSpec): ContextResult {
    const { name, task, outstanding } = spec;
    const nrFree = MAX_LANES - this.lanes.length + this.freeLanes.length;
    checkWholeNumber(outstanding, "outstanding", 1, nrFree);
    const mirror = this.stack.open(task.mm);
    const lanes: Actor[] = [];
    const result: ContextResult = { rc: 0, nrAccesses: 0, nrFaults: 0, lanes };
    for (let i = 0; i < outstanding; i++) {
      const lane = this.takeLane(mirror, task);
      lane.name = `a fault of ${name}`;
      const run = (self: Actor): ActorBody => this.runLane(self, lane, spec, result);
      lanes.push(this.timed.sim.spawn(`${name} ${i}`, run));
    }
    return result;
  }

  private takeLane(mirror: DeviceMirror, task: TaskStruct): DeviceLane {
    let lane = this.freeLanes.pop();
    if (lane === undefined) {
      lane = new DeviceLane(this.lanes.length, mirror, task, this.timed.traffic);
      lane.clock.slices = this.timed.record?.sliceLog() ?? null;
      this.lanes.push(lane);
    }
    lane.mirror = mirror;
    lane.task = task;
    lane.rc = 0;
    return lane;
  }

  /** The accesses of a lane; each that misses is a fault, from the miss to the retry. */
  private *runLane(
    self: Actor,
    lane: DeviceLane,
    { stream, pausePs = 0, onDone }: ContextSpec,
    result: ContextResult,
  ): ActorBody<void> {
    const { timed, onTheWay } = this;
    const { sim } = timed;
    const beganPs = sim.nowPs;
    while (result.rc === 0 && stream.next()) {
      lane.take(stream);
      const duePs = beganPs + (stream.atPs ?? 0);
      if (duePs > sim.nowPs && !sim.passAlone(duePs - sim.nowPs)) yield duePs - sim.nowPs;
      for (let attempt = 0; !lane.isDone && !lane.tryAccess(); attempt++) {
        result.nrFaults++;
        lane.rc = attempt < PATIENCE ? 0 : -EAGAIN;
        if (lane.rc !== 0) break;
        const begun = this.beginFault(lane, attempt);
        if (this.cpu !== null) yield* this.interrupt(lane, this.cpu);
        else if (onTheWay.totalPs > 0 && !sim.passAlone(onTheWay.totalPs)) yield onTheWay.totalPs;
        const queue = this.arrive(lane);
        if (queue === null) {
          const work = timed.workOf(self);
          lane.rc = yield* timed.driver.drive(self, this.beginService(self, work, lane));
          const replayPs = this.endAlone(self, work, lane);
          if (replayPs > 0 && !sim.passAlone(replayPs)) yield replayPs;
        } else {
          yield queue.put(self, lane.id);
          yield lane.wait(self);
        }
        this.endFault(lane, begun);
        if (lane.rc !== 0) break;
      }
      if (lane.rc !== 0) {
        result.rc = lane.rc;
        break;
      }
      result.nrAccesses++;
      onDone?.(lane.page, lane.found);
      if (pausePs > 0 && !sim.passAlone(pausePs)) yield pausePs;
    }
    this.freeLanes.push(lane);
  }

  /** The access of a lane has missed. @returns what the probe wants to know of it */
  private beginFault(lane: DeviceLane, attempt: number): BegunFault | null {
    const { clock } = lane;
    clock.start(SCRATCH_STAGE, this.timed.sim.nowPs);
    return this.timed.probe === null ? null : this.begin(lane, attempt);
  }

  /** A fault is on its way; the hard handler of its interrupt is the end of that. */
  private *interrupt({ clock }: DeviceLane, cpu: Cpu): ActorBody<void> {
    const { timed, onTheWay } = this;
    const { sim } = timed;
    const handlerPs = Math.min(timed.cpus?.interruptPs ?? 0, onTheWay.totalPs);
    if (onTheWay.totalPs > handlerPs) yield onTheWay.totalPs - handlerPs;
    const isOff = this.maxBatch > 1 && this.isServing;
    const endPs = isOff ? sim.nowPs + handlerPs : cpu.interrupt(handlerPs);
    const latePs = endPs - handlerPs - sim.nowPs;
    if (endPs > sim.nowPs) yield endPs - sim.nowPs;
    if (latePs > 0) clock.charge(WAIT_CPU, latePs, sim.nowPs);
  }

  /** A fault has reached the driver. @returns the queue that it waits in; null without workers */
  private arrive(lane: DeviceLane): BoundedQueue | null {
    const { timed, onTheWay, queues } = this;
    onTheWay.assign(lane.clock, timed.sim.nowPs);
    onTheWay.account(timed.effort);
    lane.queuedPs = timed.sim.nowPs;
    return queues.length === 0 ? null : (queues[lane.mm.mmId % queues.length] as BoundedQueue);
  }

  /** A fault that no worker serves is served. @returns how long until the device tries again */
  private endAlone(self: Actor, work: Work, lane: DeviceLane): number {
    this.endService(self, work);
    this.hold(lane);
    lane.release(this.timed.sim.nowPs, 0);
    return this.replay.totalPs + lane.heldPs;
  }

  /** The device has tried again: the fault becomes a row of the records. */
  private endFault(lane: DeviceLane, begun: BegunFault | null): void {
    const { timed, replay, queues } = this;
    const { clock, page, access } = lane;
    const { startPs } = clock;
    const { nowPs } = timed.sim;
    replay.account(timed.effort);
    replay.tell(clock);
    if (lane.heldPs > 0) clock.charge(WAIT_THROTTLE, lane.heldPs, nowPs);
    clock.finish(nowPs);
    const { index: device } = this.stack.attached.device;
    const { pid: process } = lane.task;
    timed.records.append(startPs, device, process, page, access, clock.breakdown);
    if (timed.record !== null) {
      const place = queues.length === 0 ? RECORD_NONE : lane.mm.mmId % queues.length;
      timed.record.fault({ startPs, device, process, page, access, place }, clock);
    }
    if (begun !== null) timed.probe?.end(begun, clock, lane.rc);
  }

  /** Asks the probe whether the fault that begins is one to explain. */
  private begin({ clock, page, access, task }: DeviceLane, attempt: number): BegunFault {
    const { index: device } = this.stack.attached.device;
    const { startPs } = clock;
    const begun = { startPs, device, process: task.pid, page, access, attempt, cpu: RECORD_NONE };
    clock.watch(this.timed.probe?.begin(begun) ?? null);
    return begun;
  }

  /**
   * Takes faults out of a queue, as many at a time as the driver does, for ever. Each sleep of a
   * driver's verb goes through every generator above it, so there are few of them.
   */
  private *worker(self: Actor, queue: BoundedQueue): ActorBody<void> {
    const { timed, perBatch } = this;
    const { sim, driver } = timed;
    const work = timed.workOf(self);
    const batch: DeviceLane[] = [];
    for (;;) {
      const first = yield queue.take(self);
      const takenPs = sim.nowPs;
      if (this.cpu !== null) yield this.cpu.claim(self, this.isUrgent);
      this.fetch(queue, first, batch, takenPs);
      const fetchedPs = sim.nowPs;
      if (perBatch.totalPs > 0) {
        if (this.cpu !== null) yield this.cpu.run(self, perBatch.totalPs, this.isUrgent);
        else if (!sim.passAlone(perBatch.totalPs)) yield perBatch.totalPs;
        this.payBatch(batch, sim.nowPs - fetchedPs - perBatch.totalPs);
      }
      const beganPs = sim.nowPs;
      if (this.stack.faultBatch !== undefined) {
        yield* this.serveTogether(self, work, batch, beganPs);
      } else {
        for (let i = 0; i < batch.length; i++) {
          const lane = batch[i] as DeviceLane;
          if (i > 0) lane.clock.charge(WAIT_BATCH, sim.nowPs - beganPs, sim.nowPs);
          if (i === 0 || !this.isDuplicate(lane)) {
            const pause = this.lockBlock(self, lane);
            if (pause !== null) {
              this.cpu?.leave(self);
              yield pause;
            }
            lane.rc = yield* driver.drive(self, this.beginService(self, work, lane));
            this.endService(self, work);
            this.unlockBlock(self, lane);
          }
          lane.servedPs = sim.nowPs;
        }
      }
      this.isServing = false;
      this.cpu?.leave(self);
      this.releaseAll(batch);
      timed.record?.batch(self.name, fetchedPs, sim.nowPs, batch.length);
    }
  }

  /** Fills a batch from its first fault on, in the order of service. */
  private fetch(queue: BoundedQueue, first: number, batch: DeviceLane[], takenPs: number): void {
    const { nowPs } = this.timed.sim;
    this.isServing = true;
    let nrTaken = 0;
    for (let id = first; id !== NO_ITEM; ) {
      const lane = this.lanes[id] as DeviceLane;
      // A worker that has faults to take waits for its CPU.
      const cpuPs = nowPs - Math.max(takenPs, lane.queuedPs);
      lane.clock.charge(WAIT_QUEUE, nowPs - lane.queuedPs - cpuPs, nowPs);
      if (cpuPs > 0) lane.clock.charge(WAIT_CPU, cpuPs, nowPs);
      batch[nrTaken++] = lane;
      id = nrTaken < this.maxBatch ? queue.poll() : NO_ITEM;
    }
    batch.length = nrTaken;
    if (nrTaken > 1) batch.sort(inOrderOfService);
  }

  private payBatch(batch: readonly DeviceLane[], cpuPs: number): void {
    const { sim, effort } = this.timed;
    this.perBatch.account(effort);
    for (const { clock } of batch) {
      if (cpuPs > 0) clock.charge(WAIT_CPU, cpuPs, sim.nowPs);
      this.perBatch.assign(clock, sim.nowPs);
    }
  }

  /** Whether a fault before it in the batch has mapped its page. */
  private isDuplicate({ mirror, page, accessKind }: DeviceLane): boolean {
    const isMapped = deviceAllows(mirror, page, accessKind);
    if (isMapped) this.nrDuplicates++;
    return isMapped;
  }

  /** A driver that serves a buffer: faults of one address space take the same time together. */
  private *serveTogether(
    self: Actor,
    work: Work,
    batch: readonly DeviceLane[],
    beganPs: number,
  ): ActorBody<void> {
    const { timed } = this;
    const { sim } = timed;
    for (let from = 0; from < batch.length; ) {
      const first = batch[from] as DeviceLane;
      let end = from + 1;
      while (end < batch.length && batch[end]?.mm === first.mm) end++;
      const group = batch.slice(from, end);
      if (sim.nowPs > beganPs) {
        for (const { clock } of group) clock.charge(WAIT_BATCH, sim.nowPs - beganPs, sim.nowPs);
      }
      this.spentBefore.set(first.clock.breakdown.spentPs);
      const verb = this.beginGroup(self, work, first, group);
      const rcs = verb === null ? [] : yield* timed.driver.drive(self, verb);
      this.endService(self, work);
      const sharedMask = this.measureShared(first);
      for (let i = 0; i < group.length; i++) {
        const lane = group[i] as DeviceLane;
        const rc = rcs[i] ?? 0;
        // What is throttled faults again.
        lane.rc = rc === -EAGAIN ? 0 : rc;
        lane.servedPs = sim.nowPs;
        if (i > 0) this.shareTime(first, lane, sharedMask);
      }
      from = end;
    }
  }

  private beginGroup(
    self: Actor,
    work: Work,
    first: DeviceLane,
    group: readonly DeviceLane[],
  ): Verb<readonly number[]> | null {
    const { timed, stack } = this;
    const { clock, mirror, task } = first;
    // The time of the first one is that of all, so its clock hears for whoever is to be explained.
    clock.witness = group.find((lane) => lane.clock.witness !== null)?.clock.witness ?? null;
    this.beginWork(self, work, first);
    this.perFault.bill(work, timed.effort, group.length);
    const faults = group.map(({ page, accessKind }) => ({ page, access: accessKind }));
    return stack.faultBatch?.(mirror, task, faults) ?? null;
  }

  /** What the first fault of a group has spent on its service. @returns the activities, a mask */
  private measureShared({ clock: { breakdown } }: DeviceLane): number {
    const { spentBefore, sharedPs } = this;
    const { spentPs, spentMask } = breakdown;
    let mask = 0;
    for (let rest = spentMask & ~(1 << SCRATCH_STAGE); rest !== 0; rest &= rest - 1) {
      const activity = 31 - Math.clz32(rest & -rest);
      const ps = (spentPs[activity] as number) - (spentBefore[activity] as number);
      sharedPs[activity] = ps;
      if (ps > 0) mask |= 1 << activity;
    }
    return mask;
  }

  /** A fault of a group has spent what the group's first one has. */
  private shareTime({ clock: first }: DeviceLane, { clock }: DeviceLane, mask: number): void {
    const { slices } = clock;
    if (slices !== null) slices.transfers.push(...(first.slices?.transfers ?? []));
    clock.assignAll(this.sharedPs, mask, this.timed.sim.nowPs);
  }

  private releaseAll(batch: readonly DeviceLane[]): void {
    const { nowPs } = this.timed.sim;
    for (const lane of batch) {
      if (nowPs > lane.servedPs) lane.clock.charge(WAIT_BATCH, nowPs - lane.servedPs, nowPs);
      this.hold(lane);
      lane.release(nowPs, this.replay.totalPs);
    }
  }

  /** Asks when the device tries again, once its fault is served. */
  private hold(lane: DeviceLane): void {
    lane.heldPs = 0;
    if (lane.rc !== 0 || this.stack.triesAgainAfter === undefined) return;
    const waitedPs = this.timed.sim.nowPs - lane.clock.startPs;
    const waits = this.stack.triesAgainAfter(lane.mirror, waitedPs);
    if (waits < 0) lane.rc = waits;
    else lane.heldPs = waits;
  }

  /** Waits for the block of a fault, where the driver serves one fault of each at a time. */
  private lockBlock(self: Actor, { mm, page, clock }: DeviceLane): Pause | null {
    if (this.model.locksBlock !== true) return null;
    self.stages = clock;
    return this.timed.blockLocksOf(mm).lock(self, this.blockOf(page));
  }

  private unlockBlock(self: Actor, { mm, page }: DeviceLane): void {
    if (this.model.locksBlock !== true) return;
    this.timed.blockLocksOf(mm).unlock(self, this.blockOf(page));
  }

  private blockOf(page: number): number {
    return Math.floor(page / this.timed.world.blockPages);
  }

  /** The driver's handler for one fault, on whose account its time goes from here on. */
  private beginService(self: Actor, work: Work, lane: DeviceLane): Verb {
    const { timed, stack } = this;
    const { mirror, task } = lane;
    this.beginWork(self, work, lane);
    this.perFault.bill(work, timed.effort, 1);
    const verb = stack.fault(mirror, task, lane.page, lane.accessKind, lane.nrLeft);
    return this.inTurn(mirror, verb);
  }

  /** From here on time goes on the account of a fault. */
  private beginWork(self: Actor, work: Work, { clock, mm }: DeviceLane): void {
    self.stages = clock;
    work.sheet = this.sheet;
    work.cpu = this.cpu;
    work.isUrgent = this.isUrgent;
    work.begin(mm, STAGE_RESOLVE, clock);
  }

  private endService(self: Actor, work: Work): void {
    self.stages = null;
    work.clock = null;
  }

  /** Whoever holds nothing waits behind those who want to write under mmap_lock. */
  private inTurn({ mm }: DeviceMirror, verb: Verb): Verb {
    return this.timed.driver.hasWaitingWriter(mm) ? this.timed.behindWriters(mm, verb) : verb;
  }
}

/** By address space, then page, reads first: the order of a sorted fault buffer. */
function inOrderOfService(a: DeviceLane, b: DeviceLane): number {
  return a.mm.mmId - b.mm.mmId || a.page - b.page || a.access - b.access || a.id - b.id;
}
