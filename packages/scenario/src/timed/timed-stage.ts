// Where steps are performed under a clock.
import { deviceConstant, type Profile } from "@faultline/profiles";
import type { TimedDevice, TimedWorld } from "@faultline/sim";
import type { PlannedStep } from "../plan.ts";
import type { RunningProcess, ScenarioMachine } from "../scenario-machine.ts";

/** A machine with its clock, its drivers and their prices. */
export interface TimedStage {
  readonly machine: ScenarioMachine;
  readonly timed: TimedWorld;
  /** Those that have a driver, by name. */
  readonly devices: ReadonlyMap<string, TimedDevice>;
  readonly profileOf: ReadonlyMap<string, Profile>;
  /** The CPUs of the kernel's daemons, by the name of their steps, where they are shared. */
  readonly daemons: Readonly<Record<string, number | undefined>>;
}

/** The CPU that does a step: that of its process, or of the daemon that it is. */
export function cpuOfStep(
  { daemons }: Pick<TimedStage, "daemons">,
  { step }: PlannedStep,
  process: RunningProcess,
): number | null {
  if (step.do === "khugepaged") return daemons["khugepaged"] ?? null;
  if (step.do === "ksm") return daemons["ksmd"] ?? null;
  return process.task.cpu;
}

/**
 * Faults that a device has outstanding: what the step says, else what the profile knows of the
 * device, else one.
 */
export function outstandingOf(
  { profileOf }: TimedStage,
  { step }: PlannedStep,
  device: string,
): number {
  if ("outstanding" in step && step.outstanding !== undefined) return step.outstanding;
  const profile = profileOf.get(device);
  const known = profile === undefined ? null : deviceConstant(profile, "outstanding_faults");
  // A number of a range may be drawn between two whole ones.
  return known === null ? 1 : Math.round(known);
}
