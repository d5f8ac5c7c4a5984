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
export function reproductionText(
  all: readonly Reproduction[],
  style: ResultStyle,
  withSources: boolean,
): string {
  const ran = all.filter(({ verdict }) => verdict !== "not run");
  const rows = ran.map((one) => [
    one.target.id,
    one.target.role,
    one.profile,
    one.target.order === null ? figure(one.target.value) : orderText(one.target.values),
    one.simulated === null ? orderText(one.simulatedValues) : figure(one.simulated),
    one.target.unit,
    errorText(one.errorPercent),
    one.target.tolerancePercent === 0 ? "order" : figure(one.target.tolerancePercent),
    one.by,
    shareText(one.shareAssumed ?? undefined),
    one.verdict === "met" ? style.good("met") : style.bad("missed"),
  ]);
  const table = rows.length === 0 ? "" : `${plainTable(HEAD, rows, ALIGNS)}\n`;
  const notes = noteText(ran, withSources);
  return `${table}${notes}${notRunText(all)}${roleLines(all).join("\n")}\n`;
}

/** The same as data. */
export function reproductionJson(all: readonly Reproduction[]): object[] {
  return all.map(({ target, profile, ...found }) => ({
    id: target.id,
    what: target.what,
    role: target.role,
    profile,
    published: target.value,
    ...(target.order === null ? {} : { publishedValues: target.values }),
    low: target.low,
    high: target.high,
    unit: target.unit,
    place: target.place,
    citation: target.citation,
    figure: target.figure,
    fittedWith: target.fittedWith,
    tolerancePercent: target.tolerancePercent,
    caveat: target.caveat,
    miss: target.miss,
    ...found,
  }));
}

/** Names and numbers, smallest first. */
function orderText(values: Readonly<Record<string, number>>): string {
  const entries = Object.entries(values).sort(([, a], [, b]) => a - b);
  return entries.map(([name, value]) => `${name} ${figure(value)}`).join("\n");
}

/** Why rows came out as they did; with sources, also where their numbers come from. */
function noteText(ran: readonly Reproduction[], withSources: boolean): string {
  const told = withSources ? [...new Set(ran.map(({ target }) => sourceText(target)))] : [];
  const missed = ran.filter(({ verdict, target }) => verdict === "missed" && target.miss !== "");
  const reasons = [
    ...byReason("missed", missed, ({ target }) => target.miss),
    ...byReason("met", ran.filter(isVerdict("met")), ({ reason }) => reason),
    ...byReason("missed", ran.filter(isVerdict("missed")), ({ reason }) => reason),
  ];
  return [...told, ...reasons].map((text) => `${text}\n\n`).join("");
}

function notRunText(all: readonly Reproduction[]): string {
  const texts = byReason("not run", all.filter(isVerdict("not run")), ({ reason }) => reason);
  return texts.map((text) => `${text}\n\n`).join("");
}

function isVerdict(wanted: Reproduction["verdict"]): (one: Reproduction) => boolean {
  return ({ verdict }) => verdict === wanted;
}

/** Targets that have a reason in common, under it. */
function byReason(
  what: string,
  ones: readonly Reproduction[],
  reasonOf: (one: Reproduction) => string,
): string[] {
  const reasons = [...new Set(ones.map(reasonOf))].filter((why) => why !== "");
  return reasons.map((why) => {
    const ids = ones.flatMap((one) => (reasonOf(one) === why ? [one.target.id] : []));
    const head = wrapped(`${what}, ${why}:`.split(" "), "");
    return `${head}\n  ${wrapped([...new Set(ids)], "  ")}`;
  });
}

function sourceText({
  id,
  what,
  citation,
  place,
  fittedWith,
  caveat,
}: Reproduction["target"]): string {
  const lines = [
    what,
    place === "" ? citation : `${citation}: ${place}`,
    ...(fittedWith.length > 0 ? [`a profile was fitted with ${fittedWith.join(", ")}`] : []),
    ...(caveat === "" ? [] : [`caveat: ${caveat}`]),
  ];
  return [id, ...lines.map((line) => `  ${wrapped(line.split(" "), "  ")}`)].join("\n");
}

/** Words in lines of at most 96 columns. */
function wrapped(words: readonly string[], indent: string): string {
  const lines: string[] = [];
  for (const word of words) {
    const line = lines.at(-1);
    if (line === undefined || line.length + word.length > 94) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines.join(`\n${indent}`);
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
