// `faultline import KIND FILE`: machines as other tools show them, as machine documents; and
// traces, as scenarios that replay them and as measurements.
import { type Diagnostic, diagnosticFor, diagnosticToJson } from "@faultline/diagnostics";
import { IMPORT_KINDS, type ImportResult, printMachine, TRACE_KINDS } from "@faultline/platform";
import { Argument, type Command, Option } from "commander";
import { parseByteSize } from "../byte-size.ts";
import type { CommandContext } from "../command-context.ts";
import { examplesText } from "../command-examples.ts";
import { openImportAt } from "../open-import.ts";
import { showDiagnostics } from "../show-diagnostics.ts";
import { importTrace, type ImportTraceOptions, TRACE_FORMS } from "../traces/import-trace.ts";
import { writeOutput } from "../write-output.ts";

interface ImportCommandOptions extends ImportTraceOptions {
  readonly gpuMemory?: bigint;
}

/** Adds the command. */
export function addImportCommand(program: Command, context: CommandContext): void {
  const listed = (kinds: readonly { readonly name: string; readonly from: string }[]): string =>
    kinds.map(({ name, from }) => `${name} (${from})`).join(", ");
  program
    .command("import")
    .summary("read what another tool shows: machines, and traces of faults")
    .description(
      "Reads what another tool shows of a machine and prints a machine document. Kinds:" +
        ` ${listed(IMPORT_KINDS)}. What the file does not say is assumed, and listed at the head` +
        " of the document.\n\nReads traces, and writes their accesses as CSV, a scenario that" +
        " replays them, or measurements that profiles are fitted to. Kinds:" +
        ` ${listed(TRACE_KINDS)}.`,
    )
    .addArgument(
      new Argument("<kind>", "kind of file").choices(
        [...IMPORT_KINDS, ...TRACE_KINDS].map(({ name }) => name),
      ),
    )
    .argument("<file>", "the file, a folder of files, or an archive (.tar, .tar.gz); - is stdin")
    .option("-o, --output <file>", "write the document there")
    .option("--gpu-memory <size>", "memory of each GPU, where the file has none", parseByteSize)
    .addOption(
      new Option(
        "--as <form>",
        "what to make of a trace (default: a scenario for -o FILE.yaml, else its accesses," +
          " or measurements where it has none)",
      ).choices(TRACE_FORMS),
    )
    .option("--profile <name>", "of a trace: the profile to replay at, or to fit")
    .option("--json", "print the document, the facts of the file and the assumptions as JSON")
    .addHelpText(
      "after",
      examplesText([
        {
          shows: "the machine under your hands",
          line: "import nvidia-smi - -o machine.yaml",
        },
        {
          shows: "what a file of NCCL says, as data",
          line: "import nccl scenarios/imports/two-hives.xml --json",
        },
        {
          shows: "a scenario of what a GPU has done, and its accesses beside it",
          line: "import amdkfd-smi scenarios/traces/kfd-smi.txt -o replay.yaml",
        },
        {
          shows: "a profile that agrees with counters of a machine",
          line:
            "import xe-stats scenarios/traces/xe-stats.txt |" +
            " faultline profiles fit - --yaml > mine.yaml",
        },
      ]),
    )
    .action((kind: string, file: string, options: ImportCommandOptions) =>
      importFile(context, kind, file, options),
    );
}

async function importFile(
  context: CommandContext,
  kind: string,
  file: string,
  options: ImportCommandOptions,
): Promise<void> {
  const trace = TRACE_KINDS.find(({ name }) => name === kind);
  const misplaced = misplacedOption(options, trace !== undefined);
  if (misplaced !== null) {
    showDiagnostics(context, [misplaced]);
    if (options.json) context.printJson({ diagnostics: [diagnosticToJson(misplaced)] });
    return;
  }
  if (trace !== undefined) {
    importTrace(context, trace, file, options);
    return;
  }
  const { output, gpuMemory, json } = options;
  const { input, problem } = { problem: undefined, ...(await openImportAt(context.io, file)) };
  const reader = IMPORT_KINDS.find(({ name }) => name === kind);
  const known = gpuMemory === undefined ? {} : { gpuMemoryBytes: gpuMemory };
  const result = input && reader?.read(input, known);
  const problems: Diagnostic[] = problem === undefined ? [] : [problem];
  problems.push(...(result?.diagnostics ?? []));
  const text = result === undefined ? "" : documentText(result, input?.name ?? file);
  if (output !== undefined && text !== "") {
    const failure = writeOutput(context.io, output, text);
    if (failure !== null) problems.push(failure);
  }
  showDiagnostics(context, problems, input?.sources() ?? []);
  if (json) {
    const { machine = null, assumptions = [], facts = {} } = result ?? {};
    context.printJson({ machine, assumptions, facts, diagnostics: problems.map(diagnosticToJson) });
  } else if (output === undefined) {
    context.io.writeOut(text);
  }
}

/** An option that says nothing about such a kind; null where all do. */
function misplacedOption(
  { as, profile, gpuMemory }: ImportCommandOptions,
  isTrace: boolean,
): Diagnostic | null {
  const ofTraces = as === undefined ? (profile === undefined ? null : "--profile") : "--as";
  const ofMachines = gpuMemory === undefined ? null : "--gpu-memory";
  const option = isTrace ? ofMachines : ofTraces;
  if (option === null) return null;
  const message = `${option} is for ${isTrace ? "machines" : "traces"}`;
  const kinds = isTrace ? IMPORT_KINDS : TRACE_KINDS;
  const hint = `kinds of those: ${kinds.map(({ name }) => name).join(", ")}`;
  return diagnosticFor("<command line>", "E_OPTION_INVALID", message, { hint });
}

/** The document below what was assumed; nothing where there is none. */
function documentText({ machine, assumptions }: ImportResult, file: string): string {
  if (machine === null) return "";
  const head = [`From ${file}.`, ...assumptions.map((one) => `Assumed: ${one}.`)];
  return printMachine(machine, head.join("\n"));
}
