// What the kernel counts while a step runs under a clock. The counters are the world's, so a step
// has counts of its own only while no other runs.
import type { World } from "@faultline/core";
import { growth } from "../growth.ts";
import type { PlannedStep } from "../plan.ts";
import type { StepOutcome } from "../step-outcome.ts";

/** A step under way. */
export interface CountedStep {
  readonly planned: PlannedStep;
  readonly before: Readonly<Record<string, number>>;
  /** Another step that ran at the same time. */
  overlapped: PlannedStep | null;
}

/** What a step came to, with what was counted. */
export interface CountedOutcome extends StepOutcome {
  readonly overlapped: PlannedStep | null;
}

/** Tells steps that overlap. */
export class StepCounting {
  private readonly world: World;
  private readonly running = new Set<CountedStep>();

  constructor(world: World) {
    this.world = world;
  }

  /** A step begins. */
  begin(planned: PlannedStep): CountedStep {
    const [other = null] = this.running;
    for (const one of this.running) one.overlapped ??= planned;
    const before = this.world.vmEvents.byName();
    const step = { planned, before, overlapped: other?.planned ?? null };
    this.running.add(step);
    return step;
  }

  /** It is over. @returns how much each counter has grown, and who else may have had a part */
  end(step: CountedStep): Required<Pick<CountedOutcome, "vmstat" | "overlapped">> {
    this.running.delete(step);
    const vmstat = growth(this.world.vmEvents.byName(), step.before);
    return { vmstat, overlapped: step.overlapped };
  }
}
