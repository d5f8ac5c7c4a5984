// What a step answers, and what it writes when the scenario does not say.
import { errnoName } from "@faultline/core";
import { GUP_WAIT } from "@faultline/engine";
import type { PlannedStep } from "./plan.ts";

/** What a step answered. */
export interface StepOutcome {
  /** `ok`, an errno name, SIGSEGV or SIGBUS, or OOM for what waits in vain. */
  readonly result: string;
  /** Pages that a device command counted, or that move_pages left where they were. */
  readonly pages?: number;
  /** Fault passes of a device command. */
  readonly faults?: number;
  /** How often a step with `every` has happened. */
  readonly times?: number;
  /** Values read, one per page. */
  readonly values?: readonly number[];
  /** What the kernel spent, by effort kind; what it did not spend is absent. */
  readonly effort?: Readonly<Record<string, number>>;
  /** What the kernel counted, by its name in /proc/vmstat; what it did not count is absent. */
  readonly vmstat?: Readonly<Record<string, number>>;
}

/**
 * The outcome of a kernel result: 0 and positive numbers are `ok`. A call that would still wait,
 * for memory or a page that a driver keeps, is given up as an access is.
 */
export function outcomeOf(rc: number): StepOutcome {
  if (rc === GUP_WAIT) return { result: "OOM" };
  return { result: rc >= 0 ? "ok" : errnoName(rc) };
}

/** What a step writes when it does not say: a number that no other page and step share. */
export function defaultValue(planned: PlannedStep, page: number): number {
  return (planned.index + 1) * 0x10000 + ((page - (planned.mapping?.start ?? 0)) & 0xffff);
}
