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
export * from "./hmm/hmm-pfn.ts";
export { HmmRange, type HmmRangeSpec, hmmPfnWord } from "./hmm/hmm-range.ts";
export { HMM_WAIT, hmmRangeFault } from "./hmm/hmm-range-fault.ts";
export { zoneDeviceFolioFree, zoneDeviceFolioInit } from "./hmm/zone-device-folio.ts";
export {
  allocFolio,
  allocFolioFor,
  copyFolioContent,
  copyPageContent,
  folioGet,
  folioPut,
  folioReleaseIfUnused,
  freeFolio,
  policyNode,
  prepareLargeFolio,
  zeroFolio,
} from "./folio/folio-alloc.ts";
export * from "./folio/folio-count.ts";
export { sysExit } from "./fork/exit.ts";
export { type ForkResult, sysFork } from "./fork/fork.ts";
export { migrateDevicePfns } from "./migrate/migrate-device-pfns.ts";
export { type MigrationTarget, migrateFolioList } from "./migrate/migrate-folio-list.ts";
export {
  migrateDeviceFinalize,
  migrateDevicePages,
  migrateVmaFinalize,
  migrateVmaPages,
} from "./migrate/migrate-pages.ts";
export * from "./migrate/migrate-vma.ts";
export { migrateVmaSetup } from "./migrate/migrate-vma-setup.ts";
export { mmapReadLock, mmapReadUnlock, mmapWriteLock, mmapWriteUnlock } from "./mmap-lock.ts";
export { mmuNotifierInvalidateEnd, mmuNotifierInvalidateStart, settle } from "./notify.ts";
export { splitFolio, type SplitFolioOptions } from "./thp/split-folio.ts";
export { isPmdLeaf, splitHugePmd } from "./thp/split-pmd.ts";
export { DeadlockError, runToCompletion, type Verb } from "./verb.ts";
export { ZAP_ALL, ZAP_DONTNEED, type ZapOptions, zapRange } from "./zap/zap-range.ts";
export { createFile, fileGet, filePut } from "./file/create-file.ts";
export { type MmapRequest, sysMmap } from "./vma/sys-mmap.ts";
export { sysMlock, sysMunlock } from "./vma/sys-mlock.ts";
export { sysMprotect } from "./vma/sys-mprotect.ts";
export { type MremapOptions, sysMremap } from "./vma/sys-mremap.ts";
export { sysMunmap } from "./vma/sys-munmap.ts";
export { khugepagedPass, khugepagedScan } from "./collapse/khugepaged.ts";
export { khugepagedEnterVma, khugepagedFork } from "./collapse/khugepaged-slots.ts";
export { madviseCollapse } from "./collapse/madvise-collapse.ts";
export { type KsmAdvice, ksmMadvise } from "./ksm/ksm-madvise.ts";
export { ksmPass, ksmScan } from "./ksm/ksm-scan.ts";
export { folioStableNode } from "./ksm/stable-tree.ts";
export * from "./vma/madvise-advice.ts";
export { sysMadvise } from "./vma/sys-madvise.ts";
export {
  type MovePagesRequest,
  MPOL_MF_MOVE,
  MPOL_MF_MOVE_ALL,
  MPOL_MF_STRICT,
  STATUS_UNWRITTEN,
  sysMovePages,
} from "./numa/sys-move-pages.ts";
export { sysMbind } from "./numa/sys-mbind.ts";
export { sysMigratePages } from "./numa/sys-migrate-pages.ts";
export { sysSetMempolicy } from "./numa/sys-set-mempolicy.ts";
export { taskNumaWork } from "./numa/task-numa-work.ts";
export { fileRead, fileWrite } from "./file/read-write.ts";
export { filePunchHole, fileTruncate } from "./file/truncate.ts";
export { migrateMisplacedFolio } from "./numa/migrate-misplaced-folio.ts";
export { mpolMisplaced, shouldNumaMigrateMemory } from "./numa/should-numa-migrate.ts";
export { madviseColdOrPageoutRange } from "./swap/madvise-cold.ts";
export { madviseFreeRange } from "./swap/madvise-free.ts";
export { pageoutFolio } from "./swap/pageout-folio.ts";
export { swapCacheAdd, swapDup, swapFree } from "./swap/swap-cache.ts";
export { PROT_EXEC, PROT_NONE, PROT_READ, PROT_WRITE } from "./vma/prot.ts";
