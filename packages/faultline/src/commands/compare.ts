// `faultline compare FILE… --profiles A,B`: one scenario on several machines, side by side.
import { diagnosticToJson } from "@faultline/diagnostics";
import type { Profile } from "@faultline/profiles";
import type { ProfileChoice, ScenarioPlan } from "@faultline/scenario";
import { type Command, InvalidArgumentError } from "commander";
import { resultStyle } from "../colours.ts";
import type { CommandContext } from "../command-context.ts";
import { commaSeparated } from "../comma-separated.ts";
import { examplesText } from "../command-examples.ts";
import { type ComparedRun, comparisonJson, comparisonText } from "../comparison.ts";
import { medianRun } from "../library/median-run.ts";
import { loadScenarios, printDiagnosticsJson } from "../load-scenarios.ts";
import { addOutputOptions, type OutputOptions } from "../outputs/output-options.ts";
import { RunOutputs } from "../outputs/run-outputs.ts";
import { findProfiles } from "../profile-option.ts";
import { repeatedRuns } from "../scenario-runs/repeated-runs.ts";
import { seedOption } from "../seed-option.ts";
import { setOption } from "../set-option.ts";
import { type TimedRunOptions, watchedRun } from "../timed-run.ts";
import { drawnRuns } from "../uncertainty/drawn-runs.ts";
import { uncertaintyOf } from "../uncertainty/sample-runs.ts";
import { uncertaintyOption } from "../uncertainty/uncertainty-option.ts";

interface CompareOptions extends OutputOptions {
  readonly profiles: readonly string[];
  readonly seed?: number;
  readonly set?: readonly string[];
  readonly uncertainty?: number;
  readonly vmstat: boolean;
  readonly json?: true;
}

const description =
  "Runs each scenario for each profile: devices are driven by the stack of the profile," +
  " unless the scenario names their driver, and priced by it. Shows how long faults take, what" +
  " the time is spent on, and ratios to the first profile; of a scenario with repetitions the" +
  " medians, and the interval that nine tenths of the repetitions lie in. What the scenarios" +
  " expect is not checked.";

/** Adds the command. */
export function addCompareCommand(program: Command, context: CommandContext): void {
  const profiles = "intel-xe-svm-nothp,amd-mi250x-xnack-svm";
  const command = program
    .command("compare")
    .summary("run scenarios at the prices of several profiles, side by side")
    .description(description)
    .argument("<files...>", "scenario files; - is stdin")
    .requiredOption("--profiles <names>", "profiles, with commas between them", parseProfiles)
    .addOption(seedOption())
    .addOption(setOption())
    .addOption(uncertaintyOption());
  addOutputOptions(command)
    .option("--no-vmstat", "leave out what the kernel has counted under names of /proc/vmstat")
    .option("--json", "print the comparisons as JSON")
    .addHelpText(
      "after",
      examplesText([
        {
          shows: "the quick start on two vendors' machines",
          line: `compare scenarios/quickstart.yaml --profiles ${profiles}`,
        },
        {
          shows: "and whether they differ by more than what nobody knows",
          line: `compare scenarios/quickstart.yaml --profiles ${profiles} --uncertainty`,
        },
        {
          shows: "a page with figures and tables",
          line: `compare scenarios/quickstart.yaml --profiles ${profiles} --html r.html`,
        },
      ]),
    )
    .action((files: string[], options: CompareOptions) => compare(context, files, options));
}

function parseProfiles(text: string): string[] {
  const names = commaSeparated(text);
  if (names.length > 0) return names;
  throw new InvalidArgumentError("it names at least one profile, such as host-cpu.");
}

async function compare(
  context: CommandContext,
  files: readonly string[],
  options: CompareOptions,
): Promise<void> {
  const { plans, diagnostics, texts } = loadScenarios(context, files, options.set);
  const profiles = findProfiles(context, options.profiles);
  if (plans.length === 0 || profiles === null) {
    if (options.json) printDiagnosticsJson(context, diagnostics);
    return;
  }
  const style = resultStyle(context.io.outHasColours);
  const outputs = RunOutputs.of(options, texts);
  const comparisons: object[] = [];
  for (const [at, plan] of plans.entries()) {
    const runs: ComparedRun[] = [];
    for (const profile of profiles) {
      const run = await runWith(context, plan, profile, options, outputs);
      if (run !== null) runs.push(run);
      if (run?.result.isPartial === true) break;
    }
    const gap = at === 0 ? "" : "\n";
    if (!options.json) context.io.writeOut(gap + comparisonText(runs, style, options.vmstat));
    comparisons.push(comparisonJson(runs));
    if (runs.some(({ result }) => result.isPartial)) break;
  }
  const problems = (await outputs?.write(context)) ?? [];
  if (options.json) {
    const all = [...diagnostics, ...problems].map(diagnosticToJson);
    context.printJson({ comparisons, diagnostics: all });
  }
}

async function runWith(
  context: CommandContext,
  plan: ScenarioPlan,
  all: Profile,
  { seed, uncertainty: nrSamples }: CompareOptions,
  outputs: RunOutputs | undefined,
): Promise<ComparedRun | null> {
  const choice = { all, byDevice: new Map<string, Profile>() };
  const done = await runAll(context, plan, choice, { seed, outputs });
  if (done === null || nrSamples === undefined || done.result.isPartial) return done;
  const sampled = drawnRuns(context, plan, choice, done.result.seed, nrSamples);
  outputs?.noteUncertainty(sampled.uncertainty);
  return { ...done, sampled };
}

/** As often as the scenario says. */
async function runAll(
  context: CommandContext,
  plan: ScenarioPlan,
  choice: ProfileChoice,
  options: TimedRunOptions,
): Promise<ComparedRun | null> {
  if (plan.document.repetitions === 1) return await watchedRun(context, plan, choice, options);
  const all = await repeatedRuns(context, plan, choice, options);
  const [first, ...others] = all?.runs ?? [];
  if (all === null || first === undefined) return null;
  const runs = [first, ...others] as const;
  const median = medianRun(runs);
  const { isPartial } = all.result;
  const repeated = { runs, uncertainty: uncertaintyOf(runs) };
  return { ...median, result: { ...median.result, isPartial }, repeated };
}
