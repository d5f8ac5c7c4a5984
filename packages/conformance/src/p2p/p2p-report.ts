// What replaying many machines found.
import type { Diagnostic } from "@faultline/diagnostics";
import { renderDiagnostic } from "@faultline/diagnostics";
import { formatP2pDifference, type P2pDifference, type P2pQuestion } from "./p2p-difference.ts";

/** How many machines passed, or how many answers agreed. */
export interface P2pCounts {
  readonly passed: number;
  readonly failed: number;
}

/** The outcome of a replay; a machine passes when all its answers agree. */
export interface P2pReport extends P2pCounts {
  /** Machines by group, in order of first appearance. */
  readonly groups: Readonly<Record<string, P2pCounts>>;
  /** Answers by question, in order of first appearance. */
  readonly questions: Readonly<Partial<Record<P2pQuestion, P2pCounts>>>;
  /** All answers. */
  readonly answers: P2pCounts;
  /** First difference of every failing machine, in the order of the machine file. */
  readonly failures: readonly P2pDifference[];
  /** Machines without answers and answers without a machine; they are not counted above. */
  readonly unansweredMachines: number;
  readonly unmatchedAnswers: number;
  /** What is wrong with the input files. Lines with an error were not replayed. */
  readonly problems: readonly Diagnostic[];
}

type Tally = { -readonly [Field in keyof P2pCounts]: number };

/** Adds up answers and machines. */
export class P2pReportBuilder {
  readonly #groups = new Map<string, Tally>();
  readonly #questions = new Map<P2pQuestion, Tally>();
  readonly #failures: P2pDifference[] = [];

  /** Counts one answer. */
  addAnswer(question: P2pQuestion, agrees: boolean): void {
    count(this.#questions, question, agrees);
  }

  /** Counts one machine by its first difference, if there is one. */
  addMachine(group: string, failure: P2pDifference | null): void {
    count(this.#groups, group, failure === null);
    if (failure !== null) this.#failures.push(failure);
  }

  /** The report of everything added so far. */
  build(rest: Pick<P2pReport, "unansweredMachines" | "unmatchedAnswers" | "problems">): P2pReport {
    return {
      ...total(this.#groups.values()),
      groups: Object.fromEntries(this.#groups),
      questions: Object.fromEntries(this.#questions),
      answers: total(this.#questions.values()),
      failures: this.#failures,
      ...rest,
    };
  }
}

function count<Key>(tallies: Map<Key, Tally>, key: Key, passed: boolean): void {
  let tally = tallies.get(key);
  if (tally === undefined) {
    tally = { passed: 0, failed: 0 };
    tallies.set(key, tally);
  }
  tally[passed ? "passed" : "failed"]++;
}

function total(tallies: Iterable<P2pCounts>): P2pCounts {
  const sum = { passed: 0, failed: 0 };
  for (const { passed, failed } of tallies) {
    sum.passed += passed;
    sum.failed += failed;
  }
  return sum;
}

const DEFAULT_LIMIT = 20;

/** The report as lines of text; the last is `N passed, N failed`, counting machines. */
export function formatP2pReport(report: P2pReport, limit: number = DEFAULT_LIMIT): string {
  const rows = (tallies: Readonly<Record<string, P2pCounts>>): string[] =>
    Object.entries(tallies).map(
      ([name, { passed, failed }]) => `${name.padEnd(16)} ${countsText(passed, failed)}`,
    );
  const failures = report.failures.slice(0, limit).map(formatP2pDifference);
  const more = report.failures.length - failures.length;
  if (more > 0 && limit > 0) failures.push(`... and ${more} more failing machines`);
  const blocks = [
    report.problems.map((problem) => renderDiagnostic(problem)),
    failures,
    rows(report.questions),
    rows(report.groups),
    noteLines(report),
    [`${report.passed} passed, ${report.failed} failed`],
  ];
  const texts = blocks.filter((lines) => lines.length > 0).map((lines) => lines.join("\n"));
  return `${texts.join("\n\n")}\n`;
}

function countsText(passed: number, failed: number): string {
  return `${String(passed).padStart(8)} agree ${String(failed).padStart(8)} differ`;
}

function noteLines({ unansweredMachines, unmatchedAnswers }: P2pReport): string[] {
  const notes: string[] = [];
  if (unansweredMachines > 0) notes.push(`machines without answers: ${unansweredMachines}`);
  if (unmatchedAnswers > 0) notes.push(`answers without a machine: ${unmatchedAnswers}`);
  return notes;
}
