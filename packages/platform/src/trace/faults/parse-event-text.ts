// Lines of ftrace (`trace`, `trace_pipe`, `trace-cmd report`) and of `perf script`: who, on which
// CPU, when, which event. What stands behind the event is each event's own.
import type { Diagnostic, SourceText } from "@faultline/diagnostics";
import { TraceProblems } from "../trace-problems.ts";

/** One event. */
export interface TextEvent {
  /** From 1. */
  readonly line: number;
  readonly task: string;
  readonly tid: number;
  readonly cpu: number;
  /** Seconds as they are written. */
  readonly time: string;
  readonly timeNs: bigint;
  /** Without the subsystem in front: `page_fault_user`. */
  readonly name: string;
  readonly fields: string;
  /** Column of the fields, from 0. */
  readonly fieldsAt: number;
}

/** Events in the order of the text. */
export interface EventText {
  readonly tool: "ftrace" | "perf";
  readonly events: readonly TextEvent[];
  /** CPUs that the head of a trace-cmd report announces; null where it has none. */
  readonly nrCpus: number | null;
  readonly emptyCpus: readonly number[];
  readonly diagnostics: readonly Diagnostic[];
}

const TIME = "([0-9]{1,10}\\.[0-9]{3,9}):";
const CPU = `\\[([0-9]+)\\]\\s+`;
const NAME = "((?:[A-Za-z0-9_-]+:)?[A-Za-z_][A-Za-z0-9_-]*):";
/** `task-pid (tgid) [cpu] flags time: event: fields`; task names hold anything. */
const FTRACE = new RegExp(
  `^\\s*(\\S.*?)-([0-9]+)\\s+(?:\\(\\s*[0-9-]+\\)\\s+)?${CPU}` +
    `(?:[^\\s:]{3,6}\\s+)?${TIME}\\s${NAME}(.*)$`,
  "u",
);
/** `comm pid/tid [cpu] time: period event: fields`. */
const PERF = new RegExp(
  `^\\s*(\\S.*?)\\s+(?:[0-9]+/)?([0-9]+)\\s+${CPU}${TIME}\\s+(?:[0-9]+\\s+)?${NAME}(.*)$`,
  "u",
);
const FRAME = /^\s+(?:=>|[0-9a-f]{1,16}\s)/u;
const HEAD = /^(?:#|version = |cpus=|CPU \d+ is empty|\s*<(?:user )?stack trace>)/u;

/** Reads every event; lines of stacks and heads are passed over. */
export function parseEventText(source: SourceText): EventText {
  const problems = new TraceProblems(source);
  const events: TextEvent[] = [];
  const emptyCpus: number[] = [];
  let nrCpus: number | null = null;
  let nrPerf = 0;
  for (let line = 1; line <= source.nrLines; line++) {
    const text = source.lineText(line);
    if (text.trim() === "") continue;
    const empty = /^CPU (\d{1,6}) is empty$/u.exec(text)?.[1];
    if (empty !== undefined) emptyCpus.push(Number(empty));
    const announced = /^cpus=(\d{1,6})$/u.exec(text)?.[1];
    if (announced !== undefined) nrCpus = Number(announced);
    if (HEAD.test(text)) continue;
    const ftrace = FTRACE.exec(text);
    const match = ftrace ?? PERF.exec(text);
    if (match !== null) {
      if (ftrace === null) nrPerf++;
      events.push(eventOf(match, line, text));
    } else if (!FRAME.test(text)) {
      const hint = "lines are like `task-77 [000] 12.345678: page_fault_user: address=0x1000 …`";
      problems.report(line, "not an event of ftrace or perf script", { hint });
    }
  }
  if (events.length === 0 && !problems.hasErrors) problems.report(1, "no events");
  const isUsable = !problems.hasErrors;
  return {
    tool: nrPerf > 0 ? "perf" : "ftrace",
    events: isUsable ? events : [],
    nrCpus,
    emptyCpus,
    diagnostics: problems.sorted(),
  };
}

function eventOf(match: RegExpExecArray, line: number, text: string): TextEvent {
  const [, task = "", tid = "", cpu = "", time = "", name = "", fields = ""] = match;
  const [seconds = "0", fraction = ""] = time.split(".");
  return {
    line,
    task,
    tid: Number(tid),
    cpu: Number(cpu),
    time,
    timeNs: BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, "0")),
    name: name.slice(name.lastIndexOf(":") + 1),
    fields: fields.trim(),
    fieldsAt: text.length - fields.trimStart().length,
  };
}
