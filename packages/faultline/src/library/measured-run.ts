// A run under a clock with its faults added up and its bytes counted: what the command line and the
// library share.
import { type FaultKind, FaultSummary, type NamedRun } from "@faultline/report";
import {
  DEFAULT_SEED,
  type ScenarioMachine,
  type TimedPlan,
  type TimedScenarioResult,
  TimedScenarioRun,
} from "@faultline/scenario";
import { type FaultChunk, type RunRecord, Traffic } from "@faultline/sim";
import { type MovedBytes, movedBytes } from "../moved-bytes.ts";

/** What a run came to. */
export interface Measured {
  readonly result: TimedScenarioResult;
  readonly kinds: readonly FaultKind[];
  /** Which way data went. */
  readonly moved: readonly MovedBytes[];
}

/** What else watches a run. */
export interface RunObserver {
  readonly record?: RunRecord | undefined;
  readonly sink?: ((chunk: FaultChunk) => void) | undefined;
}

/** How a run is measured. */
export interface MeasuredRunOptions<Observer extends RunObserver = RunObserver> {
  /** @defaultValue the scenario's */
  readonly seed?: number | undefined;
  /** Watches, too. */
  readonly observe?: ((run: NamedRun) => Observer | undefined) | undefined;
  /** Looks at the machine before anything happens, and when everything is over. */
  readonly atStart?: ((machine: ScenarioMachine) => void) | undefined;
  readonly atEnd?: ((machine: ScenarioMachine) => void) | undefined;
}

/** A run that can be advanced, and what has been measured of it. */
export interface MeasuredRun<Observer extends RunObserver = RunObserver> {
  readonly run: TimedScenarioRun;
  readonly named: NamedRun;
  readonly summary: FaultSummary;
  readonly observer: Observer | undefined;
  /** What has come of it so far. */
  readonly measure: () => Measured;
}

/** Begins a run; nothing has happened yet. */
export function measuredRun<Observer extends RunObserver = RunObserver>(
  planned: TimedPlan,
  options: MeasuredRunOptions<Observer> = {},
): MeasuredRun<Observer> {
  const { seed, observe, atStart, atEnd } = options;
  const { plan, pageBytes } = planned;
  const names = plan.machine?.devices.map(({ name }) => name) ?? [];
  const nameOf = (device: number): string => names[device] ?? `device ${device}`;
  const summary = new FaultSummary(nameOf);
  const named: NamedRun = {
    scenario: plan.file,
    profile: planned.cpuProfile.id,
    seed: seed ?? plan.document.seed ?? DEFAULT_SEED,
    pageBytes,
    nameOf,
  };
  const observer = observe?.(named);
  const traffic = new Traffic();
  const run = new TimedScenarioRun(planned, {
    traffic,
    ...(seed === undefined ? {} : { seed }),
    sink: (chunk) => {
      summary.add(chunk);
      observer?.sink?.(chunk);
    },
    record: observer?.record,
    ...(atStart === undefined ? {} : { atStart: ({ machine }) => atStart(machine) }),
    ...(atEnd === undefined ? {} : { atEnd }),
  });
  const measure = (): Measured => {
    const result = run.result();
    const moved = movedBytes(traffic, pageBytes, nameOf);
    return { result, kinds: summary.kindsOfFaults(), moved };
  };
  return { run, named, summary, observer, measure };
}
