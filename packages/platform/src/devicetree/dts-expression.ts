// Integers of a device tree source: literals as in C, and expressions in parentheses, in unsigned
// 64-bit arithmetic as dtc has it.
import type { DtsScanner } from "./dts-scanner.ts";

/** Deepest nesting of parentheses and signs that is read. */
const MAX_NESTING = 64;

const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);
const truth = (value: boolean): bigint => (value ? 1n : 0n);
const shift = (count: bigint, by: (count: bigint) => bigint): bigint =>
  count >= 64n ? 0n : u64(by(count));

type Operator = (a: bigint, b: bigint) => bigint | null;

/** Operators by how tightly they bind, the loosest first; longer spellings before shorter ones. */
const LEVELS: readonly ReadonlyMap<string, Operator>[] = [
  new Map([["||", (a, b) => truth(a !== 0n || b !== 0n)]]),
  new Map([["&&", (a, b) => truth(a !== 0n && b !== 0n)]]),
  new Map([["|", (a, b) => a | b]]),
  new Map([["^", (a, b) => a ^ b]]),
  new Map([["&", (a, b) => a & b]]),
  new Map<string, Operator>([
    ["==", (a, b) => truth(a === b)],
    ["!=", (a, b) => truth(a !== b)],
  ]),
  new Map<string, Operator>([
    ["<=", (a, b) => truth(a <= b)],
    [">=", (a, b) => truth(a >= b)],
    ["<", (a, b) => truth(a < b)],
    [">", (a, b) => truth(a > b)],
  ]),
  new Map<string, Operator>([
    ["<<", (a, b) => shift(b, (count) => a << count)],
    [">>", (a, b) => shift(b, (count) => a >> count)],
  ]),
  new Map<string, Operator>([
    ["+", (a, b) => u64(a + b)],
    ["-", (a, b) => u64(a - b)],
  ]),
  new Map<string, Operator>([
    ["*", (a, b) => u64(a * b)],
    ["/", (a, b) => (b === 0n ? null : a / b)],
    ["%", (a, b) => (b === 0n ? null : a % b)],
  ]),
];

/** Which spellings are part of a longer operator and must not be taken for the shorter one. */
const LONGER = /\|\||&&|<<|>>|[<>=!]=/y;

/** An integer: a literal, a character, or an expression in parentheses; null after a complaint. */
export function parseInteger(scanner: DtsScanner, nesting = 0): bigint | null {
  scanner.skipSpace();
  if (scanner.take("(")) {
    if (nesting >= MAX_NESTING) {
      scanner.complain(`expressions nest at most ${MAX_NESTING} deep`);
      return null;
    }
    const value = parseTernary(scanner, nesting + 1);
    return value !== null && scanner.expect(")") ? value : null;
  }
  return parseCharacter(scanner) ?? parseLiteral(scanner);
}

function parseTernary(scanner: DtsScanner, nesting: number): bigint | null {
  const condition = parseLevel(scanner, 0, nesting);
  if (condition === null || !scanner.take("?")) return condition;
  const yes = nested(scanner, nesting, parseTernary);
  if (yes === null || !scanner.expect(":")) return null;
  const no = nested(scanner, nesting, parseTernary);
  return no === null ? null : condition === 0n ? no : yes;
}

function nested(
  scanner: DtsScanner,
  nesting: number,
  parse: (scanner: DtsScanner, nesting: number) => bigint | null,
): bigint | null {
  if (nesting < MAX_NESTING) return parse(scanner, nesting + 1);
  scanner.complain(`expressions nest at most ${MAX_NESTING} deep`);
  return null;
}

function parseLevel(scanner: DtsScanner, level: number, nesting: number): bigint | null {
  const operators = LEVELS[level];
  if (operators === undefined) return parseUnary(scanner, nesting);
  let left = parseLevel(scanner, level + 1, nesting);
  while (left !== null) {
    scanner.skipSpace();
    const start = scanner.at;
    const operator = takeOperator(scanner, operators);
    if (operator === null) break;
    const right = parseLevel(scanner, level + 1, nesting);
    if (right === null) return null;
    left = operator(left, right);
    if (left === null) scanner.complain("division by zero", {}, [start, scanner.at]);
  }
  return left;
}

function takeOperator(
  scanner: DtsScanner,
  operators: ReadonlyMap<string, Operator>,
): Operator | null {
  const start = scanner.at;
  const spelling = scanner.match(LONGER) ?? scanner.match(/[|^&<>+*/%-]/y);
  const operator = spelling === null ? undefined : operators.get(spelling);
  if (operator === undefined) scanner.at = start;
  return operator ?? null;
}

function parseUnary(scanner: DtsScanner, nesting: number): bigint | null {
  const sign = ["-", "~", "!"].find((one) => scanner.take(one));
  if (sign === undefined) return parseInteger(scanner, nesting);
  const value = nested(scanner, nesting, parseUnary);
  if (value === null) return null;
  return sign === "-" ? u64(-value) : sign === "~" ? u64(~value) : truth(value === 0n);
}

function parseLiteral(scanner: DtsScanner): bigint | null {
  const start = scanner.at;
  const word = scanner.match(/\w+/y);
  const digits = /^(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)(?:[uU]?[lL]{0,2}|[lL]{0,2}[uU]?)$/.exec(
    word ?? "",
  )?.[1];
  if (digits === undefined) {
    scanner.at = start;
    const hint = /^[A-Za-z_]/.test(word ?? "")
      ? "names of the C preprocessor must be replaced before: `cpp -P file.dts`"
      : undefined;
    scanner.complain(`no number: ${scanner.shownNext()}`, { hint });
    return null;
  }
  const value = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits);
  if (value === u64(value)) return value;
  scanner.complain(`more than 64 bits: ${digits}`, {}, [start, scanner.at]);
  return null;
}

function parseCharacter(scanner: DtsScanner): bigint | null {
  const text = scanner.match(/'(?:[^'\\\n]|\\[^\n][^'\n]{0,3})'/y);
  if (text === null) return null;
  const bytes = unescapeBytes(text.slice(1, -1));
  return bytes.length === 1 ? BigInt(bytes[0] ?? 0) : null;
}

const ESCAPES: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  t: 9,
  n: 10,
  v: 11,
  f: 12,
  r: 13,
};

/** The bytes of a quoted text without its quotes: escapes as in C, everything else in UTF-8. */
export function unescapeBytes(text: string): number[] {
  const pieces = text.matchAll(/\\x([0-9a-fA-F]{1,2})|\\([0-7]{1,3})|\\([^])|([^\\])/gu);
  return [...pieces].flatMap(([, hex, octal, letter, plain]) => {
    if (hex !== undefined) return [Number.parseInt(hex, 16)];
    if (octal !== undefined) return [Number.parseInt(octal, 8) & 0xff];
    const special = letter === undefined ? undefined : ESCAPES[letter];
    return special === undefined ? utf8Bytes(letter ?? plain ?? "") : [special];
  });
}

/** A character in UTF-8; half a surrogate pair becomes the replacement character. */
function utf8Bytes(character: string): number[] {
  let code = character.codePointAt(0) ?? 0;
  if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd;
  const tail = (shiftBits: number): number => 0x80 | ((code >> shiftBits) & 0x3f);
  if (code < 0x80) return [code];
  if (code < 0x800) return [0xc0 | (code >> 6), tail(0)];
  if (code < 0x10000) return [0xe0 | (code >> 12), tail(6), tail(0)];
  return [0xf0 | (code >> 18), tail(12), tail(6), tail(0)];
}
