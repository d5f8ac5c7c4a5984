// What a scenario did to one page, step by step, and the rules that decided it. The page is named
// as in a scenario: `heap+3` is the fourth page of the mapping `heap`.
import { reasonOf, reasonText, type RuleReason } from "@faultline/stacks";
import type { PageChange, ScenarioResult } from "@faultline/scenario";

/** A page of a named mapping. */
export interface PageName {
  readonly mapping: string;
  readonly index: number;
}

/** One step that concerned the page. */
export interface StoryStep {
  /** Number of the step, from 1, and its line in the file. */
  readonly step: number;
  readonly line: number;
  readonly text: string;
  readonly result: string;
  readonly changes: readonly PageChange[];
  readonly reasons: readonly RuleReason[];
}

/** `heap+3` or `heap` as a page name; null when it is neither. */
export function parsePageName(text: string): PageName | null {
  const match = /^([A-Za-z][\w-]*)(?:\+(\d{1,15}))?$/.exec(text);
  if (match === null) return null;
  return { mapping: match[1] ?? "", index: Number(match[2] ?? 0) };
}

/** The steps that changed the page or decided something about it, in order. */
export function pageStory(result: ScenarioResult, page: PageName): StoryStep[] {
  return result.steps.flatMap((report) => {
    const changes = report.changes.filter((change) => covers(change, page));
    const notes = report.decisions.filter((note) => covers(note, page));
    if (changes.length === 0 && notes.length === 0) return [];
    const { index, line, text, result: answer } = report;
    const reasons = notes.map(({ rule }) => reasonOf(rule));
    return [{ step: index + 1, line, text, result: answer, changes, reasons }];
  });
}

/** The story as lines of text, ending with a line break. */
export function formatStory(story: readonly StoryStep[]): string {
  const lines = story.flatMap(({ step, line, text, result, changes, reasons }) => [
    `${String(step).padStart(2)}  ${text}  → ${result}  (line ${line})`,
    ...changes.map(({ process, before, after }) => `      ${process}: ${before} → ${after}`),
    ...reasons.map(({ rule }) => `      why: ${reasonText(rule)}`),
  ]);
  return `${lines.join("\n")}\n`;
}

function covers(
  { at, nrPages }: { readonly at: string | null; readonly nrPages: number },
  page: PageName,
): boolean {
  const start = at === null ? null : parsePageName(at);
  if (start === null || start.mapping !== page.mapping) return false;
  return start.index <= page.index && page.index < start.index + nrPages;
}
