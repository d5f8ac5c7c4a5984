// For tests with broken files: random edits of good ones, as people, editors and merges make them.
import fc from "fast-check";

/** What edits put in place of what stands there. */
export interface Words {
  /** Values: numbers at the limits, words of the language, and junk. */
  readonly values: readonly string[];
  readonly keys: readonly string[];
}

/** Values that break any file. */
export const JUNK: readonly string[] = [
  "0 -1 1 1.5 4294967296 9007199254740993 1e400 .nan .inf true null ~ *a &a !!binary".split(" "),
  "| > { [ } ] - : # ' \" % @ `".split(" "),
  ["__proto__", "constructor", "\t", "\u0000", "\ufeff", "\ud800", "🧠", "\r", "a".repeat(5000)],
].flat();

/** Numbers at the limits of what fields take. */
const NUMBERS = words(
  "0 1 2 3 -1 0.5 1e-300 1e-12 1e12 1e300 255 256 511 512 4095 4096 65535 65536 2147483648 1024",
);

const KINDS = [
  // what keeps the text well-formed, and reaches the checks behind the schema
  "number",
  "exchange",
  "drop",
  "word",
  "key",
  // what mostly does not
  "delete",
  "duplicate",
  "insert",
  "swap",
  "byte",
  "cut",
] as const;

/** One edit of a text, told by numbers in [0, 1) so that it shrinks. */
interface Edit {
  readonly kind: (typeof KINDS)[number];
  readonly where: number;
  readonly what: number;
}

/** Evenly spread: `fc.double` draws exponents, and nearly all of its numbers are next to 0. */
const share = fc.nat({ max: 2 ** 20 - 1 }).map((n) => n / 2 ** 20);
const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...KINDS.slice(0, 3)) },
    { weight: 2, arbitrary: fc.constantFrom(...KINDS) },
  ),
  where: share,
  what: share,
});

/** The words of a text with spaces between them. */
export function words(text: string): string[] {
  return text.split(" ");
}

function pick<T>(list: readonly T[], at: number): T {
  const one = list.at(Math.floor(at * list.length));
  if (one === undefined) throw new Error("nothing to pick from");
  return one;
}

const VALUE = /(?<=: )(?:[\w.+-]+|"[^"\n]*")/g;
const NUMBER = /(?<=[ [])-?\d[\d.]*(?:e[+-]?\d+)?(?=[\s,\]}]|$)/gm;

/** Replaces the match of `pattern` that `where` points at. */
function replaceOne(text: string, pattern: RegExp, where: number, by: string): string {
  const matches = [...text.matchAll(pattern)];
  if (matches.length === 0) return text;
  const { index, 0: found } = pick(matches, where);
  return text.slice(0, index) + by + text.slice(index + found.length);
}

/** A value of the text stands where another stood that has the same key. */
function exchangeOne(text: string, where: number, what: number): string {
  const values = [...text.matchAll(/(\w+): (?:[\w.+-]+|"[^"\n]*")/g)];
  if (values.length === 0) return text;
  const { 1: key } = pick(values, where);
  const same = values.filter((one) => one[1] === key);
  const { index, 0: found } = pick(same, what);
  const { 0: other } = pick(same, (where + what) % 1);
  return text.slice(0, index) + other + text.slice(index + found.length);
}

/** A line goes with what is below it. */
function dropOne(lines: readonly string[], at: number): string {
  const depth = (text: string): number => text.search(/\S|$/);
  let end = at + 1;
  while (end < lines.length && depth(lines[end] ?? "") > depth(lines[at] ?? "")) end++;
  return lines.toSpliced(at, end - at).join("\n");
}

function apply(text: string, { kind, where, what }: Edit, { values, keys }: Words): string {
  const lines = text.split("\n");
  const line = Math.floor(where * lines.length);
  const offset = Math.floor(where * text.length);
  switch (kind) {
    case "number":
      return replaceOne(text, NUMBER, where, pick(NUMBERS, what));
    case "exchange":
      return exchangeOne(text, where, what);
    case "drop":
      return dropOne(lines, line);
    case "delete":
      return lines.toSpliced(line, 1).join("\n");
    case "duplicate":
      return lines.toSpliced(line, 0, lines[line] ?? "").join("\n");
    case "insert":
      return lines.toSpliced(line, 0, pick(lines, what)).join("\n");
    case "swap":
      return lines.with(line, pick(lines, what)).join("\n");
    case "word":
      return replaceOne(text, VALUE, where, pick(values, what));
    case "key":
      return replaceOne(text, /\w+(?=:)/g, where, pick(keys, what));
    case "byte":
      return text.slice(0, offset) + pick(values, what) + text.slice(offset + 1);
    case "cut":
      return text.slice(0, offset);
  }
}

/** Good texts after one to five edits. */
export function mutantsOf(originals: readonly string[], known: Words): fc.Arbitrary<string> {
  const edits = fc.oneof(
    fc.array(edit, { minLength: 1, maxLength: 2 }),
    fc.array(edit, { minLength: 1, maxLength: 5 }),
  );
  return fc
    .tuple(fc.constantFrom(...originals), edits)
    .map(([original, all]) => all.reduce((text, one) => apply(text, one, known), original));
}
