// Mapping system calls of a process.

import {
  sysMlock,
  sysMmap,
  sysMprotect,
  sysMremap,
  sysMunlock,
  sysMunmap,
} from "@faultline/engine";
import { type OpHandlers, outcomeOf, protOf, windowPage } from "./op-handler.ts";

export const MEMORY_OPERATIONS: OpHandlers<
  "mmap" | "munmap" | "mprotect" | "mremap" | "mlock" | "munlock"
> = {
  mmap: ({ machine, task }, op) => {
    const request = {
      start: windowPage(op.start),
      nrPages: op.len,
      prot: protOf(op.prot),
      shared: op.share === "s",
      hugetlb: op.share === "h",
    };
    return outcomeOf(machine.run(sysMmap(machine.world, task, request)));
  },
  munmap: ({ machine, task }, op) =>
    outcomeOf(machine.run(sysMunmap(machine.world, task, windowPage(op.start), op.len))),
  mprotect: ({ machine, task }, op) => {
    const start = windowPage(op.start);
    return outcomeOf(machine.run(sysMprotect(machine.world, task, start, op.len, protOf(op.prot))));
  },
  mremap: ({ machine, task }, op) => {
    const from = windowPage(op.start);
    const to = windowPage(op.newStart);
    const options = { dontunmap: op.dontUnmap === 1 };
    const result = machine.run(
      sysMremap(machine.world, task, from, op.oldLen, op.newLen, to, options),
    );
    // The recording program tells success by 0, not by the new address.
    return outcomeOf(Math.min(result, 0));
  },
  mlock: ({ machine, task }, op) =>
    outcomeOf(machine.run(sysMlock(machine.world, task, windowPage(op.start), op.len))),
  munlock: ({ machine, task }, op) =>
    outcomeOf(machine.run(sysMunlock(machine.world, task, windowPage(op.start), op.len))),
};
