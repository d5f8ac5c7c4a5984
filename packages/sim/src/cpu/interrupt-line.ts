// An interrupt with a thread: the hard handler steals a little time from a CPU and wakes the
// thread, which does the rest as urgent work.
import type { Actor } from "../actor/actor.ts";
import type { Pause } from "../actor/pause.ts";
import { Signal } from "../actor/signal.ts";
import type { Sim } from "../actor/sim.ts";
import type { Timer } from "../actor/timer.ts";
import { checkPs } from "../time/sim-time.ts";
import { IDLE } from "../wait/wait-kinds.ts";
import type { Cpu } from "./cpu.ts";

/** The line from a device to the thread that serves it. */
export class InterruptLine {
  readonly name: string;
  readonly cpu: Cpu;
  nrRaised = 0;
  private readonly sim: Sim;
  private readonly handlerPs: number;
  private readonly wakeUp: Signal;
  private readonly timer: Timer;
  private readonly raised: number[] = [];
  private nrPending = 0;

  /** `handlerPs` is what the hard handler takes from the CPU. */
  constructor(sim: Sim, name: string, cpu: Cpu, handlerPs: number) {
    checkPs(handlerPs, "handlerPs");
    this.sim = sim;
    this.name = name;
    this.cpu = cpu;
    this.handlerPs = handlerPs;
    this.wakeUp = new Signal(`${name} raised`, { kind: IDLE });
    this.timer = sim.timer(() => this.handled());
  }

  /** The device raises it. */
  raise(): void {
    this.nrRaised++;
    this.raised.push(this.cpu.interrupt(this.handlerPs));
    if (!this.timer.isSet) this.timer.setAt(this.raised[0] as number);
  }

  /**
   * The thread waits until the hard handler has run: `const nr = yield line.wait(self)`. It gets
   * how often that was since it last waited; then it does its work with `cpu.run(self, ps, true)`.
   */
  wait(self: Actor): Pause {
    if (this.nrPending === 0) return this.wakeUp.wait(self);
    return self.proceed(this.take());
  }

  private handled(): void {
    while (this.raised.length > 0 && (this.raised[0] as number) <= this.sim.nowPs) {
      this.raised.shift();
      this.nrPending++;
    }
    const next = this.raised[0];
    if (next !== undefined) this.timer.setAt(next);
    if (this.wakeUp.nrWaiting > 0) this.wakeUp.fire(this.take());
  }

  private take(): number {
    const nr = this.nrPending;
    this.nrPending = 0;
    return nr;
  }
}
