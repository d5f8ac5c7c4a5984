// What a sweep goes over: `--over path=v1,v2`, as often as needed. Every value of one with every
// value of the others is a point.

/** A path of the document with the values that it gets, as they were written. */
export interface SweepAxis {
  readonly path: string;
  readonly values: readonly string[];
}

/** One point: a value for each axis. */
export interface SweepPoint {
  /** Its position among all points, from 0; shards and workers do not change it. */
  readonly index: number;
  /** `path=value` for each axis. */
  readonly settings: readonly string[];
}

/** Reads an argument; null where it has no path or no value. */
export function parseAxis(text: string): SweepAxis | null {
  const equals = text.indexOf("=");
  if (equals < 1) return null;
  const values = splitValues(text.slice(equals + 1));
  if (values.some((value) => value === "")) return null;
  return { path: text.slice(0, equals), values };
}

/** All points; the last axis changes fastest. */
export function sweepPoints(axes: readonly SweepAxis[]): SweepPoint[] {
  let all: string[][] = [[]];
  for (const { path, values } of axes) {
    all = all.flatMap((before) => values.map((value) => [...before, `${path}=${value}`]));
  }
  return all.map((settings, index) => ({ index, settings }));
}

const OPEN = "[{";
const CLOSE = "]}";
const QUOTES = "\"'";

/** The values between commas that stand in no brackets and no quotation marks. */
function splitValues(text: string): string[] {
  const values: string[] = [];
  let depth = 0;
  let quote = "";
  let value = "";
  for (const char of text) {
    if (quote !== "") {
      if (char === quote) quote = "";
    } else if (QUOTES.includes(char)) quote = char;
    else if (OPEN.includes(char)) depth++;
    else if (CLOSE.includes(char)) depth--;
    if (char === "," && depth === 0 && quote === "") {
      values.push(value.trim());
      value = "";
    } else value += char;
  }
  return [...values, value.trim()];
}
