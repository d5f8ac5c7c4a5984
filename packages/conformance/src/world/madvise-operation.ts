// madvise(2) in the words of a case file.

import {
  MADV_COLD,
  MADV_COLLAPSE,
  MADV_DOFORK,
  MADV_DONTFORK,
  MADV_DONTNEED,
  MADV_DONTNEED_LOCKED,
  MADV_FREE,
  MADV_GUARD_INSTALL,
  MADV_GUARD_REMOVE,
  MADV_HUGEPAGE,
  MADV_KEEPONFORK,
  MADV_MERGEABLE,
  MADV_NOHUGEPAGE,
  MADV_NORMAL,
  MADV_PAGEOUT,
  MADV_POPULATE_READ,
  MADV_POPULATE_WRITE,
  MADV_RANDOM,
  MADV_REMOVE,
  MADV_UNMERGEABLE,
  MADV_WIPEONFORK,
  type MadviseAdvice,
  sysMadvise,
} from "@faultline/engine";
import type { Advice } from "../operation.ts";
import { type OpHandlers, outcomeOf, windowPage } from "./op-handler.ts";

const ADVICE: Readonly<Record<Advice, MadviseAdvice>> = {
  dontneed: MADV_DONTNEED,
  dontneedlocked: MADV_DONTNEED_LOCKED,
  free: MADV_FREE,
  remove: MADV_REMOVE,
  hugepage: MADV_HUGEPAGE,
  nohugepage: MADV_NOHUGEPAGE,
  collapse: MADV_COLLAPSE,
  dontfork: MADV_DONTFORK,
  dofork: MADV_DOFORK,
  wipeonfork: MADV_WIPEONFORK,
  keeponfork: MADV_KEEPONFORK,
  pageout: MADV_PAGEOUT,
  cold: MADV_COLD,
  popread: MADV_POPULATE_READ,
  popwrite: MADV_POPULATE_WRITE,
  mergeable: MADV_MERGEABLE,
  unmergeable: MADV_UNMERGEABLE,
  random: MADV_RANDOM,
  normal: MADV_NORMAL,
  guard: MADV_GUARD_INSTALL,
  unguard: MADV_GUARD_REMOVE,
};

export const MADVISE_OPERATION: OpHandlers<"madvise"> = {
  madvise: ({ machine, task }, op) => {
    const start = windowPage(op.start);
    return outcomeOf(
      machine.run(sysMadvise(machine.world, task, start, op.len, ADVICE[op.advice])),
    );
  },
};
