// What a report is made of: runs of scenarios, with everything that was seen of them.
import type { Machine } from "@faultline/core";
import type { RunRecord } from "@faultline/sim";
import type { NamedRun } from "../export/named-run.ts";
import type { FaultKind } from "../faults/fault-summary.ts";
import type { Interval } from "../faults/central-interval.ts";

/** A step of a scenario, after it ran. */
export interface ReportStep {
  readonly number: number;
  /** Its line in the scenario. */
  readonly line: number;
  readonly text: string;
  readonly result: string;
  readonly beganPs: number;
  readonly tookPs: number;
  /** Expectations that are not met, in words. */
  readonly mismatches: readonly string[];
}

/** Ranges of the percentiles of one kind of faults. */
export interface ReportUncertainty {
  readonly device: string;
  readonly access: FaultKind["access"];
  readonly p50Ps: Interval;
  readonly p90Ps: Interval;
  readonly p99Ps: Interval;
  readonly maxPs: Interval;
}

/** What was expected of a whole run, and what was found. */
export interface ReportExpectation {
  /** The number it is about, and its bounds, in words. */
  readonly what: string;
  readonly expected: string;
  readonly found: string;
  readonly isMet: boolean;
  /** How far outside of its bounds the number is; null where it is inside. */
  readonly by: string | null;
}

/** One run. */
export interface ReportRun {
  readonly run: NamedRun;
  readonly title: string;
  readonly kernel: string;
  readonly devices: readonly {
    readonly name: string;
    readonly driver: string;
    readonly profile: string | null;
  }[];
  /** What the expectations say; null where nothing is expected. */
  readonly passed: boolean | null;
  /** Why it could not go on, or that it was stopped; null when it ended by itself. */
  readonly ended: string | null;
  readonly steps: readonly ReportStep[];
  readonly expectations: readonly ReportExpectation[];
  readonly simulatedPs: number;
  readonly nrFaults: number;
  /** 0 to 1. */
  readonly shareAssumed: number;
  readonly digest: string;
  /** Counters of drivers by device. */
  readonly counters: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly kinds: readonly FaultKind[];
  /** Latencies of a kind, in ascending order. */
  readonly latenciesOf: (kind: FaultKind) => Float64Array;
  readonly record: RunRecord;
  readonly machine: Machine | null;
  /** The scenario as it was written; null when that is not at hand. */
  readonly source: string | null;
  readonly uncertainty: {
    readonly nrSamples: number;
    readonly kinds: readonly ReportUncertainty[];
  } | null;
}
