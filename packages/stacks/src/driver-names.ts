// The drivers that a scenario or a machine document can name.
import type { StackName } from "./device/device-stack.ts";

/** The kernel's HMM test driver, or the driver of a device. */
export type DriverName = "dmirror" | StackName;

/** Every one. */
export const DRIVER_NAMES: readonly DriverName[] = [
  "dmirror",
  "xe",
  "amdkfd",
  "nouveau",
  "uvm",
  "odp",
  "sva",
  "ideal",
];
