// `faultline reproduce [FILES…]`: published measurements, run as scenarios.
import {
  type Diagnostic,
  diagnosticFor,
  diagnosticToJson,
  hasErrors,
  hintForName,
  type SourceText,
} from "@faultline/diagnostics";
import {
  shippedProfile,
  shippedTargetsYaml,
  TARGET_ROLES,
  type TargetRole,
} from "@faultline/profiles";
import { type Command, Option } from "commander";
import { resultStyle } from "../colours.ts";
import type { CommandContext } from "../command-context.ts";
import { commaSeparated } from "../comma-separated.ts";
import { examplesText } from "../command-examples.ts";
import { printDiagnosticsJson, referenceReader } from "../load-scenarios.ts";
import { readSource } from "../read-source.ts";
import { loadPublishedTargets } from "../reproduce/load-published-targets.ts";
import { ProfileFiles } from "../reproduce/profile-files.ts";
import { isFailure, Reproducer } from "../reproduce/reproduce-target.ts";
import { reproductionJson, reproductionText } from "../reproduce/reproduction-text.ts";
import type { PublishedCase } from "../reproduce/target-planner.ts";
import { seedOption } from "../seed-option.ts";
import { showDiagnostics } from "../show-diagnostics.ts";

interface ReproduceOptions {
  readonly only?: readonly string[];
  readonly role?: TargetRole;
  readonly seed?: number;
  readonly sources?: true;
  readonly json?: true;
}

const description =
  "Compares what was measured on real machines with what the profiles give: a target's scenario" +
  " is run at the prices of its profiles, or the prices of its operation are added up. A" +
  " reproduction is of a number that a profile was fitted with, a prediction of one that it was" +
  " not, a shape is about order and ratio. Without files it takes the targets that come with" +
  " Faultline. Exit code 1 when a reproduction or a shape is missed for no reason that the target" +
  " gives; a prediction that misses is told, and is no failure.";

/** Adds the command. */
export function addReproduceCommand(program: Command, context: CommandContext): void {
  program
    .command("reproduce")
    .summary("compare published measurements with simulated ones")
    .description(description)
    .argument("[files...]", "files of targets; - is stdin")
    .option(
      "--only <ids>",
      "only targets whose id begins with one of these, with commas",
      commaSeparated,
    )
    .addOption(
      new Option("--role <role>", "only targets of a role").choices(Object.keys(TARGET_ROLES)),
    )
    .addOption(seedOption())
    .option("--sources", "show where each number comes from, and what to know about it")
    .option("--json", "print the same as JSON")
    .addHelpText(
      "after",
      examplesText([
        { shows: "every target that comes with Faultline", line: "reproduce" },
        {
          shows: "what was not fitted, with sources",
          line: "reproduce --role prediction --sources",
        },
        { shows: "those of one publication, as data", line: "reproduce --only V03 --json" },
        { shows: "the format of a file of your own", line: "schema targets" },
      ]),
    )
    .action((files: string[], options: ReproduceOptions) => reproduce(context, files, options));
}

function reproduce(
  context: CommandContext,
  files: readonly string[],
  { only, role, seed, sources, json }: ReproduceOptions,
): void {
  const { cases, diagnostics } = loadAll(context, files);
  const unknown = unknownIds(only ?? [], cases);
  if (!hasErrors(diagnostics)) showDiagnostics(context, unknown);
  const all = [...diagnostics, ...unknown];
  if (hasErrors(all)) {
    if (json) printDiagnosticsJson(context, all);
    return;
  }
  const chosen = cases.filter(({ target: { id, role: own } }) => {
    const isMeant = only === undefined || only.some((start) => id.startsWith(start));
    return isMeant && (role === undefined || own === role);
  });
  const reproducer = new Reproducer(seed);
  const found = chosen.map((one) => reproducer.reproduce(one));
  if (found.some((one) => isFailure(one))) context.note("expectation-failed");
  if (json) {
    const problems = all.map(diagnosticToJson);
    context.printJson({ targets: reproductionJson(found), diagnostics: problems });
  } else {
    const style = resultStyle(context.io.outHasColours);
    context.io.writeOut(reproductionText(found, style, sources === true));
  }
}

const MAX_SHOWN = 12;

/** Beginnings that no target has. */
function unknownIds(only: readonly string[], cases: readonly PublishedCase[]): Diagnostic[] {
  const known = [...new Set(cases.map(({ target }) => target.id))];
  return only
    .filter((start) => !known.some((id) => id.startsWith(start)))
    .map((start) => {
      const hint = hintForName("targets", start, known, MAX_SHOWN);
      const message = `unknown target: ${start}`;
      return diagnosticFor("<command line>", "E_NAME_UNKNOWN", message, { hint });
    });
}

function loadAll(
  context: CommandContext,
  files: readonly string[],
): { cases: readonly PublishedCase[]; diagnostics: readonly Diagnostic[] } {
  const read = referenceReader(context.io);
  if (files.length === 0) {
    const text = shippedTargetsYaml();
    const shipped = loadPublishedTargets(text, "the shipped targets", read, shippedProfile);
    showDiagnostics(context, shipped.diagnostics, shipped.sources);
    return shipped;
  }
  const cases: PublishedCase[] = [];
  const diagnostics: Diagnostic[] = [];
  const sources: SourceText[] = [];
  for (const file of files) {
    const { source, problem } = { problem: undefined, ...readSource(context.io, file) };
    if (source === undefined) {
      if (problem !== undefined) diagnostics.push(problem);
      continue;
    }
    const profiles = new ProfileFiles(context.io, source.file);
    const loaded = loadPublishedTargets(source.text, source.file, read, profiles.find);
    cases.push(...loaded.cases);
    diagnostics.push(...profiles.diagnostics, ...loaded.diagnostics);
    sources.push(source, ...profiles.sources, ...loaded.sources);
  }
  showDiagnostics(context, diagnostics, sources);
  return { cases, diagnostics };
}
