// A scenario's result as text: each step, what it decided and why, and what became of each page.
import { answerText, counted } from "./count-text.ts";
import { DECISION_RULES } from "@faultline/stacks";
import type { DecisionNote, PageChange, ScenarioResult, StepReport } from "./step-report.ts";

/** How words are emphasised; every function may return its argument unchanged. */
export interface ResultStyle {
  readonly strong: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly dim: (text: string) => string;
}

const PLAIN: ResultStyle = {
  strong: (text) => text,
  good: (text) => text,
  bad: (text) => text,
  dim: (text) => text,
};

/** The whole result, ending with a line that says whether the scenario passed. */
export function formatResult(result: ScenarioResult, style: ResultStyle = PLAIN): string {
  const head = [style.strong(result.title), style.dim(`${result.file}, kernel ${result.kernel}`)];
  const steps = result.steps.flatMap((step) => formatStep(step, style));
  const nrWrong = result.steps.filter((step) => step.mismatches.length > 0).length;
  const verdict = result.passed
    ? style.good(`passed: ${result.steps.length} steps`)
    : style.bad(`failed: ${nrWrong} of ${result.steps.length} steps`);
  return [...head, "", ...steps, "", verdict, ""].join("\n");
}

function formatStep(step: StepReport, style: ResultStyle): string[] {
  const isOk = step.mismatches.length === 0;
  const number = String(step.index + 1).padStart(2);
  const paint = isOk ? style.good : style.bad;
  return [
    `${style.strong(`${number}  ${step.text}`)}  ${paint(`→ ${answerText(step)}`)}`,
    ...step.changes.map((change) => `      ${formatChange(change)}`),
    ...step.decisions.map((note) => style.dim(`      why: ${formatNote(note)}`)),
    ...step.mismatches.map((miss) =>
      style.bad(
        `      ${lineText(step)}: expected ${miss.what} ${miss.expected}, found ${miss.actual}`,
      ),
    ),
  ];
}

/** `line 7`, or `FILE line 7` where the step comes from another file. */
export function lineText({ file, line }: Pick<StepReport, "file" | "line">): string {
  return file === undefined ? `line ${line}` : `${file} line ${line}`;
}

function formatChange({ process, at, nrPages, before, after }: PageChange): string {
  return `${process} ${at} (${counted(nrPages, "page")}): ${before} → ${after}`;
}

function formatNote({ rule, process, at, nrPages }: DecisionNote): string {
  const known = DECISION_RULES[rule];
  const where = at === null ? "" : `${process ?? "?"} ${at}, ${counted(nrPages, "page")}: `;
  if (known === undefined) return `${where}${rule}`;
  return `${where}${known.text}${known.kernel === null ? "" : ` [${known.kernel}]`}`;
}
