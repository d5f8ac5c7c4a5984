// CPUs that actors share: each step waits for its CPU, its work takes time there, and flushes
// interrupt the CPUs that may hold translations. What sleeps leaves its CPU to others.
import type { Actor } from "../actor/actor.ts";
import type { ActorBody } from "../actor/pause.ts";
import type { Sim } from "../actor/sim.ts";
import type { CpuHost } from "../actor/verb-driver.ts";
import type { Cpu } from "../cpu/cpu.ts";
import { CpuSet, cpusOf } from "../cpu/cpu-set.ts";
import type { EffortReader } from "../price/effort-reader.ts";
import type { Work } from "./work.ts";

/** A time, and where it is from: an index into PRICE_ORIGINS. */
export interface HandlerPrice {
  readonly ps: number;
  readonly origin: number;
}

/** How CPUs are shared. */
export interface SharedCpusSpec {
  /** One more than the highest number. */
  readonly nrCpus: number;
  /** What a shootdown takes of a CPU that it interrupts. */
  readonly shootdown: HandlerPrice;
  /** What a device's interrupt takes of its CPU. */
  readonly interrupt: HandlerPrice;
  /** @defaultValue Linux's */
  readonly slicePs?: number;
}

/** The CPUs of a timed world. */
export class SharedCpus {
  readonly set: CpuSet;
  readonly interruptPs: number;
  private readonly sim: Sim;
  private readonly shootdown: HandlerPrice;

  constructor(sim: Sim, { nrCpus, shootdown, interrupt, slicePs }: SharedCpusSpec) {
    this.sim = sim;
    this.set = new CpuSet(sim, nrCpus, slicePs);
    this.shootdown = shootdown;
    this.interruptPs = interrupt.ps;
  }

  /** A CPU by its number. */
  of(number: number): Cpu {
    return this.set.cpu(number);
  }

  /** What a driver of verbs asks, for the works of its actors. @internal */
  hostFor(workOf: (actor: Actor) => Work): CpuHost {
    return {
      claim: (actor) => {
        const { cpu, isUrgent } = workOf(actor);
        return cpu?.claim(actor, isUrgent) ?? null;
      },
      pass: (actor, pausePs) => this.pass(actor, workOf(actor), pausePs),
      leave: (actor) => workOf(actor).cpu?.leave(actor),
    };
  }

  /**
   * The flushes of a step interrupt other CPUs, at the beginning of its time.
   * @returns how long their sender waits beyond what a flush is priced at, because a CPU serves
   * other interrupts first.
   * @internal
   */
  interruptFor(work: Work, reader: EffortReader): number {
    const { shootdowns } = work;
    if (shootdowns.length === 0) return 0;
    const { nowPs } = this.sim;
    let waitPs = 0;
    for (const { mask, count } of shootdowns) {
      const handlerPs = this.shootdown.ps * count;
      for (const number of cpusOf(mask)) {
        const cpu = this.set.cpus[number];
        if (cpu === undefined || cpu === work.cpu) continue;
        this.set.nrShootdownInterrupts += count;
        reader.addOrigin(this.shootdown.origin, handlerPs);
        waitPs = Math.max(waitPs, cpu.interrupt(handlerPs) - handlerPs - nowPs);
      }
      this.set.nrShootdowns += count;
    }
    shootdowns.length = 0;
    work.answerWaitPs = waitPs;
    return waitPs;
  }

  /** Work first, then what no CPU does, then what is waited out busily or asleep. */
  private *pass(self: Actor, work: Work, pausePs: number): ActorBody<void> {
    const { cpu, untilPs } = work;
    work.untilPs = 0;
    if (cpu === null) {
      if (pausePs > 0) yield pausePs;
      return;
    }
    const { totalPs, offCpuPs } = work.bill;
    const busyPs = totalPs - work.onLinksPs - offCpuPs + work.answerWaitPs;
    if (busyPs > 0) yield cpu.run(self, busyPs);
    const asleepPs = offCpuPs + work.flushWaitPs;
    if (asleepPs > 0) {
      cpu.leave(self);
      yield asleepPs;
    }
    if (untilPs > 0) yield* this.waitOut(self, work, cpu, untilPs);
    cpu.leave(self);
  }

  /** Waiting for the CPU has taken a part of the time that is to be waited out. */
  private *waitOut(self: Actor, work: Work, cpu: Cpu, untilPs: number): ActorBody<void> {
    work.idlePs = Math.max(0, untilPs - this.sim.nowPs - work.onLinksPs);
    if (work.idlePs === 0) return;
    if (work.isNapping) {
      cpu.leave(self);
      yield work.idlePs;
    } else {
      yield cpu.spin(self, this.sim.nowPs + work.idlePs);
    }
  }
}
