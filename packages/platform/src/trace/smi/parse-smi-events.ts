// The text of amdkfd's event stream: one event a line, its number in hexadecimal first. Page
// numbers, counts and GPUs are hexadecimal, times, triggers and errors decimal. Some kernels end
// events with a NUL besides or instead of the line break; such events are read all the same.
import type { Diagnostic, SourceText } from "@faultline/diagnostics";
import { TraceProblems } from "../trace-problems.ts";
import { type ParsedSmiEvent, SMI_EVENT_NAMES, type SmiEventName } from "./smi-event.ts";

/** Events in the order of the text; none when there are errors. */
export interface ParsedSmiEvents {
  readonly events: readonly ParsedSmiEvent[];
  readonly diagnostics: readonly Diagnostic[];
}

const HEX = "([0-9a-f]+)";
const TIMED = "([0-9]+) -([0-9]+)";
const RANGE = `@${HEX}\\(${HEX}\\)`;
const MOVE = `${RANGE} ${HEX}->${HEX}`;

/** The fields of a kind of event: how they look, and an example for who got them wrong. */
interface Grammar {
  readonly fields: RegExp;
  readonly names: readonly (keyof ParsedSmiEvent)[];
  readonly example: string;
}

function grammar(
  pattern: string,
  names: readonly (keyof ParsedSmiEvent)[],
  example: string,
): Grammar {
  return { fields: new RegExp(`^${pattern}$`, "u"), names, example };
}

const TIME_AND_PID = ["timeNs", "pid"] as const;
const PAGE_FAULT = [...TIME_AND_PID, "page", "node", "letter"] as const;
const MOVED = [...TIME_AND_PID, "page", "nrPages", "from", "to"] as const;
const TASK = grammar(`${HEX}[ :](.*)`, ["pid", "text"], "c 2559f worker");
const OTHER = grammar("(.*)", ["text"], "3 1f hang");

const GRAMMARS: Readonly<Record<SmiEventName, Grammar>> = {
  NONE: OTHER,
  VMFAULT: TASK,
  THERMAL_THROTTLE: OTHER,
  GPU_PRE_RESET: OTHER,
  GPU_POST_RESET: OTHER,
  MIGRATE_START: grammar(
    `${TIMED} ${MOVE} ${HEX}:${HEX} ([0-9]+)`,
    [...MOVED, "prefetchLoc", "preferredLoc", "trigger"],
    "5 1000 -77 @7f0f15200(200) 0->1ea0 0:0 1",
  ),
  MIGRATE_END: grammar(
    // The error of an early format is missing; a kernel prints it with a sign.
    `${TIMED} ${MOVE} ([0-9]+)(?: (-?[0-9]+))?`,
    [...MOVED, "trigger", "error"],
    "6 2000 -77 @7f0f15200(200) 0->1ea0 1 0",
  ),
  PAGE_FAULT_START: grammar(
    `${TIMED} ${RANGE} ([RW])`,
    PAGE_FAULT,
    "7 1000 -77 @7f0f15200(1ea0) W",
  ),
  PAGE_FAULT_END: grammar(`${TIMED} ${RANGE} ([MU])`, PAGE_FAULT, "8 2000 -77 @7f0f15200(1ea0) M"),
  QUEUE_EVICTION: grammar(
    `${TIMED} ${HEX} ([0-9]+)`,
    [...TIME_AND_PID, "node", "trigger"],
    "9 1000 -77 1ea0 0",
  ),
  QUEUE_RESTORE: grammar(
    `${TIMED} ${HEX}(?: ([0R])?)?`,
    [...TIME_AND_PID, "node", "letter"],
    "a 2000 -77 1ea0 0",
  ),
  UNMAP_FROM_GPU: grammar(
    `${TIMED} ${RANGE} ${HEX} ([0-9]+)`,
    [...TIME_AND_PID, "page", "nrPages", "node", "trigger"],
    "b 1000 -77 @7f0f15200(200) 1ea0 0",
  ),
  PROCESS_START: TASK,
  PROCESS_END: TASK,
};

const NOTHING: Omit<ParsedSmiEvent, "id" | "event" | "line"> = {
  timeNs: null,
  pid: null,
  page: 0,
  nrPages: 0,
  from: 0,
  to: 0,
  prefetchLoc: 0,
  preferredLoc: 0,
  node: 0,
  trigger: 0,
  error: 0,
  letter: "",
  text: "",
};

const HEX_FIELDS: ReadonlySet<string> = new Set([
  "page",
  "nrPages",
  "from",
  "to",
  "prefetchLoc",
  "preferredLoc",
  "node",
]);
/** The last page of a 57-bit address space, and the most that any field may hold. */
const MOST_PAGE = 2 ** 40;
const MOST = 2 ** 32;

/** Reads the text; an empty list when there are errors. */
export function parseSmiEvents(source: SourceText): ParsedSmiEvents {
  const problems = new TraceProblems(source);
  const events: ParsedSmiEvent[] = [];
  for (let line = 1; line <= source.nrLines; line++) {
    let from = 0;
    const text = source.lineText(line);
    for (const piece of text.split("\0")) {
      const to = from + piece.length;
      if (to < text.length) tellOfNul(problems, line, to);
      if (piece.trim() !== "") {
        const event = readEvent(piece, { line, from, to }, problems);
        if (event !== null) events.push(event);
      }
      from = to + 1;
    }
  }
  if (events.length === 0 && !problems.hasErrors) {
    problems.report(1, "no events", { hint: "the file is what a reader of the descriptor saw" });
  }
  return { events: problems.hasErrors ? [] : events, diagnostics: problems.sorted() };
}

function tellOfNul(problems: TraceProblems, line: number, at: number): void {
  const hint = "some kernels end QUEUE_RESTORE so; the event is read";
  problems.report(line, "NUL byte in an event", { severity: "warning", hint }, at, at + 1);
}

/** Where a piece of text stands: a line, and columns from 0. */
interface PieceAt {
  readonly line: number;
  readonly from: number;
  readonly to: number;
}

function readEvent(
  piece: string,
  { line, from, to }: PieceAt,
  problems: TraceProblems,
): ParsedSmiEvent | null {
  const [, word = "", rest = ""] = /^([0-9a-f]+) (.*)$/u.exec(piece.trimEnd()) ?? [];
  const id = Number.parseInt(word, 16);
  const event = SMI_EVENT_NAMES[id];
  if (word === "" || event === undefined || event === "NONE") {
    const isNumber = word !== "" && word.length <= 2;
    const what = isNumber ? `unknown event: ${word}` : "not an event of amdkfd";
    const hint = "a line begins with the number of its event, 1 to d, and a blank";
    problems.report(line, what, { hint }, from, isNumber ? from + word.length : to);
    return null;
  }
  const { fields, names, example } = GRAMMARS[event];
  const match = fields.exec(rest);
  if (match === null) {
    const hint = `such an event is like \`${example}\``;
    problems.report(line, `fields that ${event} does not have: ${rest}`, { hint }, from, to);
    return null;
  }
  const values = names.map((name, i) => [name, valueOf(name, match[i + 1] ?? "")] as const);
  const tooLarge = values.find(([name, value]) => isTooLarge(name, value));
  if (tooLarge !== undefined) {
    problems.report(line, `out of range: ${tooLarge[0]}`, {}, from, to);
    return null;
  }
  return { ...NOTHING, ...Object.fromEntries(values), id, event, line };

  function valueOf(name: keyof ParsedSmiEvent, text: string): string | number | bigint {
    if (name === "letter" || name === "text") return text;
    if (name === "timeNs") return BigInt(text);
    const isHex = HEX_FIELDS.has(name) || (name === "pid" && fields === TASK.fields);
    return text === "" ? 0 : Number.parseInt(text, isHex ? 16 : 10);
  }
}

function isTooLarge(name: string, value: string | number | bigint): boolean {
  if (typeof value === "string") return false;
  if (typeof value === "bigint") return value >= 1n << 64n;
  return value > (name === "page" || name === "nrPages" ? MOST_PAGE : MOST);
}
