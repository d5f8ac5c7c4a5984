// A scenario's result as text: each step, what it decided and why, and what became of each page.
import { answerText, counted } from "./count-text.ts";
import { reasonText } from "@faultline/stacks";
import type { ExpectationReport } from "./expect/judge.ts";
import type {
  DecisionNote,
  Mismatch,
  PageChange,
  ScenarioResult,
  StepReport,
} from "./step-report.ts";

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
  const steps = result.steps.flatMap((step) => formatStep(result.file, step, style));
  const whole = formatExpectations(result.expectations, style);
  return [...head, "", ...steps, ...whole, "", verdictText(result, style), ""].join("\n");
}

/** What a run has, as far as it decides whether it passed. */
export interface JudgedRun {
  readonly passed: boolean;
  readonly steps: readonly { readonly mismatches: readonly Mismatch[] }[];
  readonly expectations: readonly ExpectationReport[];
}

/** `passed: 4 steps`, or `failed: 1 of 4 steps, 2 of 3 expectations`. */
export function verdictText(
  { passed, steps, expectations }: JudgedRun,
  { good, bad }: Pick<ResultStyle, "good" | "bad">,
): string {
  const nrWrong = steps.filter(({ mismatches }) => mismatches.length > 0).length;
  const nrMissed = expectations.filter(({ isMet }) => !isMet).length;
  const of = passed ? "" : `${nrWrong} of `;
  const missed = passed ? "" : `${nrMissed} of `;
  const nr = expectations.length;
  const whole = nr === 0 ? "" : `, ${missed}${counted(nr, "expectation")}`;
  const text = `${passed ? "passed" : "failed"}: ${of}${steps.length} steps${whole}`;
  return passed ? good(text) : bad(text);
}

/** What is expected of the whole, a line for each; nothing where nothing is. */
export function formatExpectations(
  expectations: readonly ExpectationReport[],
  { good, bad }: Pick<ResultStyle, "good" | "bad">,
): string[] {
  if (expectations.length === 0) return [];
  const lines = expectations.map(({ what, expected, found, isMet, by, over, place }) => {
    const of = over === "median" ? ` (${over})` : "";
    if (isMet) return `    ${what}${of} ${expected}  ${good(`→ ${found}`)}`;
    const miss = missText(place.file, place, { what: what + of, expected, actual: found, by });
    return bad(`    ${miss}`);
  });
  return ["", "expected of the whole", ...lines];
}

/** `FILE:7:5: expected pages 4, found 3`, and by how much, where that can be said. */
export function missText(
  ownFile: string,
  { file, line, column }: Pick<StepReport, "file" | "line" | "column">,
  { what, expected, actual, by }: Omit<Mismatch, "by"> & { readonly by?: string | null },
): string {
  const far = by === undefined || by === null ? "" : `: ${by}`;
  const at = `${file ?? ownFile}:${line}:${column}`;
  return `${at}: expected ${what} ${expected}, found ${actual}${far}`;
}

function formatStep(file: string, step: StepReport, style: ResultStyle): string[] {
  const isOk = step.mismatches.length === 0;
  const number = String(step.index + 1).padStart(2);
  const paint = isOk ? style.good : style.bad;
  return [
    `${style.strong(`${number}  ${step.text}`)}  ${paint(`→ ${answerText(step)}`)}`,
    ...step.changes.map((change) => `      ${formatChange(change)}`),
    ...step.decisions.map((note) => style.dim(`      why: ${formatNote(note)}`)),
    ...step.mismatches.map((miss) => style.bad(`      ${missText(file, step, miss)}`)),
  ];
}

function formatChange({ process, at, nrPages, before, after }: PageChange): string {
  return `${process} ${at} (${counted(nrPages, "page")}): ${before} → ${after}`;
}

function formatNote({ rule, process, at, nrPages }: DecisionNote): string {
  const where = at === null ? "" : `${process ?? "?"} ${at}, ${counted(nrPages, "page")}: `;
  return where + reasonText(rule);
}
