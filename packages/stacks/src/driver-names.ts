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

/** Whether a name is that of a driver of the package. */
export function isDriverName(name: string): name is DriverName {
  return (DRIVER_NAMES as readonly string[]).includes(name);
}
