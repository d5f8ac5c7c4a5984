// Beginnings and ends in amdkfd's event stream. Events are told apart by process, place and
// direction only, and those that did not fit into the reader's queue are missing without a word.
import type { ParsedSmiEvent } from "./smi-event.ts";

/** A beginning with its end. */
export interface SmiPair {
  readonly start: ParsedSmiEvent;
  readonly end: ParsedSmiEvent;
}

/** Beginnings with their ends, in the order of the ends. */
export interface SmiPairs {
  readonly migrations: readonly SmiPair[];
  readonly faults: readonly SmiPair[];
  /** Beginnings and ends that have no other half. */
  readonly nrSingle: number;
}

/** Pairs events that are in the order of the stream. */
export function pairSmiEvents(events: readonly ParsedSmiEvent[]): SmiPairs {
  const migrations: SmiPair[] = [];
  const faults: SmiPair[] = [];
  const open = new Map<string, ParsedSmiEvent[]>();
  let nrSingle = 0;
  for (const event of events) {
    const key = keyOf(event);
    if (key === null) continue;
    if (event.event.endsWith("_START")) {
      const waiting = open.get(key);
      if (waiting === undefined) open.set(key, [event]);
      else waiting.push(event);
      continue;
    }
    const start = open.get(key)?.shift();
    if (start === undefined) nrSingle++;
    else (event.event === "MIGRATE_END" ? migrations : faults).push({ start, end: event });
  }
  for (const waiting of open.values()) nrSingle += waiting.length;
  return { migrations, faults, nrSingle };
}

/** What a beginning and its end have in common; null for other events. */
function keyOf({ event, pid, page, nrPages, from, to, node }: ParsedSmiEvent): string | null {
  if (event === "MIGRATE_START" || event === "MIGRATE_END") {
    return `migrate ${pid} ${page} ${nrPages} ${from} ${to}`;
  }
  const isFault = event === "PAGE_FAULT_START" || event === "PAGE_FAULT_END";
  return isFault ? `fault ${pid} ${page} ${node}` : null;
}

/** Nanoseconds from a beginning to its end; null where the clock says less than none. */
export function pairNs({ start, end }: SmiPair): number | null {
  const ns = Number((end.timeNs ?? 0n) - (start.timeNs ?? 0n));
  return ns < 0 ? null : ns;
}

/** Migrations by process, to be found by their time. */
export class MigrationIndex {
  private readonly byProcess = new Map<number | null, SmiPair[]>();

  constructor(migrations: readonly SmiPair[]) {
    for (const pair of migrations) {
      const { pid } = pair.start;
      const others = this.byProcess.get(pid);
      if (others === undefined) this.byProcess.set(pid, [pair]);
      else others.push(pair);
    }
    for (const pairs of this.byProcess.values()) {
      pairs.sort((a, b) => (startNs(a) < startNs(b) ? -1 : startNs(a) > startNs(b) ? 1 : 0));
    }
  }

  /** Those of a fault's process that begin and end in it; none of a fault that only mapped. */
  inside({ start, end }: SmiPair): readonly SmiPair[] {
    if (end.letter !== "M") return [];
    const pairs = this.byProcess.get(start.pid) ?? [];
    const [fromNs, toNs] = [start.timeNs ?? 0n, end.timeNs ?? 0n];
    const found: SmiPair[] = [];
    for (let i = bisectLeft(pairs, fromNs); i < pairs.length; i++) {
      const pair = pairs[i] as SmiPair;
      if (startNs(pair) > toNs) break;
      if ((pair.end.timeNs ?? 0n) <= toNs) found.push(pair);
    }
    return found;
  }
}

function startNs({ start }: SmiPair): bigint {
  return start.timeNs ?? 0n;
}

/** The first of sorted pairs that begins at a time or later. */
function bisectLeft(pairs: readonly SmiPair[], timeNs: bigint): number {
  let low = 0;
  let high = pairs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (startNs(pairs[middle] as SmiPair) < timeNs) low = middle + 1;
    else high = middle;
  }
  return low;
}
