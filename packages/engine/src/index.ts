/**
 * The kernel's verbs without time: faults, fork, copy-on-write, THP, migration and hmm_range_fault.
 * @module @faultline/engine
 */
export { khugepagedEnterVma, khugepagedFork } from "./collapse/khugepaged-slots.ts";
export { khugepagedDoScan, khugepagedScan } from "./collapse/khugepaged.ts";
export { madviseCollapse } from "./collapse/madvise-collapse.ts";
export {
  AttachedDevice,
  type AttachSpec,
  type DeviceMapping,
} from "./device/attached-device.ts";
export { DeviceSystem } from "./device/device-system.ts";
export { P2pAliases, type P2pAliasSpec } from "./device/p2p-aliases.ts";
export {
  driverReadLock,
  driverReadTrylock,
  driverReadUnlock,
  driverWriteLock,
  driverWriteUnlock,
} from "./driver-lock.ts";
export { DMA_ATTR_MMIO, DMA_ATTR_REQUIRE_COHERENT } from "./dma/dma-attrs.ts";
export { dmaBufPhysVecToSgt, type PhysVec } from "./dma/dma-buf-mapping.ts";
export { dmaAddressingLimited, dmaSetMask, useDmaIommu } from "./dma/dma-device-limits.ts";
export { dmaMapPhys, dmaMapResource, dmaUnmapPhys } from "./dma/dma-map-phys.ts";
export { dmaMapSgtable, dmaUnmapSgtable } from "./dma/dma-map-sg.ts";
export { type DmaPage } from "./dma/dma-page.ts";
export {
  HmmDmaMap,
  hmmDmaMapAlloc,
  hmmDmaMapFree,
  hmmDmaMapPfn,
  hmmDmaUnmapPfn,
} from "./dma/hmm-dma-map.ts";
export {
  attachIommuDomain,
  type DmaIovaState,
  dmaIovaFree,
  dmaIovaLink,
  dmaIovaSync,
  dmaIovaTryAlloc,
  dmaIovaUnlink,
} from "./dma/iommu-dma.ts";
export { type SgEntry, type SgSegment, type SgTable } from "./dma/scatter-list.ts";
export { pciSwiotlbDetect } from "./dma/swiotlb-detect.ts";
export {
  ACCESS_SEGV_ACCERR,
  ACCESS_SEGV_MAPERR,
  ACCESS_SIGBUS,
  ACCESS_WAIT,
  type AccessResult,
  cpuAccess,
} from "./fault/cpu-access.ts";
export { type FaultContext } from "./fault/fault-context.ts";
export * from "./fault/fault-flags.ts";
export { handleMmFault } from "./fault/handle-mm-fault.ts";
export { presentPfn, readPageContent, writePageContent } from "./fault/page-content.ts";
export { restoreExclusivePte } from "./fault/restore-exclusive.ts";
export { createFile, fileGet, filePut } from "./file/create-file.ts";
export { insertDevicePages } from "./file/device-file.ts";
export { filemapAddFolio, filemapAddPage, filemapGetPage } from "./file/filemap.ts";
export { fileRead, fileWrite } from "./file/read-write.ts";
export { filePunchHole, fileTruncate } from "./file/truncate.ts";
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
export { mmgetNotZero, mmput, withMm } from "./fork/mm-users.ts";
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
export * from "./hmm/hmm-pfn.ts";
export { HMM_WAIT, hmmRangeFault } from "./hmm/hmm-range-fault.ts";
export { ColumnPool } from "./column-pool.ts";
export { type HmmColumns, HmmColumnsPool } from "./hmm/hmm-columns-pool.ts";
export { type WorksheetTerms, WorksheetPool } from "./migrate/worksheet-pool.ts";
export { hmmPfnWord, HmmRange, type HmmRangeSpec } from "./hmm/hmm-range.ts";
export { freeZoneDeviceFolio, zoneDevicePageInit } from "./hmm/zone-device-folio.ts";
export { type WorldHolder } from "./invariants/census.ts";
export {
  assertWorldConsistent,
  type CheckOptions,
  findWorldProblems,
} from "./invariants/find-world-problems.ts";
export {
  formatProblem,
  type InvariantId,
  INVARIANTS,
  type Problem,
  type ProblemPlace,
  ProblemSink,
} from "./invariants/problem.ts";
export { type TableVisitor, walkTables } from "./invariants/walk-tables.ts";
export { type KsmAdvice, ksmMadvise } from "./ksm/ksm-madvise.ts";
export { ksmDoScan, ksmScan } from "./ksm/ksm-scan.ts";
export { folioStableNode } from "./ksm/stable-tree.ts";
export { bootMachine } from "./machine/boot-machine.ts";
export { migrateDevicePfns } from "./migrate/migrate-device-pfns.ts";
export { migrateFolioList, type MigrationTarget } from "./migrate/migrate-folio-list.ts";
export {
  migrateDeviceFinalize,
  migrateDevicePages,
  migrateVmaFinalize,
  migrateVmaPages,
} from "./migrate/migrate-pages.ts";
export { migrateVmaSetup } from "./migrate/migrate-vma-setup.ts";
export * from "./migrate/migrate-vma.ts";
export {
  mmapReadLock,
  mmapReadTrylock,
  mmapReadUnlock,
  mmapWriteLock,
  mmapWriteUnlock,
} from "./mmap-lock.ts";
export {
  mmuNotifierInvalidateRangeEnd,
  mmuNotifierInvalidateRangeStart,
  settle,
} from "./notify.ts";
export { migrateMisplacedFolio } from "./numa/migrate-misplaced-folio.ts";
export { mpolMisplaced, shouldNumaMigrateMemory } from "./numa/should-numa-migrate.ts";
export { sysMbind } from "./numa/sys-mbind.ts";
export { sysMigratePages } from "./numa/sys-migrate-pages.ts";
export {
  type MovePagesRequest,
  MPOL_MF_MOVE,
  MPOL_MF_MOVE_ALL,
  MPOL_MF_STRICT,
  STATUS_UNWRITTEN,
  sysMovePages,
} from "./numa/sys-move-pages.ts";
export { sysSetMempolicy } from "./numa/sys-set-mempolicy.ts";
export { taskNumaWork } from "./numa/task-numa-work.ts";
export {
  drmPagemapAcquireOwner,
  type DrmPagemapOwnerGroup,
  DrmPagemapOwnerList,
  type DrmPagemapPeer,
  drmPagemapReleaseOwner,
} from "./owners/drm-pagemap-owner.ts";
export { formOwnerSpaces } from "./owners/form-owner-spaces.ts";
export { MAX_EXACT_MEMBERS } from "./owners/ideal-cliques.ts";
export {
  type JoinOrder,
  type JoinOrderQuestion,
  type JoinOrderStudy,
  MAX_MEMBERS_OF_ALL_ORDERS,
  type SpacesCount,
  studyJoinOrders,
} from "./owners/join-orders.ts";
export {
  isOrderDependent,
  OWNER_FORMATIONS,
  type OwnerFormation,
} from "./owners/owner-formation.ts";
export { ACS_REDIRECT_BITS, pciBridgeHasAcsRedir } from "./p2pdma/acs-redirect.ts";
export { bootPciMachine } from "./p2pdma/boot-pci-machine.ts";
export { calcMapTypeAndDist, decidePair, type P2pdmaDecision } from "./p2pdma/calc-map-type.ts";
export {
  nearestP2pmem,
  pciP2pdmaDistance,
  pciP2pdmaDistanceMany,
  pciP2pmemFindMany,
} from "./p2pdma/distance-many.ts";
export { enableAcs, iommuRequestsAcs } from "./p2pdma/enable-acs.ts";
export {
  explainP2pdma,
  mapTypeName,
  type P2pdmaExplanation,
  type P2pdmaStep,
} from "./p2pdma/explain-p2pdma.ts";
export {
  cpuSupportsP2pdma,
  type HostBridgeAnswer,
  type HostBridgeVerdict,
  hostBridgeWhitelist,
  pciHostBridgeDev,
} from "./p2pdma/host-bridge-list.ts";
export {
  createP2pdmaMapState,
  type PciP2pdmaMapState,
  pciP2pdmaMapType,
  pciP2pdmaState,
} from "./p2pdma/map-type.ts";
export { P2PDMA_RULES, type P2pdmaRuleId } from "./p2pdma/p2pdma-rules.ts";
export {
  pciAllocP2pmem,
  pciFreeP2pmem,
  pciP2pdmaAddResource,
  pciP2pmemPublish,
  pcimP2pdmaInit,
  pcimP2pdmaProvider,
} from "./p2pdma/p2pmem.ts";
export { mapPath, physicalPage, unmapPath } from "./path/map-path.ts";
export * from "./path/path-policy.ts";
export { PATH_RULES, type PathRule, type PathRuleId, type PathStep } from "./path/path-rules.ts";
export { reachesMemory, reachesOverLink, reachesOverPci } from "./path/reaches-memory.ts";
export { isOwnSpace, resolveDmaPage } from "./path/resolve-address.ts";
export { type PageHome, selectInitiator } from "./path/select-initiator.ts";
export { explainPath, type Path, type PathRequest, selectPath } from "./path/select-path.ts";
export { type Rule, RULES } from "./rules.ts";
export { madviseColdOrPageoutRange } from "./swap/madvise-cold.ts";
export { madviseFreeRange } from "./swap/madvise-free.ts";
export { pageoutFolio } from "./swap/pageout-folio.ts";
export { swapCacheAddFolio, swapDup, swapFree } from "./swap/swap-cache.ts";
export { splitFolio, type SplitFolioOptions } from "./thp/split-folio.ts";
export { isPmdLeaf, splitHugePmd } from "./thp/split-pmd.ts";
export {
  userfaultfdCopy,
  userfaultfdPoison,
  userfaultfdZeropage,
} from "./userfaultfd/mfill-atomic.ts";
export {
  UFFDIO_MOVE_MODE_ALLOW_SRC_HOLES,
  UFFDIO_MOVE_MODE_DONTWAKE,
  userfaultfdMove,
} from "./userfaultfd/move-pages.ts";
export {
  UFFDIO_REGISTER_MODE_MISSING,
  UFFDIO_REGISTER_MODE_WP,
  userfaultfdRegister,
} from "./userfaultfd/register.ts";
export { userfaultfdUnregister } from "./userfaultfd/unregister.ts";
export {
  createUserfaultfd,
  userfaultfdClose,
  type UserfaultfdFeatures,
} from "./userfaultfd/userfaultfd.ts";
export { userfaultfdWriteprotect } from "./userfaultfd/writeprotect.ts";
export { DeadlockError, runToCompletion, type Verb } from "./verb.ts";
export * from "./vma/madvise-advice.ts";
export { PROT_EXEC, PROT_NONE, PROT_READ, PROT_WRITE } from "./vma/prot.ts";
export { sysMadvise } from "./vma/sys-madvise.ts";
export { sysMlock, sysMunlock } from "./vma/sys-mlock.ts";
export { type MmapRequest, sysMmap } from "./vma/sys-mmap.ts";
export { sysMprotect } from "./vma/sys-mprotect.ts";
export { type MremapOptions, sysMremap } from "./vma/sys-mremap.ts";
export { sysMunmap } from "./vma/sys-munmap.ts";
export { oomReapTaskMm } from "./zap/oom-reap-task-mm.ts";
export { ZAP_ALL, ZAP_DONTNEED, type ZapOptions, zapRange } from "./zap/zap-range.ts";
