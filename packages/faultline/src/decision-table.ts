// The table at the end of a run: what the kernel decided, how often, and where it does so.
import { decisionTotals, type ScenarioResult } from "@faultline/scenario";
import { plainTable } from "./plain-table.ts";

/** Faults and other decisions of a run; empty when nothing was decided. */
export function decisionTable(result: ScenarioResult): string {
  const totals = decisionTotals(result);
  if (totals.length === 0) return "";
  const rows = totals.map(({ rule, times, nrPages, kernel }) => [rule, times, nrPages, kernel]);
  const head = ["decision", "times", "pages", "kernel"];
  return `\n${plainTable(head, rows, ["left", "right", "right", "left"])}`;
}
