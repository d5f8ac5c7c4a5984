// What a driver needs from whoever runs it: the time, and being called later. A simulation gives
// its clock; without one a step counter stands still until somebody moves it.

/** Ends a timer that has not run. */
export type CancelTimer = () => void;

/** The surroundings of a driver. */
export interface StackHost {
  /** Picoseconds since the run began. */
  now(): number;
  /** Calls `run` once, `afterPs` from now. */
  timer(afterPs: number, run: () => void): CancelTimer;
}

interface PendingTimer {
  readonly atPs: number;
  readonly run: () => void;
}

/** A host without a clock. Timers run in order of time, then of being set, when time is moved. */
export class StepHost implements StackHost {
  private timePs = 0;
  private pending: PendingTimer[] = [];

  now(): number {
    return this.timePs;
  }

  timer(afterPs: number, run: () => void): CancelTimer {
    const timer = { atPs: this.timePs + afterPs, run };
    const later = this.pending.findIndex(({ atPs }) => atPs > timer.atPs);
    this.pending.splice(later < 0 ? this.pending.length : later, 0, timer);
    return () => {
      this.pending = this.pending.filter((other) => other !== timer);
    };
  }

  /** Moves time on and runs what falls due, including what that sets in turn. */
  advance(byPs: number): void {
    const end = this.timePs + byPs;
    for (;;) {
      const [next] = this.pending;
      if (next === undefined || next.atPs > end) break;
      this.pending.shift();
      this.timePs = next.atPs;
      next.run();
    }
    this.timePs = end;
  }
}
