// A callback at an instant, for what is no actor: a link's next completion, a device's clock.
import { checkPs } from "../time/sim-time.ts";
import type { Sim } from "./sim.ts";
import type { EventReceiver } from "./event-receiver.ts";

/** A callback with at most one pending call; made by `sim.timer()`. Does not keep a run alive. */
export class Timer implements EventReceiver {
  readonly id: number;
  readonly fire: () => void;
  private readonly sim: Sim;

  constructor(sim: Sim, fire: () => void) {
    this.sim = sim;
    this.fire = fire;
    this.id = sim.addReceiver(this);
  }

  /** Calls back after a delay; a call that is pending is moved. */
  setAfter(delayPs: number): void {
    checkPs(delayPs, "delayPs");
    this.sim.queue.schedule(this.sim.nowPs + delayPs, this.id);
  }

  /** Calls back at an instant that is not in the past. */
  setAt(timePs: number): void {
    this.sim.queue.schedule(timePs, this.id);
  }

  /** Takes a pending call back; false when there is none. */
  cancel(): boolean {
    return this.sim.queue.cancel(this.id);
  }

  /** Whether a call is pending. */
  get isSet(): boolean {
    return this.sim.queue.isPending(this.id);
  }
}
