// A target after everything in it was followed: the published number, what is run for it, and which
// profiles it is for.
import type { DocumentPath } from "@faultline/diagnostics";
import type { Measure } from "./measure-schema.ts";
import type { PricedOperation } from "./operation-schema.ts";
import type { Profile } from "./profile.ts";
import type { TargetRole } from "./target-schema.ts";
import { type Unit, UNITS } from "./units.ts";

/** One run of a target. */
export interface TargetRun {
  /** Its name; empty where there is only one. */
  readonly name: string;
  readonly profile: Profile;
  /** Where its scenario stands in the document; null where nothing is run. */
  readonly scenarioPath: DocumentPath | null;
  /** Where it says what is different from that scenario; null where nothing is. */
  readonly changesPath: DocumentPath | null;
}

/** A target at one profile, or at one for each of its runs. */
export interface TargetCase {
  readonly runs: readonly TargetRun[];
}

/** A published number that a profile has to come near to. */
export interface Target {
  readonly id: string;
  readonly what: string;
  /** 0 where the target is about an order of several numbers. */
  readonly value: number;
  /** By name, in the unit; empty without an order. */
  readonly values: Readonly<Record<string, number>>;
  readonly unit: Unit;
  /** The spread of what was measured; null where it is not given. */
  readonly low: number | null;
  readonly high: number | null;
  readonly citation: string;
  /** Where in the source; empty where the citation says it. */
  readonly place: string;
  /** The figure it is, or null for a number of the document's own. */
  readonly figure: string | null;
  readonly role: TargetRole;
  readonly tolerancePercent: number;
  /** The ids of its profiles, each once. */
  readonly profiles: readonly string[];
  /** One for each of its profiles, unless its runs have profiles of their own. */
  readonly cases: readonly TargetCase[];
  readonly run: string;
  readonly knobs: Readonly<Record<string, number | string | boolean>>;
  readonly operation: PricedOperation | null;
  /** What of the run of its scenario it is; null where it has none. */
  readonly measure: Measure | null;
  /** Measures by the names of the published values; null for a target with one number. */
  readonly order: Readonly<Record<string, Measure>> | null;
  /** Where it stands in its document. */
  readonly path: DocumentPath;
  /** Why nothing is run, where the target says so. */
  readonly notRun: string;
  /** Figures of the profiles that the number rests on too; empty for a prediction. */
  readonly fittedWith: readonly string[];
  readonly caveat: string;
  /** Why it is missed, where that is known. */
  readonly miss: string;
}

/** How far a number in a target's unit is from the published one, in percent, with its sign. */
export function errorPercentOf({ value }: Target, simulated: number): number {
  return ((simulated - value) * 100) / Math.abs(value);
}

/** Whether a simulated time, in picoseconds, is as near as a target asks. */
export function meetsTarget(target: Target, simulatedPs: number): boolean {
  const simulated = simulatedPs / UNITS[target.unit].factor;
  return Math.abs(errorPercentOf(target, simulated)) <= target.tolerancePercent;
}
