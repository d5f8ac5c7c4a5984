// `faultline import KIND FILE`: machines as other tools show them, as machine documents.
import { type Diagnostic, diagnosticToJson } from "@faultline/diagnostics";
import { IMPORT_KINDS, type ImportResult, printMachine } from "@faultline/platform";
import { Argument, type Command } from "commander";
import { parseByteSize } from "../byte-size.ts";
import type { CommandContext } from "../command-context.ts";
import { examplesText } from "../command-examples.ts";
import { readSource } from "../read-source.ts";
import { showDiagnostics } from "../show-diagnostics.ts";
import { writeOutput } from "../write-output.ts";

interface ImportCommandOptions {
  readonly output?: string;
  readonly gpuMemory?: bigint;
  readonly json?: true;
}

/** Adds the command. */
export function addImportCommand(program: Command, context: CommandContext): void {
  const kinds = IMPORT_KINDS.map(({ name, from }) => `${name} (${from})`).join(", ");
  program
    .command("import")
    .summary("make a machine document of what another tool shows")
    .description(
      `Reads what another tool shows of a machine and prints a machine document. Kinds: ${kinds}.` +
        " What the file does not say is assumed, and listed at the head of the document.",
    )
    .addArgument(
      new Argument("<kind>", "kind of file").choices(IMPORT_KINDS.map(({ name }) => name)),
    )
    .argument("<file>", "the file; - is stdin")
    .option("-o, --output <file>", "write the document there")
    .option("--gpu-memory <size>", "memory of each GPU, where the file has none", parseByteSize)
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
      ]),
    )
    .action((kind: string, file: string, options: ImportCommandOptions) =>
      importFile(context, kind, file, options),
    );
}

function importFile(
  context: CommandContext,
  kind: string,
  file: string,
  { output, gpuMemory, json }: ImportCommandOptions,
): void {
  const { source, problem } = { problem: undefined, ...readSource(context.io, file) };
  const reader = IMPORT_KINDS.find(({ name }) => name === kind);
  const options = gpuMemory === undefined ? {} : { gpuMemoryBytes: gpuMemory };
  const result = source && reader?.read(source.text, source.file, options);
  const problems: Diagnostic[] = problem === undefined ? [] : [problem];
  problems.push(...(result?.diagnostics ?? []));
  const text = result === undefined ? "" : documentText(result, source?.file ?? file);
  if (output !== undefined && text !== "") {
    const failure = writeOutput(context.io, output, text);
    if (failure !== null) problems.push(failure);
  }
  showDiagnostics(context, problems, source === undefined ? [] : [source]);
  if (json) {
    const { machine = null, assumptions = [], facts = {} } = result ?? {};
    context.printJson({ machine, assumptions, facts, diagnostics: problems.map(diagnosticToJson) });
  } else if (output === undefined) {
    context.io.writeOut(text);
  }
}

/** The document below what was assumed; nothing where there is none. */
function documentText({ machine, assumptions }: ImportResult, file: string): string {
  if (machine === null) return "";
  const head = [`From ${file}.`, ...assumptions.map((one) => `Assumed: ${one}.`)];
  return printMachine(machine, head.join("\n"));
}
