// One actor: a generator that sleeps, waits and works in simulated time. It is driven by the run
// loop and woken by what it waits for; nobody else calls its generator.
import { ArgumentError } from "@faultline/core";
import type { StageClock } from "../record/stage-clock.ts";
import { checkPs, MAX_TIME_PS } from "../time/sim-time.ts";
import { IDLE, WAIT_FENCE } from "../wait/wait-kinds.ts";
import { WaitQueue } from "../wait/wait-queue.ts";
import { WaitStats } from "../wait/wait-stats.ts";
import type { Waitable } from "../wait/waitable.ts";
import {
  type ActorBody,
  Interrupted,
  PARKED,
  type Pause,
  READY,
  WAIT_OK,
  WAIT_TIMED_OUT,
} from "./pause.ts";
import type { Sim } from "./sim.ts";
import type { EventReceiver } from "./event-receiver.ts";

const GO_ON = 0;
const INTERRUPT = 1;
const CANCEL = 2;

/** A program in simulated time; made by `sim.spawn()`. Others can wait for its end. */
export class Actor implements EventReceiver, Waitable {
  readonly sim: Sim;
  readonly name: string;
  readonly id: number;
  /** A daemon does not keep the run alive. */
  readonly isDaemon: boolean;
  readonly kind: number = WAIT_FENCE;
  readonly stats: WaitStats = new WaitStats();
  readonly isWork = false;
  isEnded = false;
  /** What the program returned; undefined until then and when it was stopped. */
  result: unknown = undefined;
  /** What is waited for, from parking until the actor runs again. */
  wait: Waitable | null = null;
  /** Since when. */
  parkedAtPs = 0;
  /** A number of the waitable's own: a mode, an item, remaining work. */
  waitArg = 0;
  /** Where the actor's current fault counts its time; waits are charged to it. */
  stages: StageClock | null = null;
  nextWaiter: Actor | null = null;
  previousWaiter: Actor | null = null;
  private readonly body: ActorBody;
  private readonly joiners = new WaitQueue();
  private isWoken = false;
  private wakeCode = WAIT_OK;
  private blocker: Actor | null = null;
  private order = GO_ON;
  private interruption: Interrupted | null = null;

  constructor(sim: Sim, name: string, isDaemon: boolean, body: (self: Actor) => ActorBody) {
    this.sim = sim;
    this.name = name;
    this.isDaemon = isDaemon;
    this.id = sim.addReceiver(this);
    this.body = body(this);
  }

  /** Waits for another actor's end. */
  join(other: Actor): Pause {
    if (other.isEnded) return this.proceed();
    other.joiners.push(this);
    return this.park(other);
  }

  /**
   * Limits a wait: `yield self.within(PS_PER_US, lock.lock(self))` gives WAIT_TIMED_OUT when the
   * lock did not come in time.
   */
  within(timeoutPs: number, pause: Pause): Pause {
    checkPs(timeoutPs, "timeoutPs");
    if (pause === PARKED && !this.isWoken) this.scheduleAfter(timeoutPs);
    return pause;
  }

  /**
   * Throws `Interrupted` at the actor's yield; whatever it waited for is given up.
   * @returns false when it has already ended or is being cancelled.
   */
  interrupt(cause: unknown): boolean {
    return this.stop(INTERRUPT, cause);
  }

  /** Ends the actor at its yield; its `finally` blocks run and may take time. */
  cancel(): boolean {
    return this.stop(CANCEL, null);
  }

  /** Answers a wait that is over at once; for waitables. */
  proceed(code: number = WAIT_OK): Pause {
    this.wakeCode = code;
    return READY;
  }

  /** Begins a wait; for waitables, which put the actor in their queue themselves. */
  park(waitable: Waitable): Pause {
    if (this.sim.current !== this || this.wait !== null) this.refuseToPark(waitable);
    this.wait = waitable;
    this.parkedAtPs = this.sim.nowPs;
    if (this.sim.onWait !== null) this.blocker = waitable.holders(this)[0] ?? null;
    return PARKED;
  }

  /** Ends a wait; for waitables, which take the actor out of their queue themselves. */
  wake(code: number = WAIT_OK): void {
    this.endWait(this.sim.nowPs - this.parkedAtPs);
    this.wakeAt(this.sim.nowPs, code);
  }

  /** Ends work that took `excessPs` longer than it would have taken undisturbed; for waitables. */
  finishWork(atPs: number, excessPs: number, code: number = WAIT_OK): void {
    if (excessPs > 0) this.endWait(excessPs);
    this.wakeAt(atPs, code);
  }

  /** Runs the actor until its next pause; for the run loop. */
  fire(): void {
    if (this.wait !== null) {
      if (!this.isWoken) this.giveUpWait(WAIT_TIMED_OUT);
      this.wait = null;
      this.isWoken = false;
    }
    this.sim.current = this;
    this.sim.lastActor = this;
    try {
      let step = this.step();
      while (step.done !== true && step.value === READY) {
        if (this.wait !== null) this.refusePause(READY);
        step = this.body.next(this.wakeCode);
      }
      if (step.done === true) this.end(step.value);
      else this.pause(step.value);
    } catch (error) {
      this.end(undefined);
      if (!(error instanceof Interrupted)) throw error;
    } finally {
      this.sim.current = null;
    }
  }

  label(): string {
    return `the end of ${this.name}`;
  }

  holders(): readonly Actor[] {
    return [this];
  }

  abandon(waiter: Actor, isGranted: boolean): void {
    if (!isGranted) this.joiners.remove(waiter);
  }

  private step(): IteratorResult<Pause, unknown> {
    const { order, body } = this;
    if (order === GO_ON) return body.next(this.wakeCode);
    this.order = GO_ON;
    if (order === CANCEL) return body.return(undefined);
    return body.throw(this.interruption);
  }

  private pause(pause: Pause): void {
    if (pause === PARKED ? this.wait === null : this.wait !== null) this.refusePause(pause);
    if (pause === PARKED) return;
    this.wakeCode = WAIT_OK;
    if (!(pause >= 0) || Math.floor(pause) !== pause) this.refusePause(pause);
    this.scheduleAfter(pause);
  }

  private scheduleAfter(delayPs: number): void {
    const at = this.sim.nowPs + delayPs;
    // Nothing happens beyond the last instant, so what is due there only has to stay there.
    this.sim.queue.schedule(at <= MAX_TIME_PS ? at : MAX_TIME_PS + 1, this.id);
  }

  private wakeAt(atPs: number, code: number): void {
    this.isWoken = true;
    this.wakeCode = code;
    this.sim.queue.schedule(atPs, this.id);
  }

  private endWait(waitedPs: number): void {
    const { sim, wait, blocker } = this;
    if (wait === null) return;
    const { kind } = wait;
    wait.stats.add(waitedPs);
    if (kind !== IDLE) {
      sim.waited[kind]?.add(waitedPs);
      this.stages?.charge(kind, waitedPs, sim.nowPs);
    }
    this.blocker = null;
    if (sim.onWait === null) return;
    const endPs = sim.nowPs;
    sim.onWait({ waiter: this, waitable: wait, kind, holder: blocker, endPs, waitedPs });
  }

  private giveUpWait(code: number): void {
    const { wait, isWoken } = this;
    if (wait === null) return;
    if (!isWoken && !wait.isWork) this.endWait(this.sim.nowPs - this.parkedAtPs);
    wait.abandon(this, isWoken);
    this.wakeCode = code;
  }

  private stop(order: number, cause: unknown): boolean {
    if (this.isEnded || this.order === CANCEL) return false;
    if (this.sim.current === this) {
      throw new ArgumentError("actor", `${this.name} cannot stop itself; it can return`);
    }
    this.giveUpWait(WAIT_OK);
    this.wait = null;
    this.isWoken = false;
    this.order = order;
    this.interruption = order === INTERRUPT ? new Interrupted(cause) : null;
    this.sim.queue.schedule(this.sim.nowPs, this.id);
    return true;
  }

  private end(result: unknown): void {
    this.isEnded = true;
    this.result = result;
    this.stages = null;
    this.sim.removeReceiver(this);
    if (this.wait !== null) this.giveUpWait(WAIT_OK);
    this.wait = null;
    for (let joiner = this.joiners.shift(); joiner !== null; joiner = this.joiners.shift()) {
      joiner.wake();
    }
  }

  private refuseToPark(waitable: Waitable): never {
    const problem =
      this.wait === null
        ? `${this.name} does not run, so it cannot begin to wait for ${waitable.name}`
        : `${this.name} already waits for ${this.wait.name}: yield each wait before the next`;
    throw new ArgumentError("self", problem);
  }

  private refusePause(pause: Pause): never {
    const problem =
      this.wait === null
        ? `${this.name} yielded ${String(pause)}: no whole number of picoseconds and no wait`
        : `${this.name} waits for ${this.wait.name} but yielded ${String(pause)}`;
    throw new ArgumentError("pause", problem);
  }
}
