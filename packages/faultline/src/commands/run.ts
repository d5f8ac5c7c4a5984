// `faultline run FILE…`: runs scenarios, prints what happened, checks their expectations.
import { type Diagnostic, diagnosticFor, diagnosticToJson } from "@faultline/diagnostics";
import {
  formatResult,
  ownProfiles,
  type ProfileChoice,
  type ResultStyle,
  runScenario,
  type ScenarioMachine,
  type ScenarioPlan,
} from "@faultline/scenario";
import type { Command } from "commander";
import { resultStyle } from "../colours.ts";
import type { CommandContext } from "../command-context.ts";
import { decisionTable } from "../decision-table.ts";
import {
  addDriverLogOptions,
  type DriverLogOptions,
  tooManyForLogs,
  writeDriverLogs,
} from "../driver-logs.ts";
import { examplesText } from "../command-examples.ts";
import { noExpectedData, updateExpected, updateOption } from "../expected-data.ts";
import { type KernelName, kernelOption, withKernel } from "../kernel-option.ts";
import { loadScenarios, printDiagnosticsJson } from "../load-scenarios.ts";
import {
  addOutputOptions,
  type OutputOptions,
  outputsWithoutClock,
} from "../outputs/output-options.ts";
import { RunOutputs } from "../outputs/run-outputs.ts";
import { chosenProfiles, profileOption } from "../profile-option.ts";
import { seedOption } from "../seed-option.ts";
import { setOption } from "../set-option.ts";
import { showDiagnostics } from "../show-diagnostics.ts";
import { type TimedRunOptions, watchedRun } from "../timed-run.ts";
import { timedText } from "../timed-text.ts";
import { drawnRuns } from "../uncertainty/drawn-runs.ts";
import { uncertaintyOption } from "../uncertainty/uncertainty-option.ts";
import { uncertaintyText } from "../uncertainty/uncertainty-text.ts";

interface RunOptions extends DriverLogOptions, OutputOptions {
  readonly kernel?: KernelName;
  readonly profile?: readonly string[];
  readonly seed?: number;
  readonly set?: readonly string[];
  readonly uncertainty?: number;
  readonly update?: true;
  readonly json?: true;
}

const description =
  "Runs scenarios, prints what each step did to each page and why, and checks what the scenarios" +
  " expect. With a profile, the steps take simulated time, and the faults are shown with theirs." +
  " Nothing runs when any of the files has an error.";

/** Adds the command. */
export function addRunCommand(program: Command, context: CommandContext): void {
  const command = program
    .command("run")
    .summary("run scenarios and check their expectations")
    .description(description)
    .argument("<files...>", "scenario files; - is stdin")
    .addOption(kernelOption())
    .addOption(profileOption())
    .addOption(seedOption())
    .addOption(setOption())
    .addOption(uncertaintyOption());
  addDriverLogOptions(addOutputOptions(command))
    .addOption(updateOption())
    .option("--json", "print the results as JSON")
    .addHelpText(
      "after",
      examplesText([
        { shows: "what the quick start does", line: "run scenarios/quickstart.yaml" },
        {
          shows: "the same on the kernel as released, for a script",
          line: "run scenarios/quickstart.yaml --kernel 7.2.12 --json",
        },
        {
          shows: "what its faults take on a machine",
          line: "run scenarios/quickstart.yaml --profile intel-xe-svm-nothp",
        },
        {
          shows: "the same with another value in it",
          line: "run scenarios/quickstart.yaml --set settings.transparent_hugepage=never",
        },
        {
          shows: "how sure that is",
          line: "run scenarios/quickstart.yaml --profile intel-xe-svm-nothp --uncertainty 100",
        },
        {
          shows: "a page with figures and tables of a run",
          line: "run scenarios/clock/pipeline.yaml --html report.html",
        },
        {
          shows: "its timeline, for https://ui.perfetto.dev",
          line: "run scenarios/clock/pipeline.yaml --trace pipeline.pftrace",
        },
        {
          shows: "every fault as a row, for SQL or a data frame",
          line: "run scenarios/clock/pipeline.yaml --faults faults.parquet",
        },
        {
          shows: "keep what a scenario does beside it, to see changes",
          line: "run scenarios/fork/*.yaml --update",
        },
        {
          shows: "the events of an AMD GPU, for tools that read those of a real one",
          line: "run scenarios/quickstart.yaml --profile amd-mi250x-xnack-svm --smi events.txt",
        },
      ]),
    )
    .action((files: string[], options: RunOptions) => run(context, files, options));
}

async function run(
  context: CommandContext,
  files: readonly string[],
  options: RunOptions,
): Promise<void> {
  const { plans, diagnostics, texts } = loadScenarios(context, files, options.set);
  const profiles = chosenProfiles(context, options.profile ?? []);
  if (plans.length === 0 || profiles === null) {
    if (options.json) printDiagnosticsJson(context, diagnostics);
    return;
  }
  const unpriced =
    noExpectedData({ ...options }, files) ??
    withoutPrices(plans, options) ??
    tooManyForLogs(options, plans.length);
  if (unpriced !== null) {
    showDiagnostics(context, [unpriced]);
    if (options.json) printDiagnosticsJson(context, [...diagnostics, unpriced]);
    return;
  }
  const style = resultStyle(context.io.outHasColours && options.update === undefined);
  const isChosen = options.profile !== undefined;
  const problems: Diagnostic[] = [];
  const outputs = RunOutputs.of(options, texts);
  const results: object[] = [];
  for (const [at, plan] of plans.entries()) {
    const chosen = withKernel(plan, options.kernel);
    const choice = isChosen ? profiles : ownProfiles(plan.document);
    const atEnd: AtEnd = (machine) => {
      problems.push(...writeDriverLogs(context.io, options, machine));
    };
    const done =
      choice === null
        ? untimed(chosen, style, atEnd)
        : await timed(context, chosen, choice, { ...options, style, atEnd, outputs });
    if (done === null) continue;
    if (!done.passed) context.note("expectation-failed");
    const gap = at === 0 ? "" : "\n";
    if (options.update && done.passed) {
      problems.push(...updateExpected(context, plan.file, done.text()));
    } else if (!options.json) context.io.writeOut(gap + done.text());
    results.push(done.json);
    if (done.isPartial) break;
  }
  showDiagnostics(context, problems);
  problems.push(...((await outputs?.write(context)) ?? []));
  if (!options.json) return;
  const all = [...diagnostics, ...problems].map(diagnosticToJson);
  context.printJson({ results, diagnostics: all });
}

/** A scenario whose prices cannot be drawn, because it has none; null where all have. */
function withoutPrices(plans: readonly ScenarioPlan[], options: RunOptions): Diagnostic | null {
  if (options.profile !== undefined) return null;
  const plan = plans.find(({ document }) => ownProfiles(document) === null);
  if (plan === undefined) return null;
  const withoutClock = outputsWithoutClock(options, plan.file);
  if (withoutClock !== null || options.uncertainty === undefined) return withoutClock;
  const message = `--uncertainty without prices: ${plan.file} names no profile`;
  const hint = "give it one with --profile";
  return diagnosticFor("<command line>", "E_OPTION_INVALID", message, { hint });
}

/** A run as it is shown. */
interface Done {
  readonly passed: boolean;
  /** The user has stopped it, and with it all that would have followed. */
  readonly isPartial: boolean;
  readonly text: () => string;
  readonly json: object;
}

/** Looks at the machine when a run is over. */
type AtEnd = (machine: ScenarioMachine) => void;

function untimed(plan: ScenarioPlan, style: ResultStyle, atEnd: AtEnd): Done {
  const result = runScenario(plan, { atEnd });
  const text = (): string => formatResult(result, style) + decisionTable(result);
  return { passed: result.passed, isPartial: false, text, json: result };
}

async function timed(
  context: CommandContext,
  plan: ScenarioPlan,
  choice: ProfileChoice,
  how: RunOptions & Omit<TimedRunOptions, "seed"> & { readonly style: ResultStyle },
): Promise<Done | null> {
  const { seed, uncertainty: nrSamples, style, atEnd, outputs } = how;
  const done = await watchedRun(context, plan, choice, { seed, atEnd, outputs });
  if (done === null) return null;
  const { passed, isPartial } = done.result;
  const json = { ...done.result, faults: done.kinds };
  const text = (): string => timedText(done, style);
  if (nrSamples === undefined || isPartial) return { passed, isPartial, text, json };
  const { uncertainty } = drawnRuns(context, plan, choice, done.result.seed, nrSamples);
  outputs?.noteUncertainty(uncertainty);
  const more = (): string => `${text()}\n${uncertaintyText(uncertainty)}`;
  return { passed, isPartial, text: more, json: { ...json, uncertainty } };
}
