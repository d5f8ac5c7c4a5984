// `faultline reproduce [FILES…]`: published measurements, run as scenarios.
import { type Diagnostic, diagnosticToJson, type SourceText } from "@faultline/diagnostics";
import { shippedTargetsYaml, TARGET_ROLES, type TargetRole } from "@faultline/profiles";
import { type Command, Option } from "commander";
import { resultStyle } from "../colours.ts";
import type { CommandContext } from "../command-context.ts";
import { examplesText } from "../command-examples.ts";
import { printDiagnosticsJson, referenceReader } from "../load-scenarios.ts";
import { readSource } from "../read-source.ts";
import { loadPublishedTargets, type PublishedTarget } from "../reproduce/load-published-targets.ts";
import { isFailure, reproduceTarget } from "../reproduce/reproduce-target.ts";
import { reproductionJson, reproductionText } from "../reproduce/reproduction-text.ts";
import { showDiagnostics } from "../show-diagnostics.ts";

interface ReproduceOptions {
  readonly only?: string;
  readonly role?: TargetRole;
  readonly json?: true;
}

const description =
  "Compares what was measured on real machines with what the profiles give: a target's scenario" +
  " is run at the prices of its profiles, or the prices of its operation are added up. A" +
  " reproduction is of a number that a profile was fitted with, a prediction of one that it was" +
  " not, a shape is about order and ratio. Without files it takes the targets that come with" +
  " Faultline. Exit code 1 when a reproduction or a shape is missed; a prediction that misses is" +
  " told, and is no failure.";

/** Adds the command. */
export function addReproduceCommand(program: Command, context: CommandContext): void {
  program
    .command("reproduce")
    .summary("compare published measurements with simulated ones")
    .description(description)
    .argument("[files...]", "files of targets; - is stdin")
    .option("--only <text>", "only targets whose id begins with this")
    .addOption(
      new Option("--role <role>", "only targets of a role").choices(Object.keys(TARGET_ROLES)),
    )
    .option("--json", "print the same as JSON")
    .addHelpText(
      "after",
      examplesText([
        { shows: "every target that comes with Faultline", line: "reproduce" },
        { shows: "what was not fitted", line: "reproduce --role prediction" },
        { shows: "those of one publication, as data", line: "reproduce --only V03 --json" },
        { shows: "the format of a file of your own", line: "schema targets" },
      ]),
    )
    .action((files: string[], options: ReproduceOptions) => reproduce(context, files, options));
}

function reproduce(
  context: CommandContext,
  files: readonly string[],
  { only = "", role, json }: ReproduceOptions,
): void {
  const { targets, diagnostics } = loadAll(context, files);
  if (diagnostics.some(({ severity }) => severity === "error")) {
    if (json) printDiagnosticsJson(context, diagnostics);
    return;
  }
  const chosen = targets.filter(({ target }) => {
    return target.id.startsWith(only) && (role === undefined || target.role === role);
  });
  const found = chosen.flatMap((one) => reproduceTarget(one));
  if (found.some((one) => isFailure(one))) context.note("expectation-failed");
  if (json) {
    const problems = diagnostics.map(diagnosticToJson);
    context.printJson({ targets: reproductionJson(found), diagnostics: problems });
  } else {
    context.io.writeOut(reproductionText(found, resultStyle(context.io.outHasColours)));
  }
}

function loadAll(
  context: CommandContext,
  files: readonly string[],
): { targets: readonly PublishedTarget[]; diagnostics: readonly Diagnostic[] } {
  const read = referenceReader(context.io);
  if (files.length === 0) {
    return loadPublishedTargets(shippedTargetsYaml(), "the shipped targets", read);
  }
  const targets: PublishedTarget[] = [];
  const diagnostics: Diagnostic[] = [];
  const sources: SourceText[] = [];
  for (const file of files) {
    const { source, problem } = { problem: undefined, ...readSource(context.io, file) };
    if (source === undefined) {
      if (problem !== undefined) diagnostics.push(problem);
      continue;
    }
    const loaded = loadPublishedTargets(source.text, source.file, read);
    targets.push(...loaded.targets);
    diagnostics.push(...loaded.diagnostics);
    sources.push(source, ...loaded.sources);
  }
  showDiagnostics(context, diagnostics, sources);
  return { targets, diagnostics };
}
