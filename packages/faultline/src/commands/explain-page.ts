// `faultline explain FILE --page PLACE`: what a scenario did to one page, step by step, or under a
// clock everything that happened to it, with times.
import { type Diagnostic, diagnosticFor, hintForName } from "@faultline/diagnostics";
import {
  ownProfiles,
  pageGeometryOf,
  pageLife,
  runUntimedScenario,
  type ScenarioPlan,
  type TimedPlan,
  timedPlan,
} from "@faultline/scenario";
import { reasonOf } from "@faultline/stacks";
import { resultStyle } from "../colours.ts";
import type { CommandContext } from "../command-context.ts";
import { withKernel } from "../library/with-kernel.ts";
import { repetitionProblem, toldRun } from "../library/told-run.ts";
import { loadScenarios, printDiagnosticsJson } from "../load-scenarios.ts";
import { pageLifeText } from "../page-life-text.ts";
import { formatStory, type PageName, pageStory, parsePageName } from "../page-story.ts";
import { chosenProfiles, unknownDevice } from "../profile-option.ts";
import { repetitionLine } from "../repetition-option.ts";
import { showDiagnostics } from "../show-diagnostics.ts";
import type { ExplainFaultOptions } from "./explain-fault.ts";

/** What is asked. */
export type ExplainPageOptions = ExplainFaultOptions & { readonly page: string };

const PLACE = "<command line>";

/** Runs the scenario and says it. */
export function explainPageCommand(
  context: CommandContext,
  file: string,
  options: ExplainPageOptions,
): void {
  const { plans, diagnostics } = loadScenarios(context, [file], options.set);
  const chosen = chosenProfiles(context, options.profile ?? []);
  const [plan] = plans;
  if (plan === undefined || chosen === null) {
    if (options.json) printDiagnosticsJson(context, diagnostics);
    return;
  }
  const page = pageNamed(plan, options.page);
  const choice = options.profile === undefined ? ownProfiles(plan.document) : chosen;
  const asked = withKernel(plan, options.kernel);
  const planned = choice === null ? null : timedPlan(asked, choice);
  const problem =
    pageProblem(plan, options.page, page) ??
    repetitionProblem(plan, options.repetition, PLACE) ??
    (choice === null || planned === null
      ? repetitionWithoutClock(plan, options)
      : unknownDevice(choice, planned));
  if (page === null || problem !== null) {
    const problems = problem === null ? [] : [problem];
    showDiagnostics(context, problems);
    if (options.json) printDiagnosticsJson(context, problems);
    return;
  }
  if (planned === null) tellSteps(context, asked, page, options);
  else tellLife(context, planned, page, options);
}

/** Without a clock a scenario runs once. */
function repetitionWithoutClock(
  { file }: ScenarioPlan,
  { repetition }: ExplainPageOptions,
): Diagnostic | null {
  if (repetition === undefined) return null;
  const message = `--repetition without a clock: ${file} names no profile`;
  return diagnosticFor(PLACE, "E_OPTION_INVALID", message, {
    hint: "give it a profile with --profile",
  });
}

/** Without a clock: the steps that changed the page. */
function tellSteps(
  context: CommandContext,
  plan: ScenarioPlan,
  page: PageName,
  options: ExplainPageOptions,
): void {
  const story = pageStory(runUntimedScenario(plan), page);
  if (options.json) context.printJson({ file: plan.file, page: options.page, steps: story });
  else if (story.length > 0) context.io.writeOut(formatStory(story));
  else context.io.writeOut(`nothing happened to ${options.page}\n`);
}

/** Under a clock: everything that happened to the page. */
function tellLife(
  context: CommandContext,
  planned: TimedPlan,
  page: PageName,
  options: ExplainPageOptions,
): void {
  const { plan } = planned;
  const told = toldRun(plan, options.seed, options.repetition);
  const { start = 0 } = mappingsOf(plan).find(({ name }) => name === page.mapping) ?? {};
  const life = pageLife(planned, start + page.index, told.seed);
  const place = page.index === 0 ? page.mapping : `${page.mapping}+${page.index}`;
  const profile = planned.cpuProfile.id;
  const { file } = plan;
  if (!options.json) {
    const style = resultStyle(context.io.outHasColours);
    context.io.writeOut(repetitionLine(told) + pageLifeText(life, { place, file, profile }, style));
    return;
  }
  const events = life.events.map((event) => {
    if (event.kind === "fault") return event;
    return { ...event, rules: event.rules.map(reasonOf) };
  });
  context.printJson({ file, profile, ...told, place, ...life, events });
}

function mappingsOf({ steps }: ScenarioPlan): NonNullable<(typeof steps)[number]["mapping"]>[] {
  return steps.flatMap(({ mapping }) => (mapping === null ? [] : [mapping]));
}

/** `heap+3`, or an address in a mapping; null for neither. */
function pageNamed(plan: ScenarioPlan, text: string): PageName | null {
  if (!/^0x[0-9a-f]{1,16}$/i.test(text)) return parsePageName(text);
  const page = Number(BigInt(text) >> BigInt(pageGeometryOf(plan).pageShift));
  const holder = mappingsOf(plan).find(({ start, nrPages }) => {
    return page >= start && page < start + nrPages;
  });
  return holder === undefined ? null : { mapping: holder.name, index: page - holder.start };
}

/** Why the scenario has no such page, or null when it has. */
function pageProblem(plan: ScenarioPlan, text: string, page: PageName | null): Diagnostic | null {
  if (page === null) {
    const hint = text.startsWith("0x")
      ? "no mapping of the scenario has this address"
      : "a page is written as in the scenario, such as heap or heap+3";
    return diagnosticFor(PLACE, "E_OPTION_INVALID", `not a page: ${text}`, { hint });
  }
  const mappings = mappingsOf(plan);
  const named = mappings.filter(({ name }) => name === page.mapping);
  if (named.length === 0) {
    const names = [...new Set(mappings.map(({ name }) => name))];
    const hint = hintForName("mappings of the scenario", page.mapping, names);
    return diagnosticFor(PLACE, "E_NAME_UNKNOWN", `unknown mapping: ${page.mapping}`, { hint });
  }
  const nrPages = Math.max(...named.map((mapping) => mapping.nrPages));
  if (page.index < nrPages) return null;
  const hint = `${page.mapping} has ${nrPages} pages, counted from 0`;
  return diagnosticFor(PLACE, "E_VALUE_RANGE", `no such page: ${text}`, { hint });
}
