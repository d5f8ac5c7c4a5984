// Page faults of CPUs out of ftrace or perf: the events `exceptions:page_fault_user` and
// `page_fault_kernel` have an address and x86's error code, others are counted.
import { type Diagnostic, SourceText } from "@faultline/diagnostics";
import { type RecordedAccess, refusedTrace, type TraceImport } from "../trace-import.ts";
import { TraceProblems } from "../trace-problems.ts";
import { parseEventText, type TextEvent } from "./parse-event-text.ts";

const FAULTS: ReadonlySet<string> = new Set(["page_fault_user", "page_fault_kernel"]);
const FIELDS = /^address=(\S+) ip=\S+ error_code=0x([0-9a-f]{1,8})$/u;
/** X86_PF_WRITE. */
const IS_WRITE = 2;
const ONE_PROCESS =
  "threads of a process share an address space, which the text does not show: all are taken" +
  " for threads of one";
const MOST_ADDRESS = Number.MAX_SAFE_INTEGER / 2;

/** Reads a trace; other events than page faults are counted. */
export function importPageFaults(text: string, file: string): TraceImport {
  const source = new SourceText(file, text);
  const parsed = parseEventText(source);
  const { events } = parsed;
  if (events.length === 0) return refusedTrace(parsed.diagnostics);
  const problems = new TraceProblems(source);
  const faults = events.filter(({ name }) => FAULTS.has(name));
  const accesses = accessesOf(faults, problems);
  const diagnostics: Diagnostic[] = [...parsed.diagnostics, ...problems.sorted()];
  if (problems.hasErrors) return refusedTrace(diagnostics);
  return {
    accesses: accesses.length === 0 ? null : accesses,
    times: [],
    facts: { ...factsOf(parsed.tool, events), ...headFacts(parsed), faults: faults.length },
    accessNotes: accesses.length === 0 ? [] : [ONE_PROCESS],
    notes: faults.length > 0 ? [] : [noAddresses(events)],
    diagnostics,
  };
}

function accessesOf(faults: readonly TextEvent[], problems: TraceProblems): RecordedAccess[] {
  const sorted = faults.toSorted((a, b) => Number(a.timeNs - b.timeNs));
  const firstNs = sorted[0]?.timeNs ?? 0n;
  return sorted.flatMap((event): RecordedAccess[] => {
    const { line, fields, fieldsAt, task, tid, timeNs } = event;
    const [, address = "", code = ""] = FIELDS.exec(fields) ?? [];
    const value = /^0x[0-9a-f]{1,16}$/u.test(address) ? Number(address) : Number.NaN;
    // The kernel half of the address space belongs to no process.
    const isOfKernel = value > MOST_ADDRESS;
    if (Number.isNaN(value) || isOfKernel) {
      const what = isOfKernel
        ? `an address of the kernel: ${address}`
        : "not a page fault's fields";
      const hint = "they are like address=0x7f12345000 ip=0x401136 error_code=0x6";
      const details = isOfKernel ? { severity: "warning" as const } : { hint };
      problems.report(line, what, details, fieldsAt);
      return [];
    }
    const access = (Number.parseInt(code, 16) & IS_WRITE) === 0 ? "read" : "write";
    const who = `${task.replaceAll(/[,\s/]/gu, "_")}-${tid}`;
    return [{ timeNs: Number(timeNs - firstNs), who, address: value, access, sizeBytes: 1 }];
  });
}

function factsOf(tool: "ftrace" | "perf", events: readonly TextEvent[]): Record<string, unknown> {
  const times = events.map(({ time }) => Number(time));
  const common = {
    firstTime: Math.min(...takeEnds(times)),
    lastTime: Math.max(...takeEnds(times)),
    cpus: new Set(events.map(({ cpu }) => cpu)).size,
  };
  if (tool === "perf") {
    const names = [...new Set(events.map(({ name }) => name))];
    return {
      samples: events.length,
      event: names.length === 1 ? names[0] : names,
      threads: new Set(events.map(({ tid }) => tid)).size,
      byCommand: countBy(events.map(({ task }) => task)),
      ...common,
    };
  }
  const taskPidCpu = events.map(({ task, tid, cpu }) => [task, tid, cpu]);
  const byName = countBy(events.map(({ name }) => name));
  return { events: events.length, byName, taskPidCpu, ...common };
}

/** The smallest and the largest, so that long lists are never spread. */
function takeEnds(values: readonly number[]): number[] {
  let [low = 0] = values;
  let high = low;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** What a report's head announces goes before what its lines show. */
function headFacts({
  nrCpus,
  emptyCpus,
}: {
  readonly nrCpus: number | null;
  readonly emptyCpus: readonly number[];
}): Record<string, unknown> {
  return nrCpus === null ? {} : { cpus: nrCpus, emptyCpus };
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** What to say of a trace without a page fault that has an address. */
function noAddresses(events: readonly TextEvent[]): string {
  const isSoftware = events.some(({ name }) => name.endsWith("page-faults") || name === "faults");
  return isSoftware
    ? "the event page-faults has no addresses: trace exceptions:page_fault_user instead"
    : "0 page faults among the events: trace exceptions:page_fault_user";
}
