// The run-length texts of the record format, both directions.
// Letters: `P4.12`. Numbers and tokens: hexadecimal `x`, `x*n` (n times), `x+n` (counting up).
// Bytes: two hexadecimal digits, `hh*n`. Statuses: decimal, `d*n`. Counts are decimal everywhere.
// Encoders produce the very text the recording program prints, so equal states have equal texts.
// Decoders return null for a text that is none; `limit` keeps a hostile count from eating memory.

/** What a page was read or written as: a 64-bit word, a signal, or `torn` and a word. */
export type Token = number | string;

/** No recorded list is longer; a longer one is malformed. */
const DEFAULT_LIMIT = 1 << 22;

const ITEM = /^([^*+]+)(?:([*+])([1-9][0-9]{0,9}))?$/;
const HEX = /^[0-9a-f]{1,16}$/;
const BYTE = /^[0-9a-f]{2}$/;
const DECIMAL = /^(?:0|-?[1-9][0-9]{0,9})$/;
const WORD = /^(?:S[A-Z]|torn[0-9a-f]{1,16})$/;

/** Encodes one letter per page: each letter once, followed by its count where that is above one. */
export function encodeLetters(letters: string): string {
  let text = "";
  for (let i = 0; i < letters.length; ) {
    let end = i + 1;
    while (end < letters.length && letters[end] === letters[i]) end++;
    text += end - i > 1 ? `${letters[i]}${end - i}` : letters[i];
    i = end;
  }
  return text;
}

/** Expands a text of letters to one letter per page. */
export function decodeLetters(text: string, limit: number = DEFAULT_LIMIT): string | null {
  let letters = "";
  let i = 0;
  while (i < text.length) {
    const letter = text[i] as string;
    if (letter >= "0" && letter <= "9") return null;
    let end = i + 1;
    while (end < text.length && (text[end] as string) >= "0" && (text[end] as string) <= "9") end++;
    const count = end === i + 1 ? 1 : Number(text.slice(i + 1, end));
    if (count < 1 || letters.length + count > limit) return null;
    letters += count === 1 ? letter : letter.repeat(count);
    i = end;
  }
  return letters;
}

/** Encodes a list item by item, the longest run of equals first, then the longest count upward. */
function encodeList<T>(
  values: ArrayLike<T>,
  print: (value: T) => string,
  isSuccessor: (value: T, previous: T) => boolean,
): string {
  const items: string[] = [];
  for (let i = 0; i < values.length; ) {
    const first = values[i] as T;
    let end = i + 1;
    while (end < values.length && values[end] === first) end++;
    let mark = "*";
    if (end === i + 1) {
      mark = "+";
      while (end < values.length && isSuccessor(values[end] as T, values[end - 1] as T)) end++;
    }
    items.push(end === i + 1 ? print(first) : `${print(first)}${mark}${end - i}`);
    i = end;
  }
  return items.join(",");
}

/** Splits a list text into items and hands each to `add`; false as soon as one is malformed. */
function readList(
  text: string,
  limit: number,
  add: (word: string, mark: string, count: number) => boolean,
): boolean {
  if (text === "") return true;
  let total = 0;
  for (const item of text.split(",")) {
    const match = ITEM.exec(item);
    if (match === null) return false;
    const count = match[3] === undefined ? 1 : Number(match[3]);
    total += count;
    if (total > limit || !add(match[1] as string, match[2] ?? "*", count)) return false;
  }
  return true;
}

const never = (): boolean => false;
const followsNumber = (value: number, previous: number): boolean => value === previous + 1;
const followsToken = (value: Token, previous: Token): boolean =>
  typeof value === "number" && typeof previous === "number" && value === previous + 1;
const printHex = (value: number): string => value.toString(16);
const printToken = (value: Token): string => (typeof value === "number" ? printHex(value) : value);
const printByte = (value: number): string => value.toString(16).padStart(2, "0");

/**
 * Encodes tokens. A word above 2^53 is not a number here: pass its hexadecimal text, as
 * decodeTokens() returns it.
 */
export function encodeTokens(tokens: ArrayLike<Token>): string {
  return encodeList(tokens, printToken, followsToken);
}

/** Expands a text of tokens; a word above 2^53 stays hexadecimal text. */
export function decodeTokens(text: string, limit: number = DEFAULT_LIMIT): Token[] | null {
  const tokens: Token[] = [];
  const whole = readList(text, limit, (word, mark, count) => {
    const isHex = HEX.test(word);
    if (!isHex && !WORD.test(word)) return false;
    const number = isHex ? Number.parseInt(word, 16) : Number.NaN;
    const first: Token = Number.isSafeInteger(number) ? number : word;
    const step = mark === "+" ? 1 : 0;
    if (step === 1 && (typeof first === "string" || first + count > Number.MAX_SAFE_INTEGER)) {
      return false;
    }
    for (let i = 0; i < count; i++) {
      tokens.push(typeof first === "number" ? first + step * i : first);
    }
    return true;
  });
  return whole ? tokens : null;
}

/** Encodes page classes. A lone 0 before class 1 counts up with it: 0, 1, 2 is `0+3`. */
export function encodeClasses(classes: ArrayLike<number>): string {
  return encodeList(classes, printHex, followsNumber);
}

/** Expands a text of page classes. */
export function decodeClasses(text: string, limit: number = DEFAULT_LIMIT): Int32Array | null {
  const classes: number[] = [];
  const whole = readList(text, limit, (word, mark, count) => {
    if (!HEX.test(word)) return false;
    const first = Number.parseInt(word, 16);
    const step = mark === "+" ? 1 : 0;
    if (first + step * count > 0x7fffffff) return false;
    for (let i = 0; i < count; i++) classes.push(first + step * i);
    return true;
  });
  return whole ? Int32Array.from(classes) : null;
}

/** Encodes the bytes of a device snapshot. */
export function encodeBytes(bytes: Uint8Array): string {
  return encodeList(bytes, printByte, never);
}

/** Expands the bytes of a device snapshot. */
export function decodeBytes(text: string, limit: number = DEFAULT_LIMIT): Uint8Array | null {
  const bytes: number[] = [];
  const whole = readList(text, limit, (word, mark, count) => {
    if (mark !== "*" || !BYTE.test(word)) return false;
    const value = Number.parseInt(word, 16);
    for (let i = 0; i < count; i++) bytes.push(value);
    return true;
  });
  return whole ? Uint8Array.from(bytes) : null;
}

/** Encodes the per-page statuses of move_pages(): nodes or negative error numbers. */
export function encodeStatuses(statuses: ArrayLike<number>): string {
  return encodeList(statuses, String, never);
}

/** Expands the per-page statuses of move_pages(). */
export function decodeStatuses(text: string, limit: number = DEFAULT_LIMIT): Int32Array | null {
  const statuses: number[] = [];
  const whole = readList(text, limit, (word, mark, count) => {
    if (mark !== "*" || !DECIMAL.test(word)) return false;
    for (let i = 0; i < count; i++) statuses.push(Number(word));
    return true;
  });
  return whole ? Int32Array.from(statuses) : null;
}
