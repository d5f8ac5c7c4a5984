// One profile in full: every number with its unit, origin, confidence, range and citation.
import {
  citationText,
  engineValue,
  figureNumber,
  type Profile,
  profileCounts,
  type ProfileField,
  priceOperation,
  type PriceTable,
  priceTable,
  shareAssumed,
  toEngine,
  type Unit,
  UNITS,
} from "@faultline/profiles";
import { profileSummary } from "./profile-list.ts";
import { numberText } from "./quantity-text.ts";

const SECTIONS: readonly (readonly [prefix: string, title: string])[] = [
  ["costs.", "A device fault, stage by stage"],
  ["effort.", "What the kernel does on a CPU"],
  ["device.", "The device and its links"],
  ["policy.", "Parameters of the driver"],
  ["observed.", "Observed on the machine; these price nothing"],
];

/** A profile as data; `engine` is a value in ps, bytes per second or bytes. */
export function profileJson(profile: Profile): object {
  const { effects, open } = profile.document;
  const fields = [...profile.fields.values()].map((field) => {
    const { balance: _balance, operation: _operation, ...shown } = field;
    return { ...shown, engine: engineValue(field) };
  });
  return { ...profileSummary(profile), fields, effects, open };
}

/** A profile as text. */
export function profileText(profile: Profile): string {
  const { title, hardware, mode, stack, isMostlyGap, document } = profile;
  const { byKind, total } = profileCounts(profile);
  const counts = Object.entries(byKind).map(([kind, count]) => `${count} ${kind}`);
  const base = document.extends === undefined ? "" : `\nextends ${document.extends}`;
  const gap = isMostlyGap ? "\nhardly anything about this machine is published" : "";
  const head = [
    title,
    "",
    `hardware: ${hardware}`,
    `mode: ${mode}`,
    `stack: ${stack}${base}${gap}`,
    `${total} numbers: ${counts.join(", ")}`,
    "",
  ];
  const table = priceTable(profile);
  const sections = SECTIONS.flatMap(([prefix, sectionTitle]) => {
    const fields = [...profile.fields.values()].filter(({ path }) => path.startsWith(prefix));
    if (fields.length === 0) return [];
    return [sectionTitle, "", ...fields.flatMap((field) => fieldLines(profile, table, field)), ""];
  });
  const lines = [...head, ...sections, ...effectLines(profile), ...evidenceLines(profile)];
  return lines.join("\n");
}

function fieldLines(profile: Profile, table: PriceTable, field: ProfileField): string[] {
  const { path, kind, confidence, why, note, figures, citation, statedIn, operation } = field;
  const name = path.slice(path.indexOf(".") + 1);
  const origin = kind === "assumed" ? "assumed, an estimate" : `${kind}, ${confidence}`;
  const inherited = statedIn === profile.id ? "" : `; from ${statedIn}`;
  const lines = [`  ${name}  ${valueText(field)}  (${origin}${rangeText(field)}${inherited})`];
  if (why !== "") lines.push(`      ${why}`);
  if (figures.length > 0) {
    const words = figures.map((reference) => `${reference} [${sourceKey(reference)}]`);
    lines.push(`      ${kind === "assumed" ? "compare" : "figure"} ${words.join(", ")}`);
  } else if (citation !== "") {
    lines.push(`      ${citation}`);
  }
  if (note !== "") lines.push(`      note: ${note}`);
  if (operation !== null) {
    const time = priceOperation(table, operation);
    const assumed = Math.round(shareAssumed(time) * 100);
    const price = quantityText(time.totalPs, "ps");
    lines.push(`      the profile prices it at ${price}, ${assumed} % of it assumed`);
  }
  return lines;
}

function sourceKey(reference: string): string {
  return figureNumber(reference)?.figure.source ?? "";
}

function valueText({ value, unit }: ProfileField): string {
  return typeof value === "number" ? quantityText(value, unit) : String(value);
}

function rangeText({ range, unit }: ProfileField): string {
  if (range === null) return "";
  const { low, high, draw } = range;
  return `: ${quantityText(low, unit)} to ${quantityText(high, unit)}, ${draw}`;
}

const TIMES = ["ms", "us", "ns", "ps"] as const;

/** Times below a tenth and computed rates get a unit that suits them. */
function quantityText(value: number, unit: Unit): string {
  if (unit === "count") return numberText(value);
  if (unit === "B/s") return `${numberText(value / UNITS["GB/s"].factor)} GB/s`;
  if (UNITS[unit].dimension !== "time" || value === 0 || (value >= 0.1 && unit !== "ps")) {
    return `${numberText(value)} ${unit}`;
  }
  const ps = toEngine(value, unit);
  const shown = TIMES.find((time) => ps >= UNITS[time].factor) ?? "ps";
  return `${numberText(ps / UNITS[shown].factor)} ${shown}`;
}

/** What the profile rests on: each figure with its machine, each source once. */
function evidenceLines({ fields }: Profile): string[] {
  const references = [...new Set([...fields.values()].flatMap(({ figures }) => figures))].sort();
  const numbers = references.flatMap((reference) => {
    const number = figureNumber(reference);
    return number === null ? [] : [{ reference, ...number }];
  });
  const sources = new Map(
    numbers.map(({ figure }) => [figure.source, citationText(figure.citation)]),
  );
  const lines = numbers.map(({ reference, figure, value, unit }) => {
    const number = typeof value === "number" ? quantityText(value, unit) : value;
    return `  ${reference}  ${number}, ${figure.what}; ${figure.hardware} [${figure.source}]`;
  });
  const keys = [...sources.keys()].sort().map((key) => `  [${key}] ${sources.get(key)}`);
  return ["Figures", "", ...lines, "", "Sources", "", ...keys, ""];
}

function effectLines({ document: { effects, open } }: Profile): string[] {
  const known = Object.entries(effects).filter(([, text]) => text !== undefined);
  return [
    ...(known.length === 0 ? [] : ["What the kernel's other work does here", ""]),
    ...known.map(([name, text]) => `  ${name}: ${text}`),
    ...(known.length === 0 ? [] : [""]),
    ...(open.length === 0 ? [] : ["Nobody has published", ""]),
    ...open.map((text) => `  ${text}`),
    ...(open.length === 0 ? [] : [""]),
  ];
}
