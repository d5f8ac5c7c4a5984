// What a run under a clock tells.
import type { ExpectationReport } from "../expect/judge.ts";
import type { StepFacts } from "../step-facts.ts";
import type { Mismatch } from "../step-report.ts";

/** One step after it ran. */
export interface TimedStepReport extends StepFacts {
  /** When it began, in simulated time, and how long it took. */
  readonly beganPs: number;
  readonly tookPs: number;
  readonly mismatches: readonly Mismatch[];
}

/** A device as it was driven and priced. */
export interface TimedDeviceInfo {
  readonly name: string;
  readonly driver: string;
  /** The id of its profile; null where it costs nothing but work of CPUs. */
  readonly profile: string | null;
  /** Its number in the fault records. */
  readonly index: number;
}

/** What a CPU did that is shared; work of actors that went on is counted up to its last change. */
export interface CpuUse {
  readonly cpu: number;
  readonly workedPs: number;
  readonly nrInterrupts: number;
  /** What interrupts took, and the part of it that they took from work. */
  readonly interruptPs: number;
  readonly stolenPs: number;
}

/** A scenario after it ran under a clock. */
export interface TimedScenarioResult {
  readonly file: string;
  readonly title: string;
  readonly kernel: string;
  readonly seed: number;
  /** The id of the profile of the CPUs. */
  readonly cpuProfile: string;
  readonly devices: readonly TimedDeviceInfo[];
  readonly passed: boolean;
  /** Why the run could not go on, as when processes wait for each other; null when it ended. */
  readonly stuck: string | null;
  /** Whether the run was stopped before its end: then everything is of the part that happened. */
  readonly isPartial: boolean;
  /** False when a profile changed a driver: then nothing is expected of the steps. */
  readonly isChecked: boolean;
  readonly steps: readonly TimedStepReport[];
  /** What the scenario expects of the whole; empty where prices or drivers are not its own. */
  readonly expectations: readonly ExpectationReport[];
  /** How long the run took, in simulated time. */
  readonly simulatedPs: number;
  /** Of CPUs that are shared and did anything; missing where everybody has one of his own. */
  readonly cpus?: readonly CpuUse[];
  /** What the drivers have counted, by device and under their own names; 0 may be missing. */
  readonly counters: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** What the kernel has counted, by its name in /proc/vmstat; 0 may be missing. */
  readonly vmstat: Readonly<Record<string, number>>;
  readonly nrFaults: number;
  /** 0 to 1: how much of the priced time rests on assumed prices. */
  readonly shareAssumed: number;
  /** 16 hexadecimal digits that stand for every fault with its times. */
  readonly digest: string;
}
