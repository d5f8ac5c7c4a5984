// The daemons' task: khugepaged and ksmd work on the memory of others without one of their own.
import type { MmStruct, TaskStruct, World } from "@faultline/core";

/**
 * The task of a kernel thread that works on an mm: default policy, on the machine's last CPU. A
 * thread that may run anywhere keeps out of the way of processes, which are placed from the first
 * CPU on; where a busy machine's scheduler really puts it cannot be known.
 */
export function kernelThread(world: World, mm: MmStruct): TaskStruct {
  let cpu = 0;
  for (const node of world.nodes) for (const candidate of node.cpus) cpu = Math.max(cpu, candidate);
  return { pid: 0, comm: "kthread", mm, cpu, mempolicy: null, nrThreads: 1, numaPreferredNode: -1 };
}
