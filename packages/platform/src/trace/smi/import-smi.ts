// amdkfd's event stream as accesses and as times: who faulted where, and what faults and migrations
// took.
import { SourceText } from "@faultline/diagnostics";
import type { RecordedAccess, TraceImport } from "../trace-import.ts";
import { type MeasuredTimes, refusedTrace, sampledTimes } from "../trace-import.ts";
import { MigrationIndex, pairNs, pairSmiEvents, type SmiPair } from "./pair-smi-events.ts";
import { parseSmiEvents } from "./parse-smi-events.ts";
import {
  EVICTION_TRIGGERS,
  MIGRATE_TRIGGERS,
  type ParsedSmiEvent,
  UNMAP_TRIGGERS,
} from "./smi-event.ts";

/** Sizes of the stream are counted in pages of 4 KiB, whatever the machine's are. */
const PAGE_BYTES = 4096;
const NS_PER_US = 1000;
const CPU_FAULT = 2;

/** Reads what a reader of the event descriptor has seen. */
export function importSmi(text: string, file: string): TraceImport {
  const { events, diagnostics } = parseSmiEvents(new SourceText(file, text));
  if (events.length === 0) return refusedTrace(diagnostics);
  const { nrSingle, faults, migrations } = pairSmiEvents(events);
  const index = new MigrationIndex(migrations);
  const accesses = accessesOf(events, new RangesOfFaults(faults, index));
  const accessNotes = [
    "a fault that migrated has touched the whole range, the first time that the range is seen",
    "which page of a range a CPU has touched, and whether it wrote, is not in the file: the first" +
      " one, read",
  ];
  const single = `${nrSingle} beginnings or ends have no other half: dropped, or out of memory`;
  return {
    accesses: accesses.length === 0 ? null : accesses,
    times: [...migrationTimes(migrations), ...faultTimes(faults, index)],
    facts: {
      events: events.length,
      byName: countBy(events.map(({ event }) => event)),
      list: events.map(factsOf),
      processes: [...new Set(events.flatMap(({ pid }) => (pid === null ? [] : [pid])))],
      faults: faults.length,
      migrations: migrations.length,
      unpaired: nrSingle,
    },
    accessNotes: accesses.length === 0 ? [] : accessNotes,
    notes: nrSingle === 0 ? [] : [single],
    diagnostics,
  };
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** An event under the names of docs/traces.md. */
function factsOf(event: ParsedSmiEvent): Record<string, unknown> {
  const { id, event: name, timeNs, pid, page, nrPages, node, trigger, letter } = event;
  const timed = { id, event: name, timestamp: `${timeNs ?? ""}`, pid };
  const range = { startPage: hex(page), pages: hex(nrPages) };
  switch (name) {
    case "MIGRATE_START":
    case "MIGRATE_END": {
      const move = { ...timed, ...range, src: hex(event.from), dst: hex(event.to), trigger };
      const triggerName = MIGRATE_TRIGGERS[trigger] ?? null;
      if (name === "MIGRATE_END") return { ...move, triggerName, errorCode: event.error };
      const { prefetchLoc, preferredLoc } = event;
      return { ...move, triggerName, prefetch: hex(prefetchLoc), preferred: hex(preferredLoc) };
    }
    case "PAGE_FAULT_START":
      return { ...timed, page: hex(page), node: hex(node), access: accessOf(event) };
    case "PAGE_FAULT_END": {
      const result = letter === "M" ? "migrated" : "updated";
      return { ...timed, page: hex(page), node: hex(node), result };
    }
    case "QUEUE_EVICTION":
      return {
        ...timed,
        node: hex(node),
        trigger,
        triggerName: EVICTION_TRIGGERS[trigger] ?? null,
      };
    case "QUEUE_RESTORE":
      return { ...timed, node: hex(node), rescheduled: letter === "R" };
    case "UNMAP_FROM_GPU": {
      const triggerName = UNMAP_TRIGGERS[trigger] ?? null;
      return { ...timed, ...range, node: hex(node), trigger, triggerName };
    }
    default:
      return { id, event: name, pid, text: event.text };
  }
}

/** 0 is system memory, and written without a prefix. */
function hex(value: number): string {
  return value === 0 ? "0" : `0x${value.toString(16)}`;
}

function accessOf({ letter }: ParsedSmiEvent): "read" | "write" {
  return letter === "W" ? "write" : "read";
}

/** Faults of GPUs, and migrations that faults of CPUs caused, in the order of their times. */
function accessesOf(events: readonly ParsedSmiEvent[], ranges: RangesOfFaults): RecordedAccess[] {
  const found = events.flatMap((event) => {
    const { timeNs, pid, page, node, trigger } = event;
    if (timeNs === null) return [];
    const access = accessOf(event);
    if (event.event === "PAGE_FAULT_START") {
      return [{ timeNs, who: `${pid}/${node.toString(16)}`, access, ...ranges.take(event) }];
    }
    if (event.event !== "MIGRATE_START" || trigger !== CPU_FAULT) return [];
    const at = { address: page * PAGE_BYTES, sizeBytes: 1 };
    return [{ timeNs, who: `${pid}/cpu`, access, ...at }];
  });
  found.sort((a, b) => (a.timeNs < b.timeNs ? -1 : a.timeNs > b.timeNs ? 1 : 0));
  const firstNs = found[0]?.timeNs ?? 0n;
  return found.map((one) => ({ ...one, timeNs: Number(one.timeNs - firstNs) }));
}

/** The ranges that faults brought over. */
class RangesOfFaults {
  private readonly rangeOf = new Map<ParsedSmiEvent, ParsedSmiEvent>();
  private readonly seen = new Set<string>();

  constructor(faults: readonly SmiPair[], migrations: MigrationIndex) {
    for (const fault of faults) {
      const own = migrations.inside(fault).find(({ start: { page, nrPages } }) => {
        return fault.start.page >= page && fault.start.page < page + nrPages;
      });
      if (own !== undefined) this.rangeOf.set(fault.start, own.start);
    }
  }

  /** What a fault stands for: the range, the first time that anybody faults on it. */
  take(fault: ParsedSmiEvent): Pick<RecordedAccess, "address" | "sizeBytes"> {
    const range = this.rangeOf.get(fault);
    const key = `${range?.pid} ${range?.page} ${range?.nrPages}`;
    if (range === undefined || this.seen.has(key)) {
      return { address: fault.page * PAGE_BYTES, sizeBytes: 1 };
    }
    this.seen.add(key);
    return { address: range.page * PAGE_BYTES, sizeBytes: range.nrPages * PAGE_BYTES };
  }
}

/** Migrations that moved something, by direction and size. */
function migrationTimes(migrations: readonly SmiPair[]): MeasuredTimes[] {
  const groups = new Groups();
  for (const pair of migrations) {
    const { from, to, nrPages } = pair.start;
    const us = microseconds(pair);
    if (us === null || pair.end.error !== 0 || (from !== 0 && to !== 0)) continue;
    const path = to === 0 ? "to_system" : "to_device";
    groups.add({ work: "migrate", path, sizeBytes: nrPages * PAGE_BYTES }, us);
  }
  return groups.times();
}

/** Faults with one migration in them, by its size. */
function faultTimes(faults: readonly SmiPair[], migrations: MigrationIndex): MeasuredTimes[] {
  const groups = new Groups();
  for (const fault of faults) {
    const us = microseconds(fault);
    const [only, ...others] = migrations.inside(fault);
    if (us === null || only === undefined || others.length > 0 || only.start.from !== 0) continue;
    const sizeBytes = only.start.nrPages * PAGE_BYTES;
    groups.add({ work: "fault", path: "to_device", sizeBytes }, us);
  }
  return groups.times();
}

function microseconds(pair: SmiPair): number | null {
  const ns = pairNs(pair);
  return ns === null ? null : ns / NS_PER_US;
}

type GroupFacts = Pick<MeasuredTimes, "work" | "path" | "sizeBytes">;

/** Samples of the same work. */
class Groups {
  private readonly groups = new Map<string, { facts: GroupFacts; samples: number[] }>();

  add(facts: GroupFacts, us: number): void {
    const key = `${facts.path} ${facts.sizeBytes}`;
    const group = this.groups.get(key);
    if (group === undefined) this.groups.set(key, { facts, samples: [us] });
    else group.samples.push(us);
  }

  times(): MeasuredTimes[] {
    return [...this.groups.values()].map(({ facts, samples }) => {
      const { work, path, sizeBytes } = facts;
      const name = work === "fault" ? "PAGE_FAULT_START to _END" : "MIGRATE_START to _END";
      const where = path === "to_device" ? "to the GPU" : "back";
      const what = `${name}, ${sizeBytes / 1024} KiB ${where}`;
      return sampledTimes({ ...facts, what }, samples);
    });
  }
}
