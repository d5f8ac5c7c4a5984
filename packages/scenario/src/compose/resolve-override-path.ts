// From the text of a path, such as machine.devices.gpu0.knobs, to keys and positions of a document.
import { type DiagnosticCode, type DocumentPath, hintForName } from "@faultline/diagnostics";

/** What a path leads to. */
export interface ResolvedPath {
  readonly keys: DocumentPath;
  /** For each key where in the text it ends. */
  readonly ends: readonly number[];
}

/** Why a path leads nowhere, and which characters of it are to blame. */
export interface PathProblem {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly hint?: string;
  readonly start: number;
  readonly end: number;
}

/** Keys that a mapping may have although it does not, by its path. */
export type KnownKeysAt = (path: DocumentPath) => readonly string[];

interface Segment {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** What a mapping of JavaScript would not keep as a key of its own. */
const UNSAFE_KEY = "__proto__";

/**
 * Follows a path in a document. A key that holds dots itself is found as it is; an entry of a list
 * is named by its position from 0 or by its `name`.
 */
export function resolveOverridePath(
  document: unknown,
  path: string,
  knownKeysAt: KnownKeysAt,
): ResolvedPath | PathProblem {
  const segments = segmentsOf(path);
  if (!Array.isArray(segments)) return segments;
  const keys: (string | number)[] = [];
  const ends: number[] = [];
  let value = document;
  for (let at = 0; at < segments.length; ) {
    const segment = segments[at] as Segment;
    let step: { key: string | number; end: number; count: number } | PathProblem;
    if (Array.isArray(value)) {
      step = entryOf(value, segment, path);
    } else if (isMapping(value) || value === undefined) {
      step = keyOf(value ?? {}, segments.slice(at), () => knownKeysAt(keys));
    } else {
      const { start } = segment;
      const message = `not a mapping or list: ${path.slice(0, Math.max(0, start - 1))}`;
      return { code: "E_VALUE_TYPE", message, start: 0, end: Math.max(1, start - 1) };
    }
    if ("code" in step) return step;
    keys.push(step.key);
    ends.push(step.end);
    at += step.count;
    value = (value as Record<string | number, unknown> | undefined)?.[step.key];
  }
  return { keys, ends };
}

/** Parts between dots, in quotation marks or in brackets. */
function segmentsOf(path: string): Segment[] | PathProblem {
  const segments: Segment[] = [];
  const pattern = /"([^"]*)"|\[([^\]]*)\]|([^.[\]"]+)/y;
  let at = 0;
  while (at <= path.length) {
    if (segments.length > 0 && path[at] === ".") at++;
    pattern.lastIndex = at;
    const [all = "", quoted, index, plain] = pattern.exec(path) ?? [];
    const text = quoted ?? index ?? plain ?? "";
    if (text === "") {
      const hint = "keys with dots between them, such as machine.devices.gpu0.stack";
      const end = Math.min(path.length, at + 1);
      const message = `not a path: ${path}`;
      return { code: "E_OPTION_INVALID", message, hint, start: Math.min(at, end - 1), end };
    }
    segments.push({ text, start: at, end: at + all.length });
    at += all.length;
    if (at === path.length) break;
  }
  return segments;
}

function entryOf(
  list: readonly unknown[],
  { text, start, end }: Segment,
  path: string,
): { key: number; end: number; count: 1 } | PathProblem {
  const names = list.map((entry) => (isMapping(entry) ? entry.name : undefined));
  const named = names.indexOf(text);
  if (named >= 0) return { key: named, end, count: 1 };
  const owner = path.slice(0, Math.max(0, start - 1)) || "the document";
  if (!/^\d+$/.test(text)) {
    const known = names.filter((name) => typeof name === "string");
    const counted = `entries of ${owner} are counted from 0`;
    const hint = known.length === 0 ? counted : hintForName("names", text, known);
    const message = `unknown entry of ${owner}: ${text}`;
    return { code: "E_NAME_UNKNOWN", message, hint, start, end };
  }
  if (Number(text) < list.length) return { key: Number(text), end, count: 1 };
  const entries = list.length === 1 ? "1 entry" : `${list.length} entries`;
  const hint = `${owner} has ${entries}, counted from 0`;
  return { code: "E_VALUE_RANGE", message: `no such entry: ${text}`, hint, start, end };
}

/** The longest run of parts that is a key; where none is, the first part alone. */
function keyOf(
  mapping: Readonly<Record<string, unknown>>,
  segments: readonly Segment[],
  knownKeys: () => readonly string[],
): { key: string; end: number; count: number } | PathProblem {
  const isOwn = (key: string): boolean => Object.hasOwn(mapping, key);
  const own = longestKey(segments, isOwn);
  if (own !== null) return own;
  const { text, start, end } = segments[0] as Segment;
  const known = knownKeys();
  const found = longestKey(segments, (key) => known.includes(key));
  if (found !== null) return found;
  if (known.length === 0 && text !== UNSAFE_KEY) return { key: text, end, count: 1 };
  const message = `unknown key: ${text}`;
  return { code: "E_KEY_UNKNOWN", message, hint: hintForName("keys", text, known), start, end };
}

function longestKey(
  segments: readonly Segment[],
  isKey: (key: string) => boolean,
): { key: string; end: number; count: number } | null {
  for (let count = segments.length; count > 0; count--) {
    const parts = segments.slice(0, count);
    const key = parts.map(({ text }) => text).join(".");
    if (isKey(key) && key !== UNSAFE_KEY) return { key, end: parts.at(-1)?.end ?? 0, count };
  }
  return null;
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
