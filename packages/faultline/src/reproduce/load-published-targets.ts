// Targets with the scenarios that run them: the file of targets, the profiles and scenarios that it
// names, then what is measured of each; every problem of all of them at once.
import { type Diagnostic, DiagnosticSink, type SourceText } from "@faultline/diagnostics";
import { type FindProfile, loadTargets, type Target } from "@faultline/profiles";
import type { ReadReferenced } from "@faultline/scenario";
import { type PublishedCase, TargetPlanner } from "./target-planner.ts";

/** The targets of a file when it is good, and everything there is to say about it. */
export interface LoadedPublishedTargets {
  /** Each target at each of its profiles. */
  readonly cases: readonly PublishedCase[];
  readonly diagnostics: readonly Diagnostic[];
  /** Texts of other files that diagnostics may point into. */
  readonly sources: readonly SourceText[];
}

/**
 * Checks a file of targets.
 * @param read reads scenarios that targets name, and machine documents that scenarios name.
 * @param find finds profiles.
 */
export function loadPublishedTargets(
  text: string,
  file: string,
  read: ReadReferenced,
  find: FindProfile,
): LoadedPublishedTargets {
  const { targets, yaml, diagnostics } = loadTargets(text, file, find);
  if (targets === null || yaml === null) return { cases: [], diagnostics, sources: [] };
  const planner = new TargetPlanner(yaml, read);
  const cases = targets.flatMap((target: Target) => planner.plan(target));
  const sink = new DiagnosticSink();
  sink.addAll(diagnostics);
  sink.addAll(planner.diagnostics);
  const { sources } = planner;
  return { cases: sink.hasErrors ? [] : cases, diagnostics: sink.sorted(), sources };
}
