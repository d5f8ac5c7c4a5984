// The CPUs of a machine, and TLB shootdowns among them: the sender interrupts every CPU that may
// hold translations and spins until each has answered.
import { ArgumentError, checkWholeNumber } from "@faultline/core";
import type { Actor } from "../actor/actor.ts";
import type { Pause } from "../actor/pause.ts";
import { Signal } from "../actor/signal.ts";
import type { Sim } from "../actor/sim.ts";
import { checkPs } from "../time/sim-time.ts";
import { WAIT_CPU } from "../wait/wait-kinds.ts";
import { Cpu, DEFAULT_SLICE_PS } from "./cpu.ts";

/** CPUs by number: a mask of the first 32, as the effort log has it, or a list. */
export type CpuMask = number | readonly number[];

/** What a shootdown costs. */
export interface ShootdownCosts {
  /** From the sender to the beginning of a handler on a CPU that serves nothing else. */
  readonly deliveryPs: number;
  /** The handler, with its flush. */
  readonly handlerPs: number;
}

/** CPUs that interrupt each other. */
export class CpuSet {
  readonly cpus: readonly Cpu[];
  nrShootdowns = 0;
  /** Interrupts that shootdowns sent. */
  nrShootdownInterrupts = 0;
  private readonly sim: Sim;

  constructor(sim: Sim, nrCpus: number, slicePs: number = DEFAULT_SLICE_PS) {
    checkWholeNumber(nrCpus, "nrCpus", 1, 8192);
    this.sim = sim;
    this.cpus = Array.from({ length: nrCpus }, (_, i) => new Cpu(sim, `cpu ${i}`, slicePs));
  }

  /** A CPU by its number. */
  cpu(number: number): Cpu {
    const cpu = this.cpus[number];
    if (cpu === undefined) throw new ArgumentError("number", `there is no cpu ${number}`);
    return cpu;
  }

  /**
   * Flushes translations on other CPUs: `yield cpus.shootdown(self, 0, mask, costs)`. The sender's
   * CPU spins until the last answer, so its other work stands still; it is not interrupted itself.
   */
  shootdown(self: Actor, from: number, mask: CpuMask, costs: ShootdownCosts): Pause {
    checkPs(costs.deliveryPs, "costs.deliveryPs");
    checkPs(costs.handlerPs, "costs.handlerPs");
    const targets = cpusOf(mask).filter((number) => number !== from);
    if (targets.length === 0) return self.proceed();
    const cpus = targets.map((number) => this.cpu(number));
    const sender = this.cpu(from);
    this.nrShootdowns++;
    this.nrShootdownInterrupts += cpus.length;
    const answered = new Signal(`answers of ${cpus.length} CPUs`, { kind: WAIT_CPU });
    sender.beginSpin();
    const arrival = this.sim.timer(() => {
      const last = Math.max(...cpus.map((cpu) => cpu.interrupt(costs.handlerPs)));
      this.sim.removeReceiver(arrival);
      const answer = this.sim.timer(() => {
        this.sim.removeReceiver(answer);
        sender.endSpin();
        answered.fire();
      });
      answer.setAt(last);
    });
    arrival.setAfter(costs.deliveryPs);
    return answered.wait(self);
  }
}

/** The numbers in a mask, ascending. */
export function cpusOf(mask: CpuMask): number[] {
  if (typeof mask !== "number") return [...new Set(mask)].sort((a, b) => a - b);
  const numbers: number[] = [];
  for (let rest = mask >>> 0; rest !== 0; rest = (rest & (rest - 1)) >>> 0) {
    numbers.push(31 - Math.clz32(rest & -rest));
  }
  return numbers;
}
