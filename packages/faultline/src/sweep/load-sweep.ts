// Reads a scenario and checks every point of a sweep over it before anything runs, so that what is
// wrong with the last one is told at once, and workers read no files.
import { type Diagnostic, diagnosticFor, hasErrors, type SourceText } from "@faultline/diagnostics";
import {
  loadScenario,
  ownProfiles,
  parseOverrides,
  type ProfileChoice,
  type TimedPlan,
  timedPlan,
} from "@faultline/scenario";
import type { CommandContext } from "../command-context.ts";
import { referenceReader } from "../load-scenarios.ts";
import { unknownDevice } from "../profile-option.ts";
import { readSource } from "../read-source.ts";
import { showDiagnostics } from "../show-diagnostics.ts";
import type { SweepPoint } from "./sweep-axes.ts";
import { OVER, referenceName, type SweepFiles } from "./sweep-job.ts";

/** The texts behind the points; null, with what is wrong shown, where one of them is bad. */
export function loadSweep(
  context: CommandContext,
  path: string,
  points: readonly SweepPoint[],
  choice: ProfileChoice | null,
): SweepFiles | null {
  const read = readSource(context.io, path);
  if (read.source === undefined) {
    showDiagnostics(context, [read.problem]);
    return null;
  }
  const { file, text } = read.source;
  const referenced: Record<string, readonly [string, string]> = {};
  const fromDisk = referenceReader(context.io);
  const remember = (to: string, from: string): SourceText | null => {
    const source = fromDisk(to, from);
    if (source !== null) referenced[referenceName(to, from)] = [source.file, source.text];
    return source;
  };
  for (const point of points) {
    const { overrides, source, diagnostics: problems } = parseOverrides(point.settings, OVER);
    const loaded = loadScenario(text, file, remember, { overrides });
    const diagnostics = [...problems, ...loaded.diagnostics];
    if (loaded.plan !== null && !hasErrors(diagnostics)) {
      const own = choice ?? ownProfiles(loaded.plan.document);
      if (own === null) diagnostics.push(withoutPrices(file));
      else diagnostics.push(...unknownDevices(own, timedPlan(loaded.plan, own)));
    }
    // One bad point is enough: the others mostly have the same to say.
    showDiagnostics(context, diagnostics, [read.source, source, ...loaded.sources]);
    if (hasErrors(diagnostics)) return null;
  }
  return { file, text, referenced };
}

function unknownDevices(choice: ProfileChoice, planned: TimedPlan): Diagnostic[] {
  const problem = unknownDevice(choice, planned);
  return problem === null ? [] : [problem];
}

function withoutPrices(file: string): Diagnostic {
  const hint = "give it one with --profile, or go over several with --over profile=A,B";
  const message = `a sweep needs a clock: ${file} names no profile`;
  return diagnosticFor("<command line>", "E_OPTION_INVALID", message, { hint });
}
