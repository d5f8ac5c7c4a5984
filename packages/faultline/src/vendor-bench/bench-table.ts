// The vendor benchmark as tables that can be pasted into a mail: a row for each profile, and what
// the kernel does meanwhile from left to right.
import type { Profile } from "@faultline/profiles";
import { formatPs } from "@faultline/sim";
import { markdownTable } from "../markdown-table.ts";
import { type Alignment, plainTable } from "../plain-table.ts";
import { shareText } from "../timed-text.ts";
import type { BenchNoise, BenchPlace, BenchSize } from "./bench-cell.ts";
import type { CellResult } from "./run-bench-cell.ts";

/** A cell with its result, or why there is none. */
export interface BenchEntry {
  readonly profile: Profile;
  readonly noise: BenchNoise;
  readonly size: BenchSize;
  readonly place: BenchPlace;
  readonly cell: CellResult | string;
}

/** How the tables are written. */
export interface BenchStyle {
  readonly noises: readonly BenchNoise[];
  readonly isMarkdown: boolean;
}

type Row = readonly (string | number)[];

/** What stands for a cell that cannot be; a line below the tables says why. */
const NOT_DONE = "-";

/** The tables of one size and place: times first, then what they are spent on. */
export function benchTables(entries: readonly BenchEntry[], style: BenchStyle): string {
  const profiles = [...new Set(entries.map(({ profile }) => profile))];
  const cellOf = (profile: Profile, noise: BenchNoise): CellResult | string =>
    entries.find((entry) => entry.profile === profile && entry.noise === noise)?.cell ?? "";
  const table = style.isMarkdown ? markdownTable : plainTable;
  const { noises } = style;
  const times = profiles.map((profile): Row => {
    const quiet = cellOf(profile, "quiet");
    return [
      profile.id,
      ...noises.flatMap((noise) => timeCells(cellOf(profile, noise), quiet, noise)),
    ];
  });
  const timesHead = ["p50, p99, time", ...noises.flatMap((noise) => timeHeads(noise))];
  const spent = profiles.map((profile): Row => {
    const assumed = noises.flatMap((noise) => assumedOf(cellOf(profile, noise)));
    const most = noises.map((noise) => mostOf(cellOf(profile, noise)));
    return [
      profile.id,
      ...most,
      shareText(assumed.length === 0 ? undefined : Math.max(...assumed)),
    ];
  });
  const spentHead = ["most of a fault", ...noises, "assumed %"];
  return [
    table(timesHead, times, aligned(timesHead)),
    table(spentHead, spent, aligned(spentHead)),
    ...notDone(entries),
  ].join("\n");
}

/** Why cells are missing, a line for each reason. */
function notDone(entries: readonly BenchEntry[]): string[] {
  const reasons = new Map<string, Set<string>>();
  for (const { cell, profile } of entries) {
    if (typeof cell !== "string") continue;
    const ids = reasons.get(cell) ?? new Set();
    reasons.set(cell, ids.add(profile.id));
  }
  return [...reasons].map(([reason, ids]) => `${NOT_DONE} ${[...ids].join(", ")}: ${reason}\n`);
}

function aligned(head: readonly string[]): Alignment[] {
  return head.map((_, i) => (i === 0 ? "left" : "right"));
}

function timeHeads(noise: BenchNoise): string[] {
  return noise === "quiet" ? [noise, ""] : [noise, "", ""];
}

/** The percentiles of a fault; for noise also how much longer the whole program takes. */
function timeCells(
  cell: CellResult | string,
  quiet: CellResult | string,
  noise: BenchNoise,
): string[] {
  const isQuiet = noise === "quiet";
  if (typeof cell === "string") return [NOT_DONE, "", ...(isQuiet ? [] : [""])];
  const slower = slowdown(cell, quiet);
  const ratio = slower === null ? cell.result : `×${slower.toFixed(2)}`;
  return [formatPs(cell.p50Ps), formatPs(cell.p99Ps), ...(isQuiet ? [] : [ratio])];
}

/** How much longer the program takes than in quiet; null where one of them has not ended. */
export function slowdown(cell: CellResult | string, quiet: CellResult | string): number | null {
  if (typeof cell === "string" || typeof quiet === "string") return null;
  if (cell.result !== "ok" || quiet.result !== "ok") return null;
  return cell.programPs / quiet.programPs;
}

function mostOf(cell: CellResult | string): string {
  if (typeof cell === "string" || cell.nrFaults === 0) return "";
  return `${cell.most} ${Math.round(cell.mostShare * 100)}%`;
}

function assumedOf(cell: CellResult | string): number[] {
  return typeof cell === "string" ? [] : [cell.shareAssumed];
}
