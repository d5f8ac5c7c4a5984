// Reads the machine documents that scenarios of the benchmarks name.
import type { ReadReferenced } from "@faultline/scenario";
import { machineFile, SHIPPED_MACHINES, shippedMachine } from "./shipped-machine.ts";

/** Finds a machine that comes with the program by its name in the project; nothing else. */
export const referencedMachines: ReadReferenced = (path) => {
  const name = SHIPPED_MACHINES.find((one) => machineFile(one) === path);
  return name === undefined ? null : shippedMachine(name);
};
