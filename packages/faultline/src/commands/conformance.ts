// `faultline conformance KIND PATH…`: replays what real systems answered and says where we differ.
import type {
  ConformanceReport,
  KernelFactory,
  KernelPresetName,
  LoadedFiles,
} from "@faultline/conformance";
import { formatReport, loadFiles, replayLoaded } from "@faultline/conformance";
import { diagnosticFor, diagnosticToJson, hintForName } from "@faultline/diagnostics";
import type { Diagnostic } from "@faultline/diagnostics";
import { type Command, InvalidArgumentError, Option } from "commander";
import { examplesText } from "../command-examples.ts";
import type { CommandContext } from "../command-context.ts";
import { startProgress } from "../progress.ts";
import { showDiagnostics } from "../show-diagnostics.ts";
import { addConformanceGolden } from "./conformance-golden.ts";
import { addConformanceP2p } from "./conformance-p2p.ts";

interface HmmOptions {
  readonly kernel: KernelPresetName;
  readonly category?: readonly string[];
  readonly id?: readonly string[];
  readonly limit: number;
  readonly whole?: true;
  readonly json?: true;
}

const presets: readonly KernelPresetName[] = ["7.2.12", "7.2-fixed"];

/** Adds the command with its kinds; `createKernel` makes the kernel that the cases run on. */
export function addConformanceCommand(
  program: Command,
  context: CommandContext,
  createKernel: KernelFactory,
): void {
  const command = program
    .command("conformance")
    .summary("replay what real systems answered")
    .description("Replays what real systems answered and says where the simulator differs.")
    .addHelpText("after", examplesText(examples));
  command
    .command("hmm")
    .summary("recordings of the kernel's HMM test driver")
    .description(
      "Replays recordings of a real Linux kernel with the HMM test driver, operation by" +
        " operation, and prints the first difference of each failing case. The last line is" +
        " `N passed, N failed`, with `, N skipped` when there are any.",
    )
    .argument("<cases>", "case file, .jsonl, .jsonl.gz or .jsonl.br")
    .argument("<records>", "record file, joined by case id; it may answer only some of the cases")
    .addOption(
      new Option("--kernel <preset>", "kernel to behave like").choices(presets).default("7.2.12"),
    )
    .option("--category <name...>", "only cases of these categories")
    .option("--id <id...>", "only cases with these ids")
    .option("--limit <count>", "failing cases to print", parseCount, 20)
    .option("--whole", "print both answers over the whole window")
    .option("--json", "print the report as JSON")
    .addHelpText("after", examplesText(examples))
    .action((cases: string, records: string, options: HmmOptions) => {
      replayHmm(context, createKernel, loadFiles(cases, records), options);
    });
  addConformanceP2p(command, context);
  addConformanceGolden(command, context);
}

const examples = [
  {
    shows: "replay recordings of Linux 7.2.12",
    line: "conformance hmm cases.jsonl records.jsonl",
  },
  {
    shows: "one category, on the kernel with its known defects repaired",
    line: "conformance hmm cases.jsonl records-fixed.jsonl --kernel 7.2-fixed --category thp",
  },
  {
    shows: "one case, with both answers in full",
    line: "conformance hmm cases.jsonl records.jsonl --id single-0001 --whole",
  },
];

function replayHmm(
  context: CommandContext,
  createKernel: KernelFactory,
  files: LoadedFiles,
  options: HmmOptions,
): void {
  const problems = [...files.problems, ...filterProblems(files, options)];
  showDiagnostics(context, problems);
  // A warning says that something was ignored; what can be replayed is replayed.
  if (problems.some(isError)) {
    if (options.json) context.printJson({ diagnostics: problems.map(diagnosticToJson) });
    return;
  }
  const { kernel: preset, category, id } = options;
  const progress = startProgress(context.io, "replaying");
  let report: ConformanceReport;
  try {
    report = replayLoaded(files, {
      createKernel,
      preset,
      ...(category === undefined ? {} : { categories: category }),
      ...(id === undefined ? {} : { ids: id }),
      onProgress: progress.update,
    });
  } finally {
    progress.end();
  }
  if (report.failed > 0) context.note("expectation-failed");
  if (options.json) context.printJson(report);
  else {
    const { limit, whole = false } = options;
    context.io.writeOut(formatReport(report, { limit, whole }));
  }
}

/** A filter that selects nothing is a mistake, not a success. */
function filterProblems(files: LoadedFiles, { category, id }: HmmOptions): Diagnostic[] {
  if (files.problems.some(isError)) return [];
  const cases = files.recorded.map((recorded) => recorded.case);
  return [
    ...unknownNames("category", "categories with a record", category, [
      ...new Set(cases.map((one) => one.category)),
    ]),
    ...unknownNames(
      "case id",
      "case ids with a record",
      id,
      cases.map((one) => one.id),
    ),
  ];
}

function isError({ severity }: Diagnostic): boolean {
  return severity === "error";
}

function unknownNames(
  what: string,
  kind: string,
  wanted: readonly string[] | undefined,
  known: readonly string[],
): Diagnostic[] {
  const names = new Set(known);
  return (wanted ?? [])
    .filter((name) => !names.has(name))
    .map((name) =>
      diagnosticFor("<command line>", "E_OPTION_INVALID", `unknown ${what}: ${name}`, {
        hint: hintForName(kind, name, known),
      }),
    );
}

function parseCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}
