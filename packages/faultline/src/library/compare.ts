// `compare()`: one scenario at the prices of several profiles; ratios are to the first.
import type { Diagnostic } from "@faultline/diagnostics";
import type { Profile } from "@faultline/profiles";
import type { FaultKind } from "@faultline/report";
import { isSameKind } from "../fault-kind-name.ts";
import { ratioOf } from "../ratio-of.ts";
import type { Measured } from "./measured-run.ts";
import type { RunColumns } from "./run-columns.ts";
import { medianRun } from "./median-run.ts";
import { repeatedRuns } from "./run-scenario.ts";
import {
  checkedScenario,
  type ProfileName,
  profileOf,
  type ScenarioOptions,
  type ScenarioSource,
} from "./scenario-options.ts";

/** How `compare` runs. */
export interface CompareOptions extends ScenarioOptions {
  /** Collects what happens in all runs; the column `profile` says in which. */
  readonly columns?: RunColumns;
}

/** Faults of one kind beside those of the first profile. */
export interface ComparedKind extends FaultKind {
  /** Of the medians; null where the first profile has no such faults. */
  readonly ratio: number | null;
}

/** One of the runs. Of a scenario with `repetitions` the numbers are medians over all of them. */
export interface ComparedRun extends Omit<Measured, "kinds"> {
  readonly profile: Profile;
  /** Every repetition, with seeds that are the same for each profile; one where there is one. */
  readonly repetitions: readonly Measured[];
  readonly kinds: readonly ComparedKind[];
  /** Of the simulated time to that of the first profile; null where that is 0. */
  readonly ratio: number | null;
}

/** A scenario on several machines. */
export interface Comparison {
  readonly file: string;
  readonly title: string;
  /** In the order of the profiles. */
  readonly runs: readonly ComparedRun[];
  readonly warnings: readonly Diagnostic[];
}

/**
 * Runs a scenario for each profile, as often as it says: devices are driven by the stack of the
 * profile, unless the scenario names their driver, and priced by it.
 * @param profiles ids, or profiles of one's own; the first is what the others are compared with.
 * @throws InputError with every problem of the text, of files that it names, and of the options.
 */
export function compare(
  source: ScenarioSource,
  profiles: readonly ProfileName[],
  options: CompareOptions = {},
): Comparison {
  const { plan, warnings } = checkedScenario(source, options);
  const known = profiles.map((name) => profileOf(name, plan.plugins));
  const runs: ComparedRun[] = [];
  for (const profile of known) {
    const choice = { all: profile, byDevice: new Map<string, Profile>() };
    const repetitions = repeatedRuns(plan, choice, options);
    const run = medianRun(repetitions);
    const first = runs[0] ?? run;
    const kinds = run.kinds.map((kind): ComparedKind => {
      const p50Ps = first.kinds.find((one) => isSameKind(one, kind))?.p50Ps;
      return { ...kind, ratio: ratioOf(kind.p50Ps, p50Ps) };
    });
    const ratio = ratioOf(run.result.simulatedPs, first.result.simulatedPs);
    runs.push({ ...run, profile, kinds, ratio, repetitions });
  }
  return { file: plan.file, title: plan.document.title, runs, warnings };
}
