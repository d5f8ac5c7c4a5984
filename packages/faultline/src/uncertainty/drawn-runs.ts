// A scenario at drawn prices, with progress on a terminal.
import type { ProfileChoice, ScenarioPlan } from "@faultline/scenario";
import type { CommandContext } from "../command-context.ts";
import { startProgress } from "../progress.ts";
import { timedRun } from "../timed-run.ts";
import { type SampledRuns, sampleRuns } from "./sample-runs.ts";

/** Runs a scenario as often as asked, each time at prices of its own. */
export function drawnRuns(
  context: CommandContext,
  plan: ScenarioPlan,
  choice: ProfileChoice,
  seed: number,
  nrSamples: number,
): SampledRuns {
  const progress = startProgress(context.io, "sampling");
  const sampled = sampleRuns(choice, seed, nrSamples, (drawn, n) => {
    progress.update(n, nrSamples);
    return timedRun(context, plan, drawn, { seed });
  });
  progress.end();
  return sampled;
}
