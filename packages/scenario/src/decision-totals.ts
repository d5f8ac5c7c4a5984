// How often each rule decided during a run, and over how many pages.
import { DECISION_RULES } from "@faultline/stacks";
import type { ScenarioResult } from "./step-report.ts";

/** One rule and how much it did. */
export interface DecisionTotal {
  readonly rule: string;
  /** Decisions, neighbouring pages counted one by one. */
  readonly times: number;
  readonly nrPages: number;
  /** File and function of the kernel that decide. */
  readonly kernel: string;
}

/** Totals of every rule that decided anything, in the order of first use. */
export function decisionTotals(result: ScenarioResult): DecisionTotal[] {
  const totals = new Map<string, { times: number; nrPages: number }>();
  for (const { rule, count, nrPages } of result.steps.flatMap((step) => step.decisions)) {
    const total = totals.get(rule) ?? { times: 0, nrPages: 0 };
    total.times += count;
    total.nrPages += nrPages;
    totals.set(rule, total);
  }
  return [...totals].map(([rule, total]) => ({
    rule,
    ...total,
    kernel: DECISION_RULES[rule]?.kernel ?? "",
  }));
}
