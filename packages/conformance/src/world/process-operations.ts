// Processes of a case: fork, exit, CPU and threads.

import { sysExit, sysFork } from "@faultline/engine";
import { dmirrorClose } from "@faultline/stacks";
import { CaseProcess } from "./case-process.ts";
import { type OpHandlers, type OpScene, outcomeOf } from "./op-handler.ts";
import { closePinDescriptor } from "./pin-operations.ts";
import { closeUserfaultfd } from "./userfaultfd-operations.ts";

export const PROCESS_OPERATIONS: OpHandlers<"fork" | "exit" | "cpu" | "thread"> = {
  fork: ({ machine, task }, op) => {
    if (machine.processes[op.child] !== null) return { e: "BADFORK" };
    const child = machine.run(sysFork(machine.world, task));
    if (typeof child === "number") return outcomeOf(child);
    // The child closes what it inherits; its parent still holds it, so no driver is told.
    machine.processes[op.child] = new CaseProcess(child);
    return { r: 0 };
  },
  exit: (scene, op) => {
    exitProcess(scene);
    scene.machine.processes[op.process] = null;
    return { r: 0 };
  },
  cpu: ({ task }, op) => {
    task.cpu = op.cpu;
    return { r: 0 };
  },
  thread: ({ process, task }) => {
    task.nrThreads++;
    process.lastThread = { cpu: task.cpu, mempolicy: task.mempolicy };
    return { r: 0 };
  },
};

/**
 * The address space goes first, then the descriptors in their order, by whichever thread leaves
 * last: one that only sleeps still runs where it was started.
 */
function exitProcess(scene: OpScene): void {
  const { machine, process, task } = scene;
  machine.run(sysExit(machine.world, task));
  const closer = process.lastThread === null ? task : { ...task, ...process.lastThread };
  for (const file of process.deviceFiles) {
    if (file !== null) dmirrorClose(machine.world, closer, file);
  }
  closePinDescriptor(scene);
  closeUserfaultfd(scene);
}
