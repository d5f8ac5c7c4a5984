// Processes of a case: fork, exit, CPU, threads and long-term pins.

import { EINVAL, errnoName } from "@faultline/core";
import { pinUserPages, sysExit, sysFork, unpinUserPages } from "@faultline/engine";
import { dmirrorClose } from "@faultline/stacks";
import type { OpOutcome } from "../kernel-under-test.ts";
import { CaseProcess } from "./case-process.ts";
import { type OpHandlers, type OpScene, outcomeOf, windowPage } from "./op-handler.ts";
import { closeUserfaultfd } from "./userfaultfd-operations.ts";

export const PROCESS_OPERATIONS: OpHandlers<"fork" | "exit" | "cpu" | "thread" | "pin" | "unpin"> =
  {
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
    thread: ({ task }) => {
      task.nrThreads++;
      return { r: 0 };
    },
    pin: (scene, op) => pin(scene, windowPage(op.start), op.len, (op.flags & 1) !== 0),
    unpin: (scene) => {
      dropPins(scene);
      return { r: 0 };
    },
  };

/** The address space goes first, then the descriptors in their order. */
function exitProcess(scene: OpScene): void {
  const { machine, process, task } = scene;
  machine.run(sysExit(machine.world, task));
  for (const file of process.deviceFiles) {
    if (file !== null) dmirrorClose(machine.world, task, file);
  }
  dropPins(scene);
  closeUserfaultfd(scene);
}

/** Pins in as many calls as it takes; one page that cannot be pinned drops them all. */
function pin(scene: OpScene, start: number, len: number, write: boolean): OpOutcome {
  const { machine, process, task } = scene;
  if (process.pinnedPfns !== null) return { e: errnoName(EINVAL) };
  const pinned: number[] = [];
  while (pinned.length < len) {
    const from = start + pinned.length;
    const request = { write, longterm: true };
    const { rc, pfns } = pinUserPages(
      machine.world,
      task,
      task.mm,
      from,
      len - pinned.length,
      request,
    );
    if (rc < 0) {
      unpinUserPages(machine.world, pinned);
      return outcomeOf(rc);
    }
    pinned.push(...pfns);
  }
  process.pinnedPfns = pinned;
  return { r: 0 };
}

function dropPins({ machine, process }: OpScene): void {
  if (process.pinnedPfns !== null) unpinUserPages(machine.world, process.pinnedPfns);
  process.pinnedPfns = null;
}
