// `faultline explain FILE --fault N` and `--slowest K`: one fault with everything that is known
// about it, and the numbers of those that one asks about.
import { diagnosticFor } from "@faultline/diagnostics";
import {
  counted,
  explainFault,
  ownProfiles,
  slowestFaults,
  type TimedPlan,
  timedPlan,
} from "@faultline/scenario";
import { reasonOf } from "@faultline/stacks";
import { InvalidArgumentError } from "commander";
import { resultStyle } from "../colours.ts";
import type { CommandContext } from "../command-context.ts";
import { faultStoryText, slowestText } from "../fault-story-text.ts";
import { type KernelName, withKernel } from "../library/with-kernel.ts";
import { repetitionProblem, toldRun } from "../library/told-run.ts";
import { loadScenarios, printDiagnosticsJson } from "../load-scenarios.ts";
import { chosenProfiles, unknownDevice } from "../profile-option.ts";
import { repetitionLine } from "../repetition-option.ts";
import { showDiagnostics } from "../show-diagnostics.ts";

/** What is asked. */
export interface ExplainFaultOptions {
  readonly fault?: number;
  readonly slowest?: number | true;
  readonly profile?: readonly string[];
  readonly seed?: number;
  readonly repetition?: number;
  readonly kernel?: KernelName;
  readonly set?: readonly string[];
  readonly json?: true;
}

/** Faults that `--slowest` lists when it is not told how many. */
const NR_SLOWEST = 10;

/** The number of a fault, as an option's value. */
export function parseFaultNumber(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number)) return number;
  throw new InvalidArgumentError("a whole number; --slowest lists some.");
}

/** Runs the scenario and says it. */
export function explainFaultCommand(
  context: CommandContext,
  file: string,
  options: ExplainFaultOptions,
): void {
  const planned = plannedFor(context, file, options);
  if (planned === null) return;
  const { fault, slowest, json } = options;
  const told = toldRun(planned.plan, options.seed, options.repetition);
  const head = repetitionLine(told);
  if (fault === undefined) {
    const count = typeof slowest === "number" ? slowest : NR_SLOWEST;
    const found = slowestFaults(planned, count, told.seed);
    const how = options.repetition === undefined ? "" : ` --repetition ${options.repetition}`;
    if (json) context.printJson({ file, ...told, ...found });
    else context.io.writeOut(head + slowestText(found.faults, found.nrFaults, file + how));
    return;
  }
  const { story, nrFaults } = explainFault(planned, fault, told.seed);
  if (story === null) {
    const message = `no such fault: ${fault}`;
    const has = nrFaults === 0 ? "there is none" : `they are 0 to ${nrFaults - 1}`;
    const hint = `the run has ${counted(nrFaults, "fault")}: ${has}`;
    const problem = diagnosticFor("<command line>", "E_VALUE_RANGE", message, { hint });
    showDiagnostics(context, [problem]);
    if (json) printDiagnosticsJson(context, [problem]);
    return;
  }
  if (!json) {
    context.io.writeOut(head + faultStoryText(story, resultStyle(context.io.outHasColours)));
    return;
  }
  const decisions = story.decisions.map((one) => ({ ...one, ...reasonOf(one.rule) }));
  context.printJson({ file, ...told, fault: { ...story, decisions } });
}

/** The plan with its prices; null, with what is wrong shown. */
function plannedFor(
  context: CommandContext,
  file: string,
  { profile, kernel, set, json, repetition }: ExplainFaultOptions,
): TimedPlan | null {
  const { plans, diagnostics } = loadScenarios(context, [file], set);
  const chosen = chosenProfiles(context, profile ?? []);
  const [plan] = plans;
  if (plan === undefined || chosen === null) {
    if (json) printDiagnosticsJson(context, diagnostics);
    return null;
  }
  const own = profile === undefined ? ownProfiles(plan.document) : null;
  const choice = own ?? chosen;
  const planned = timedPlan(withKernel(plan, kernel), choice);
  const problem =
    unknownDevice(choice, planned) ?? repetitionProblem(plan, repetition, "<command line>");
  if (problem === null) return planned;
  showDiagnostics(context, [problem]);
  if (json) printDiagnosticsJson(context, [problem]);
  return null;
}
