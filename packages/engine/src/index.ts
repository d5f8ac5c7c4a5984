// The kernel's verbs without time: faults, fork, copy-on-write, THP, migration and hmm_range_fault.
export {
  ACCESS_SEGV_ACCERR,
  ACCESS_SEGV_MAPERR,
  ACCESS_SIGBUS,
  ACCESS_WAIT,
  type AccessResult,
  cpuAccess,
} from "./fault/cpu-access.ts";
export type { FaultContext } from "./fault/fault-context.ts";
export * from "./fault/fault-flags.ts";
export { handleMmFault } from "./fault/handle-mm-fault.ts";
export { presentPfn, readPageContent, writePageContent } from "./fault/page-content.ts";
export { restoreExclusivePte } from "./fault/restore-exclusive.ts";
export { getUserPages } from "./gup/get-user-pages.ts";
export * from "./gup/gup-flags.ts";
export { makeDeviceExclusive } from "./gup/make-device-exclusive.ts";
export {
  type PinnedPages,
  type PinRequest,
  pinUserPages,
  unpinUserPages,
} from "./gup/pin-user-pages.ts";
export { faultinPageRange, mmPopulate, populateVmaPageRange } from "./gup/populate.ts";
export { RULES, type Rule } from "./rules.ts";
