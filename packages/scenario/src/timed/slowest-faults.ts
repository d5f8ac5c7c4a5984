// The faults of a run that took longest, with their numbers.
import { ACCESS_NAMES, ACTIVITY_NAMES, CPU_DEVICE, type FaultChunk } from "@faultline/sim";
import { placeName } from "../decision-recorder.ts";
import { runTimedScenario } from "./run-timed-scenario.ts";
import type { TimedPlan } from "./timed-plan.ts";

/** One fault in a list. */
export interface SlowFault {
  /** 0 the first that ended, as in tables of faults. */
  readonly number: number;
  readonly startPs: number;
  readonly latencyPs: number;
  /** A device, or `cpu`. */
  readonly who: string;
  readonly access: string;
  readonly page: number;
  /** `heap+3`; null where the page is in no named mapping. */
  readonly at: string | null;
  /** What took most of it, and how much. */
  readonly longest: { readonly activity: string; readonly ps: number };
}

/**
 * Runs a plan.
 * @param count how many are wanted.
 * @param seed of everything random. @defaultValue the scenario's
 * @returns the slowest first, the earlier of two that took the same; and how many there are.
 */
export function slowestFaults(
  planned: TimedPlan,
  count: number,
  seed?: number,
): { readonly faults: readonly SlowFault[]; readonly nrFaults: number } {
  const mappings = planned.plan.steps.flatMap(({ step, mapping }) => {
    return step.do === "mmap" && mapping !== null ? [mapping] : [];
  });
  const names = planned.plan.machine?.devices.map(({ name }) => name) ?? [];
  let nrSeen = 0;
  let faults: SlowFault[] = [];
  const add = (chunk: FaultChunk): void => {
    const rows = Array.from({ length: chunk.nrRows }, (_, row) => row)
      .sort((a, b) => latency(chunk, b) - latency(chunk, a) || a - b)
      .slice(0, count);
    const found = rows.map((row) => {
      const page = chunk.page[row] as number;
      const device = chunk.device[row] as number;
      return {
        number: nrSeen + row,
        startPs: chunk.timePs[row] as number,
        latencyPs: latency(chunk, row),
        who: device === CPU_DEVICE ? "cpu" : (names[device] ?? `device ${device}`),
        access: ACCESS_NAMES[chunk.access[row] as number] ?? "read",
        page,
        at: placeName({ mappings: () => mappings }, page),
        longest: longestOf(chunk, row),
      };
    });
    nrSeen += chunk.nrRows;
    faults = [...faults, ...found]
      .sort((a, b) => b.latencyPs - a.latencyPs || a.number - b.number)
      .slice(0, count);
  };
  const { nrFaults } = runTimedScenario(planned, {
    sink: add,
    ...(seed === undefined ? {} : { seed }),
  });
  return { faults, nrFaults };
}

function latency({ latencyPs }: FaultChunk, row: number): number {
  return latencyPs[row] as number;
}

function longestOf({ spentPs, spentMask }: FaultChunk, row: number): SlowFault["longest"] {
  let longest = { activity: ACTIVITY_NAMES[0] as string, ps: 0 };
  for (const [activity, name] of ACTIVITY_NAMES.entries()) {
    if ((spentMask & (1 << activity)) === 0) continue;
    const ps = spentPs[activity]?.[row] ?? 0;
    if (ps > longest.ps) longest = { activity: name, ps };
  }
  return longest;
}
