// Counts of a step in words, as reports print them.
import type { StepFacts } from "./step-facts.ts";

/** For example `ok, 4 pages, 1 fault`. */
export function answerText({ result, pages, faults, times }: StepFacts): string {
  const counts = [
    pages === undefined ? [] : [counted(pages, "page")],
    faults === undefined ? [] : [counted(faults, "fault")],
    times === undefined ? [] : [counted(times, "time")],
  ];
  return [result, ...counts.flat()].join(", ");
}

/** A number with its noun. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
