// Who a fault of a run belongs to, by name.
import { type BegunFault, CPU_DEVICE } from "@faultline/sim";
import type { RunningProcess, ScenarioMachine } from "../scenario-machine.ts";

/** `gpu0`, or `cpu 1`. */
export function whoOf(
  { deviceNames }: ScenarioMachine,
  { device, cpu }: Pick<BegunFault, "device" | "cpu">,
): string {
  return device === CPU_DEVICE ? `cpu ${cpu}` : (deviceNames[device] ?? `device ${device}`);
}

/** The living process with a process id. */
export function processOf({ processes }: ScenarioMachine, pid: number): RunningProcess | null {
  for (const process of processes.values()) if (process.task.pid === pid) return process;
  return null;
}
