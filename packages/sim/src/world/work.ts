// What an actor is doing for the kernel: whose time it is, at which prices, in which stage, and the
// bill of the step at hand. An actor has one and uses it again and again.
import {
  EFFORT_LOCK_MMAP_READ,
  EFFORT_LOCK_MMAP_WRITE,
  type MmStruct,
  NO_STAGE,
  STAGE_RESOLVE,
} from "@faultline/core";
import type { Actor } from "../actor/actor.ts";
import type { Pause } from "../actor/pause.ts";
import type { Cpu } from "../cpu/cpu.ts";
import type { Route } from "../link/route.ts";
import { Bill } from "../price/bill.ts";
import type { PriceSheet } from "../price/price-sheet.ts";
import type { StageClock } from "../record/stage-clock.ts";
import { WAIT_CPU, WAIT_IOMMU } from "../wait/wait-kinds.ts";

/** The stage that a clock is in while a bill says what the time was spent on. */
export const SCRATCH_STAGE: number = STAGE_RESOLVE;

/** One actor's work. */
export class Work {
  readonly bill: Bill = new Bill();
  /** Whose it is; null for what nobody waits for. */
  readonly actor: Actor | null;
  sheet: PriceSheet;
  /** The address space whose mmap_lock a step may take. */
  mm: MmStruct | null = null;
  /** The stage of effort that no driver has put into one; NO_STAGE for work of a CPU's own. */
  baseStage: number = NO_STAGE;
  /** The stage that the log is in, kept while others use the log. */
  stage: number = NO_STAGE;
  /** The fault that the time is charged to. */
  clock: StageClock | null = null;
  /** Bit per stage that has had work of a driver since `begin`: its range was counted then. */
  rangeMask = 0;
  /** Whether the bill's time is passing; what was put on it beforehand passes with the rest. */
  isDue = false;
  /** How much of the time that passes its CPU does nothing, and the kind of that wait, WAIT_*. */
  idlePs = 0;
  idleKind: number = WAIT_CPU;
  /** What the flushes of the step take of a queue of commands, and how long they wait for it. */
  flushCommandsPs = 0;
  flushWaitPs = 0;
  /** The CPU that it shares with others; null for one of its own. */
  cpu: Cpu | null = null;
  /** Whether it goes before others there. */
  isUrgent = false;
  /** CPUs that the step's flushes interrupt, a mask for each, and how often. */
  readonly shootdowns: { readonly mask: number; readonly count: number }[] = [];
  /** How long CPUs that serve other interrupts first keep the sender of a shootdown waiting. */
  answerWaitPs = 0;
  /** When what the step waits for ends by itself, and whether its CPU is free until then. */
  untilPs = 0;
  isNapping = false;
  /** The part of the bill that passes on links, after the rest. */
  onLinksPs = 0;
  // The transfers of the step at hand: they follow each other.
  private readonly routes: Route[] = [];
  private readonly sizesBytes: number[] = [];
  // Both keep their memory from step to step; so many of their entries count.
  private nrToSend = 0;
  private nrSent = 0;
  private lock = 0;
  private held = 0;

  constructor(sheet: PriceSheet, actor: Actor | null = null) {
    this.sheet = sheet;
    this.actor = actor;
  }

  /** Begins something else. */
  begin(mm: MmStruct, baseStage: number, clock: StageClock | null): void {
    this.mm = mm;
    this.baseStage = baseStage;
    this.stage = NO_STAGE;
    this.clock = clock;
    this.rangeMask = 0;
    this.lock = 0;
  }

  /** The step copies bytes over links, which take `alonePs` of its bill when nobody shares them. */
  addTransfer(route: Route, sizeBytes: number, alonePs: number): void {
    this.routes[this.nrToSend] = route;
    this.sizesBytes[this.nrToSend++] = sizeBytes;
    this.onLinksPs += alonePs;
  }

  /** Begins the next transfer of the step; null when there is none left. */
  nextTransfer(self: Actor): Pause | null {
    if (this.nrSent === this.nrToSend) {
      if (this.nrSent > 0) this.forgetTransfers();
      return null;
    }
    const route = this.routes[this.nrSent] as Route;
    const sizeBytes = this.sizesBytes[this.nrSent++] as number;
    return route.transfer(self, sizeBytes);
  }

  /** Nobody waits for what the step copies. */
  forgetTransfers(): void {
    this.nrToSend = 0;
    this.nrSent = 0;
    this.onLinksPs = 0;
  }

  /** The step has flushed translations of the CPUs of a mask. */
  noteShootdown(mask: number, count: number): void {
    this.shootdowns.push({ mask, count });
  }

  /** A step took a lock: EFFORT_LOCK_*. */
  noteLock(lock: number): void {
    if (lock === EFFORT_LOCK_MMAP_WRITE) this.lock = lock;
    else if (lock === EFFORT_LOCK_MMAP_READ && this.lock === 0) this.lock = lock;
  }

  /**
   * The step's time begins. It did everything at its beginning, so the lock that it has taken and
   * given back is held until its time is over.
   */
  holdLock(): void {
    const { mm, lock } = this;
    this.lock = 0;
    if (mm === null || lock === 0 || mm.mmapLock.writer) return;
    if (lock === EFFORT_LOCK_MMAP_READ) mm.mmapLock.readers++;
    else if (mm.mmapLock.readers === 0) mm.mmapLock.writer = true;
    else return;
    this.held = lock;
  }

  /** The step's time is over: the lock goes, and the clock learns what the time was spent on. */
  settle(nowPs: number): void {
    const { mm, held, bill, clock } = this;
    if (held !== 0 && mm !== null) {
      if (held === EFFORT_LOCK_MMAP_READ) mm.mmapLock.readers--;
      else mm.mmapLock.writer = false;
      this.held = 0;
    }
    if (this.idlePs > 0) clock?.charge(this.idleKind, this.idlePs, nowPs);
    this.idlePs = 0;
    if (this.flushWaitPs > 0) clock?.charge(WAIT_IOMMU, this.flushWaitPs, nowPs);
    this.flushWaitPs = 0;
    if (this.answerWaitPs > 0) clock?.charge(WAIT_CPU, this.answerWaitPs, nowPs);
    this.answerWaitPs = 0;
    if (!this.isDue) return;
    this.isDue = false;
    if (clock !== null) {
      for (let rest = bill.stageMask; rest !== 0; rest &= rest - 1) {
        const stage = 31 - Math.clz32(rest & -rest);
        if (stage !== SCRATCH_STAGE) clock.assign(stage, bill.stagePs[stage] as number, nowPs);
      }
    }
    bill.clear();
  }
}
