/**
 * Device drivers as policies over the engine.
 * @module @faultline/stacks
 */
export { KFD_IOCTL_SVM_FLAGS, SVM_FLAG_NAMES, type SvmFlagName } from "./amdkfd/svm-flags.ts";
export { bindDrivers, type DriverRequest, ownersOf } from "./bind-drivers.ts";
export {
  type DriverPlugins,
  type EvictionPlugin,
  NO_DRIVER_PLUGINS,
  type PlacementPlugin,
  type PolicyPlugin,
  type StackPlugin,
} from "./plugin/driver-plugins.ts";
export { attachMemory, type MemoryPolicy } from "./device/attach-memory.ts";
export {
  deviceAccess,
  type DeviceAccessOutcome,
  type DeviceAccessRequest,
  deviceAllows,
  deviceTouch,
} from "./device/device-access.ts";
export { accessBorrowedAddress } from "./device/borrowed-address.ts";
export { giveDeviceFolio, takeDeviceFolio } from "./device/device-folio.ts";
export { DeviceMirror, type DmaMapper, type InvalidateHook } from "./device/device-mirror.ts";
export * from "./device/device-stack.ts";
export { evictDevice } from "./device/evict-device.ts";
export { forEachVma, type MovePiece } from "./device/for-each-vma.ts";
export { mapRange, type MapOptions } from "./device/map-range.ts";
export {
  migrateToDevice,
  migrateToSystem,
  type MoveOutcome,
  type ToDeviceRequest,
  type ToDeviceTerms,
  type ToSystemRequest,
  type ToSystemTerms,
} from "./device/migrate-range.ts";
export {
  HMM_RANGE_DEFAULT_TIMEOUT_PS,
  mirrorRange,
  type MirrorRequest,
  requestFlags,
  type StoreRange,
  takePendingWait,
} from "./device/mirror-range.ts";
export { faultResult, migrateFaultingFolio } from "./device/migrate-faulting-folio.ts";
export { OpenMirrors } from "./device/open-mirrors.ts";
export { type CancelTimer, type StackHost, StepHost } from "./device/stack-host.ts";
export * from "./dmirror/dmirror.ts";
export * from "./dmirror/dmirror-cmd.ts";
export { DmirrorDevice } from "./dmirror/dmirror-device.ts";
export { dmirrorCheckAtomic, dmirrorExclusive } from "./dmirror/dmirror-exclusive.ts";
export {
  DMIRROR_INVARIANTS,
  dmirrorHolder,
  findDmirrorProblems,
} from "./dmirror/dmirror-invariants.ts";
export { MirrorTable } from "./dmirror/mirror-table.ts";
export { dmirrorMmap } from "./dmirror/dmirror-mmap.ts";
export {
  dmirrorClose,
  dmirrorOpen,
  dmirrorRelease,
  dmirrorSetFlags,
} from "./dmirror/dmirror-open-close.ts";
export { dmirrorRead, dmirrorWrite } from "./dmirror/dmirror-read-write.ts";
export * from "./dmirror/dmirror-snapshot.ts";
export { dmirrorMigrateToDevice } from "./dmirror/dmirror-to-device.ts";
export { dmirrorMigrateToSystem } from "./dmirror/dmirror-to-system.ts";
export {
  DURATION,
  findKnobProblems,
  isWhole,
  type KnobProblem,
  type KnobRule,
  type KnobTable,
  oneOf,
  SWITCH,
  wholeNumber,
} from "./device/check-knobs.ts";
export { type ServiceModel } from "./device/service-model.ts";
export { leaveOwnPages } from "./device/leave-own-pages.ts";
export { findDriverKnobProblems } from "./driver-knobs.ts";
export { DRIVER_NAMES, type DriverName, isDriverName } from "./driver-names.ts";
export {
  DECISION_RULES,
  DRIVER_RULES,
  reasonOf,
  reasonText,
  type RuleReason,
} from "./driver-rules.ts";
export { explainReach, type PageReach, type ReachExplanation } from "./explain-reach.ts";
export { DEFAULT_IDEAL_KNOBS, type IdealKnobs } from "./ideal/ideal-knobs.ts";
export { IdealStack } from "./ideal/ideal-stack.ts";
export {
  IDEAL_PLACEMENTS,
  type Placement,
  type PlacementChoice,
  type PlacementFault,
  type PlacementPolicy,
} from "./ideal/placement-policy.ts";
export { DEFAULT_ODP_KNOBS, type OdpKnobs, type OdpScheme, type WqeSide } from "./odp/odp-knobs.ts";
export { type OdpCounters } from "./odp/odp-counters.ts";
export { type OdpRegion, OdpSlots } from "./odp/odp-mirror.ts";
export {
  OdpEventQueue,
  type OdpEventCounters,
  type OdpEventQueueSizes,
} from "./odp/odp-event-queue.ts";
export { OdpStack } from "./odp/odp-stack.ts";
export { type DevmemAllocation, DevmemAllocations } from "./drm/devmem-allocation.ts";
export { type ChunkRules, type GpusvmRange, GpusvmRanges } from "./drm/gpusvm-range.ts";
export { DEFAULT_XE_ATTRIBUTES, type XeAttributes, XeAttributeMap } from "./xe/xe-attributes.ts";
export { XeDriver, type XePeer } from "./xe/xe-driver.ts";
export { findXeProblems, XE_INVARIANTS } from "./xe/xe-invariants.ts";
export { DEFAULT_XE_KNOBS, type XeKnobs } from "./xe/xe-knobs.ts";
export { xeLeafAt } from "./xe/xe-leaf.ts";
export * from "./xe/xe-pte.ts";
export { gtStatsText } from "./xe/gt-stats-text.ts";
export { XeStack } from "./xe/xe-stack.ts";
export { XeStats } from "./xe/xe-stats.ts";
export { XeVm } from "./xe/xe-vm.ts";
export {
  accessOf,
  isSameHive,
  type SvmLocation,
  svmRangeBestPrefetchLocation,
  svmRangeBestRestoreLocation,
} from "./amdkfd/best-location.ts";
export { KfdDriver } from "./amdkfd/kfd-driver.ts";
export {
  DEFAULT_KFD_KNOBS,
  type KfdKnobs,
  type RetryFilterKind,
  type VramToVram,
} from "./amdkfd/kfd-knobs.ts";
export { KfdProcess, type OpenGpu } from "./amdkfd/kfd-process.ts";
export { KfdStack } from "./amdkfd/kfd-stack.ts";
export { KFD_SMI_EVENT_ALL_PROCESS, SmiClient, smiEventMask } from "./amdkfd/smi-client.ts";
export * from "./amdkfd/smi-events.ts";
export { mergedSmiText } from "./amdkfd/smi-text.ts";
export {
  type RangeSizes,
  type SvmAccess,
  type SvmRange,
  SvmRangeList,
} from "./amdkfd/svm-range.ts";
export {
  type IopfGroup,
  IopfQueue,
  type IopfRequest,
  type IopfResponse,
  type IopfRespond,
} from "./sva/iopf-queue.ts";
export { AMD_PRI, ARM_STALL, INTEL_PRI, type SvaKnobs } from "./sva/sva-knobs.ts";
export { type PageResponse, PageResponses, type ResponseCounts } from "./sva/page-responses.ts";
export { SvaIommu, type SvaIommuSettings } from "./sva/sva-iommu.ts";
export { PageRequestQueue, type SendOutcome, type StopMarker } from "./sva/page-request-queue.ts";
export { SvaStack } from "./sva/sva-stack.ts";
export {
  NOUVEAU_ACCESS_ORDER,
  type NouveauAccess,
  type NouveauFault,
} from "./nouveau/fault-entry.ts";
export { type NouveauCounters } from "./nouveau/nouveau-counters.ts";
export {
  DEFAULT_NOUVEAU_KNOBS,
  NOUVEAU_FAMILIES,
  type NouveauFamily,
  type NouveauKnobs,
} from "./nouveau/nouveau-knobs.ts";
export { NouveauStack } from "./nouveau/nouveau-stack.ts";
export { type NouveauBatch, nouveauSvmFault, serviceBuffer } from "./nouveau/service-faults.ts";
export {
  type EvictionOrder,
  type EvictionPolicy,
  UVM_EVICTION_POLICIES,
} from "./uvm/eviction-policy.ts";
export { UVM_ID_CPU, type UvmProcessor, type UvmProcessors } from "./uvm/select-residency.ts";
export { UVM_REPLAY_POLICIES, type UvmReplayPolicy } from "./uvm/service-faults.ts";
export { type UvmBatch, type UvmBlockPass, type UvmCounters } from "./uvm/uvm-counters.ts";
export { UvmDriver, type UvmLink } from "./uvm/uvm-driver.ts";
export * from "./uvm/uvm-events.ts";
export {
  DEFAULT_UVM_KNOBS,
  type UvmKnobs,
} from "./uvm/uvm-knobs.ts";
export { UvmStack } from "./uvm/uvm-stack.ts";
