// `faultline profiles fit FILE…`: profiles from samples that somebody took.
import {
  type Diagnostic,
  diagnosticFor,
  diagnosticToJson,
  type SourceText,
} from "@faultline/diagnostics";
import { fitProfile, type FittedProfile, loadMeasurements } from "@faultline/profiles";
import type { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { examplesText } from "../command-examples.ts";
import { plainTable } from "../plain-table.ts";
import { numberText } from "../quantity-text.ts";
import { readSource } from "../read-source.ts";
import { showDiagnostics } from "../show-diagnostics.ts";

interface FitOptions {
  readonly yaml?: true;
  readonly json?: true;
}

const EXAMPLE = "scenarios/profiles/measurements/xe-trace.yaml";

/** Adds the command to `faultline profiles`. */
export function addProfilesFit(profiles: Command, context: CommandContext): void {
  profiles
    .command("fit")
    .summary("fit a profile to measurements")
    .description(
      "Reads samples from measurement files, puts their medians in the place of numbers of the" +
        " profile that each file starts from, and shows how both agree. What nobody measured" +
        " stays what it was.",
    )
    .argument("<files...>", "measurement files, one profile each; - is stdin")
    .option("--yaml", "print the fitted profile as YAML, and how it agrees on stderr")
    .option("--json", "print profile and residuals as JSON")
    .addHelpText(
      "after",
      examplesText([
        { shows: "how samples and profile agree", line: `profiles fit ${EXAMPLE}` },
        { shows: "a profile to run with", line: `profiles fit ${EXAMPLE} --yaml > mine.yaml` },
      ]),
    )
    // `profiles` has options of the same names; commander gives them to it.
    .action((files: string[], _options: FitOptions, command: Command) =>
      fit(context, files, command.optsWithGlobals()),
    );
}

function fit(context: CommandContext, files: readonly string[], options: FitOptions): void {
  const sources: SourceText[] = [];
  const problems: Diagnostic[] = [];
  if (options.yaml && files.length > 1) {
    const message = "--yaml prints one profile: give one file";
    problems.push(diagnosticFor("<command line>", "E_OPTION_INVALID", message));
  }
  const fitted = files.flatMap((file) => {
    const read = readSource(context.io, file);
    if (read.source === undefined) {
      problems.push(read.problem);
      return [];
    }
    sources.push(read.source);
    const { document, diagnostics } = loadMeasurements(read.source.text, read.source.file);
    problems.push(...diagnostics);
    if (document === null) return [];
    const result = fitProfile(document);
    problems.push(...result.problems);
    return result.profile === null ? [] : [{ id: document.id, ...result }];
  });
  showDiagnostics(context, problems, sources);
  if (options.json) {
    const diagnostics = problems.map(diagnosticToJson);
    const results = fitted.map(({ id, yaml, residuals }) => ({ id, yaml, residuals }));
    context.printJson({ fitted: results, diagnostics });
    return;
  }
  if (context.outcome === "bad-input" && options.yaml) return;
  for (const [i, { id, yaml, residuals }] of fitted.entries()) {
    const report = `${i === 0 ? "" : "\n"}${id}\n\n${residualTable(residuals)}`;
    if (options.yaml) context.io.writeErr(report);
    context.io.writeOut(options.yaml ? yaml : report);
  }
}

function residualTable(residuals: FittedProfile["residuals"]): string {
  const head = ["measured", "number", "samples", "outliers", "median", "MAD"];
  const rows = residuals.map((one) => [
    one.what,
    one.field ?? "(a check)",
    one.nrSamples,
    one.isMean ? "-" : one.nrOutliers,
    `${one.isMean ? "mean " : ""}${numberText(one.median)} ${one.unit}`,
    one.mad === null ? "-" : numberText(one.mad),
    one.before === null ? "-" : numberText(one.before),
    numberText(one.after),
    `${one.residualPercent.toFixed(1).replace(/^-0\.0$/, "0.0")} %`,
  ]);
  const aligns = [...head, "", "", ""].map((_, i) => (i < 2 ? "left" : "right"));
  return plainTable([...head, "before", "after", "residual"], rows, aligns);
}
