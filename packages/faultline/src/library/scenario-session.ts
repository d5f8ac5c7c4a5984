// A run under a clock that a program moves through, forwards and back. Drivers and steps are
// generators, whose state no checkpoint can hold; so going back is running the same again, which
// gives the same to the last event.
import type { ProfileChoice, ScenarioMachine, TimedPlan, TimedProgress } from "@faultline/scenario";
import { timedPlan } from "@faultline/scenario";
import { type Instant, instantPs } from "./instant.ts";
import { InputError } from "./input-error.ts";
import { type Measured, type MeasuredRun, measuredRun } from "./measured-run.ts";
import {
  checkedScenario,
  chosenProfiles,
  noProfile,
  type ProfileName,
  type ScenarioOptions,
  type ScenarioSource,
} from "./scenario-options.ts";
import { repetitionProblem, toldRun } from "./told-run.ts";

/** A point of a run. It belongs to a scenario, not to a session: any session of it can go there. */
export interface SessionPoint {
  readonly atPs: number;
  readonly nrEvents: number;
  readonly nrFaults: number;
}

/** How a session runs. */
export interface SessionOptions extends ScenarioOptions {
  /** A profile for every device, or one for each by its name. @defaultValue the scenario's own */
  readonly profile?: ProfileName | Readonly<Record<string, ProfileName>>;
  /** Which run of a scenario with `repetitions`, from 1. @defaultValue the first */
  readonly repetition?: number;
}

/**
 * Opens a scenario that has a clock; nothing has happened yet.
 * @throws InputError with every problem of the text, of files that it names, and of the options,
 * where neither the scenario nor the options name a profile, and for a repetition that it has not.
 */
export function openScenario(
  source: ScenarioSource,
  options: SessionOptions = {},
): ScenarioSession {
  const { plan } = checkedScenario(source, options);
  const choice: ProfileChoice | null = chosenProfiles(plan, options.profile);
  if (choice === null) throw new InputError([noProfile(plan.file)]);
  const { repetition } = options;
  const problem = repetitionProblem(plan, repetition, "<options>");
  if (problem !== null) throw new InputError([problem]);
  const { seed } = toldRun(plan, undefined, repetition);
  const seeded = { ...plan, document: { ...plan.document, seed } };
  return new ScenarioSession(timedPlan(seeded, choice));
}

/** A run that goes where a program wants. */
export class ScenarioSession {
  private readonly planned: TimedPlan;
  private run!: MeasuredRun;
  private ownMachine: ScenarioMachine | null = null;
  private isOverNow = false;
  /** The records were flushed for a result, so that going on would change the digest. */
  private isTold = false;

  /** Opened by `openScenario`. */
  constructor(planned: TimedPlan) {
    this.planned = planned;
    this.restart();
  }

  /** How far it is. */
  get progress(): TimedProgress {
    return this.run.run.progress;
  }

  /** Where it is. */
  get point(): SessionPoint {
    const { simulatedPs: atPs, nrEvents, nrFaults } = this.progress;
    return { atPs, nrEvents, nrFaults };
  }

  /** Whether everything has happened. */
  get isOver(): boolean {
    return this.isOverNow;
  }

  /**
   * World, devices and processes at this point: to be looked at. Who changes them changes what
   * comes after, until the session goes back; `again()` gives another world for that.
   */
  get machine(): ScenarioMachine {
    return this.ownMachine as ScenarioMachine;
  }

  /**
   * Goes to an instant, which takes as long as what lies between; back, as long as all until then.
   * What is due at the instant has happened.
   */
  goTo(instant: Instant): this {
    const atPs = instantPs(instant);
    if (atPs < this.progress.simulatedPs || this.isTold) this.restart();
    this.isOverNow = this.run.run.advanceTo(atPs);
    return this;
  }

  /** Goes to where so many steps have ended, or everything has. */
  goToStep(nrStepsDone: number): this {
    if (nrStepsDone < this.progress.nrStepsDone || this.isTold) this.restart();
    while (!this.isOverNow && this.progress.nrStepsDone < nrStepsDone) {
      this.isOverNow = this.run.run.advance(1);
    }
    return this;
  }

  /**
   * Goes to a point where it, or another session of the same scenario, has been.
   * @throws Error when the run does not come there again, because a plug-in keeps something from
   * one run to the next, or because the point is of another scenario.
   */
  goToPoint({ atPs, nrEvents, nrFaults }: SessionPoint): this {
    if (nrEvents < this.progress.nrEvents || atPs < this.progress.simulatedPs || this.isTold) {
      this.restart();
    }
    const left = nrEvents - this.progress.nrEvents;
    if (left > 0) this.isOverNow = this.run.run.advance(left);
    if (!this.isOverNow && this.progress.simulatedPs < atPs) {
      this.isOverNow = this.run.run.advanceTo(atPs);
    }
    const { point } = this;
    if (point.atPs !== atPs || point.nrEvents !== nrEvents || point.nrFaults !== nrFaults) {
      const hint = "a plug-in keeps something between runs, or the point is of another scenario";
      throw new Error(`the run does not come to event ${nrEvents} at ${atPs} ps again: ${hint}`);
    }
    return this;
  }

  /** Another session of the same scenario at this point, with a world of its own. */
  again(): ScenarioSession {
    return new ScenarioSession(this.planned).goToPoint(this.point);
  }

  /** Goes on to the end; the result is that of a run without any stop. */
  finish(): Measured {
    if (this.isTold && !this.isOverNow) this.restart();
    this.isOverNow = this.run.run.advance();
    return this.result();
  }

  /** What has come of it so far; of a run that is not over, of the part that has happened. */
  result(): Measured {
    this.isTold = true;
    return this.run.measure();
  }

  private restart(): void {
    this.isOverNow = false;
    this.isTold = false;
    this.run = measuredRun(this.planned, {
      atStart: (machine) => {
        this.ownMachine = machine;
      },
    });
  }
}
