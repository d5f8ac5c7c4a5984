// `faultline run FILE…`: runs scenarios, prints what happened, checks their expectations.
import { type Diagnostic, diagnosticFor, diagnosticToJson } from "@faultline/diagnostics";
import { ownProfiles, type ScenarioMachine, type ScenarioPlan } from "@faultline/scenario";
import type { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import {
  addDriverLogOptions,
  type DriverLogOptions,
  tooManyForLogs,
  writeDriverLogs,
} from "../driver-logs.ts";
import { examplesText } from "../command-examples.ts";
import { noExpectedData, updateExpected, updateOption } from "../expected-data.ts";
import { kernelOption } from "../kernel-option.ts";
import { type KernelName, withKernel } from "../library/with-kernel.ts";
import { loadScenarios, printDiagnosticsJson } from "../load-scenarios.ts";
import {
  addOutputOptions,
  type OutputOptions,
  outputsWithoutClock,
} from "../outputs/output-options.ts";
import { RunOutputs } from "../outputs/run-outputs.ts";
import { chosenProfiles, profileOption } from "../profile-option.ts";
import { type FilesRun, runFiles } from "../scenario-runs/run-files.ts";
import { seedOption } from "../seed-option.ts";
import { setOption } from "../set-option.ts";
import { showDiagnostics } from "../show-diagnostics.ts";
import { uncertaintyOption } from "../uncertainty/uncertainty-option.ts";
import { usefulJobsOption } from "../workers/run-jobs.ts";

interface RunOptions extends DriverLogOptions, OutputOptions {
  readonly kernel?: KernelName;
  readonly profile?: readonly string[];
  readonly seed?: number;
  readonly set?: readonly string[];
  readonly uncertainty?: number;
  readonly jobs?: number;
  readonly vmstat?: true;
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
    .addOption(uncertaintyOption())
    .addOption(usefulJobsOption());
  addDriverLogOptions(addOutputOptions(command))
    .option("--vmstat", "print what the kernel has counted, as /proc/vmstat does")
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
          shows: "with what the kernel has counted",
          line: "run scenarios/thp/khugepaged.yaml --vmstat",
        },
        {
          shows: "many scenarios, four at once; what is printed is the same",
          line: "run scenarios/clock/*.yaml --jobs 4",
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
  const problems: Diagnostic[] = [];
  const outputs = RunOutputs.of(options, texts);
  const atEnd: AtEnd = (machine) => {
    problems.push(...writeDriverLogs(context.io, options, machine));
  };
  const hasWatch = outputs !== undefined || plans.length === 1;
  const results: (object | null)[] = [];
  const what: FilesRun = {
    plans: plans.map((plan) => withKernel(plan, options.kernel)),
    choice: options.profile === undefined ? null : profiles,
    options: {
      seed: options.seed,
      uncertainty: options.uncertainty,
      hasColours: context.io.outHasColours && options.update === undefined,
      errHasColours: context.io.errHasColours,
      isJson: options.json === true,
      hasVmstat: options.vmstat === true,
    },
    watch: hasWatch ? { atEnd, outputs } : undefined,
    nrWorkers: options.jobs,
  };
  await runFiles(context, what, ({ passed, text, json }, at) => {
    if (!passed) context.note("expectation-failed");
    if (options.update && passed) {
      problems.push(...updateExpected(context, plans[at]?.file ?? "", text));
    } else if (!options.json) context.io.writeOut((at === 0 ? "" : "\n") + text);
    results.push(json);
  });
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

/** Looks at the machine when a run is over. */
type AtEnd = (machine: ScenarioMachine) => void;
