// Published and simulated numbers side by side, as text and as data.
import { TARGET_ROLES, type TargetRole } from "@faultline/profiles";
import type { ResultStyle } from "@faultline/scenario";
import { plainTable } from "../plain-table.ts";
import { shareText } from "../timed-text.ts";
import type { Reproduction } from "./reproduce-target.ts";

const HEAD = [
  "target",
  "role",
  "profile",
  "published",
  "simulated",
  "unit",
  "error %",
  "within %",
  "by",
  "assumed %",
  "verdict",
];
const ALIGNS = HEAD.map((name) =>
  ["published", "simulated", "error %", "within %", "assumed %"].includes(name)
    ? ("right" as const)
    : ("left" as const),
);

/** The table, then how each role came out. */
export function reproductionText(all: readonly Reproduction[], style: ResultStyle): string {
  const ran = all.filter(({ verdict }) => verdict !== "not run");
  const rows = ran.map((one) => [
    one.target.id,
    one.target.role,
    one.profile,
    figure(one.target.value),
    one.simulated === null ? "" : figure(one.simulated),
    one.target.unit,
    errorText(one.errorPercent),
    figure(one.target.tolerancePercent),
    one.by,
    shareText(one.shareAssumed ?? undefined),
    one.verdict === "met" ? style.good("met") : style.bad("missed"),
  ]);
  const table = rows.length === 0 ? "" : `${plainTable(HEAD, rows, ALIGNS)}\n`;
  return `${table}${notRunText(all)}${roleLines(all).join("\n")}\n`;
}

/** The same as data. */
export function reproductionJson(all: readonly Reproduction[]): object[] {
  return all.map(({ target, profile, ...found }) => ({
    id: target.id,
    what: target.what,
    role: target.role,
    profile,
    published: target.value,
    unit: target.unit,
    citation: target.citation,
    figure: target.figure,
    fittedWith: target.fittedWith,
    tolerancePercent: target.tolerancePercent,
    caveat: target.caveat,
    ...found,
  }));
}

function notRunText(all: readonly Reproduction[]): string {
  const left = all.filter(({ verdict }) => verdict === "not run");
  const reasons = [...new Set(left.map(({ reason }) => reason))];
  return reasons
    .map((why) => {
      const ids = left.flatMap(({ reason, target }) => (reason === why ? [target.id] : []));
      return `not run, ${why}:\n  ${wrapped(ids)}\n\n`;
    })
    .join("");
}

/** Words in lines of at most 96 columns. */
function wrapped(words: readonly string[]): string {
  const lines: string[] = [];
  for (const word of words) {
    const line = lines.at(-1);
    if (line === undefined || line.length + word.length > 94) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines.join("\n  ");
}

function roleLines(all: readonly Reproduction[]): string[] {
  return (Object.keys(TARGET_ROLES) as TargetRole[]).flatMap((role) => {
    const ones = all.filter(({ target }) => target.role === role);
    if (ones.length === 0) return [];
    const count = (verdict: Reproduction["verdict"]): number =>
      ones.filter((one) => one.verdict === verdict).length;
    const counts = `${count("met")} met, ${count("missed")} missed, ${count("not run")} not run`;
    return [`${role}: ${counts} (${TARGET_ROLES[role].means})`];
  });
}

/** Four digits that mean something. */
function figure(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function errorText(error: number | null): string {
  if (error === null) return "";
  const text = error.toFixed(1);
  return text === "-0.0" ? "0.0" : text;
}
