// The table at the end of a run: what the kernel decided, how often, and where it does so.
import { decisionTotals, type ScenarioResult } from "@faultline/scenario";
import Table from "cli-table3";

/** Columns apart by two spaces and no lines, so that the table pastes well into a mail. */
const PLAIN = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "  ",
};

/** Faults and other decisions of a run; empty when nothing was decided. */
export function decisionTable(result: ScenarioResult): string {
  const totals = decisionTotals(result);
  if (totals.length === 0) return "";
  const table = new Table({
    head: ["decision", "times", "pages", "kernel"],
    chars: PLAIN,
    colAligns: ["left", "right", "right", "left"],
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  for (const { rule, times, nrPages, kernel } of totals) table.push([rule, times, nrPages, kernel]);
  return `\n${table.toString().replaceAll(/ +$/gm, "")}\n`;
}
