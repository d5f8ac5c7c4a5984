// The stage that kernel effort counts as where no driver is at work, as in a fault of a CPU: the
// words are those of a device fault, so that one table shows both.
import {
  EFFORT_FAULT_ENTRY,
  EFFORT_IOPTE_SET,
  EFFORT_IOTLB_SYNC,
  EFFORT_IOVA_ALLOC,
  EFFORT_LOCK,
  EFFORT_NOTIFIER_CALL,
  EFFORT_PAGE_COMPARE,
  EFFORT_PAGE_COPY,
  EFFORT_PAGE_ZERO,
  EFFORT_PTE_WALK,
  EFFORT_RMAP_VISIT,
  EFFORT_SWAP_IO,
  EFFORT_TLB_FLUSH,
  EFFORT_VMA_CHANGE,
  NR_EFFORT_KINDS,
  STAGE_COPY,
  STAGE_DELIVER,
  STAGE_DMA_MAP,
  STAGE_MAP,
  STAGE_RESOLVE,
  STAGE_UNMAP,
} from "@faultline/core";

const STAGES: readonly (readonly [number, readonly number[]])[] = [
  [STAGE_DELIVER, [EFFORT_FAULT_ENTRY]],
  [STAGE_RESOLVE, [EFFORT_PTE_WALK, EFFORT_LOCK, EFFORT_VMA_CHANGE, EFFORT_PAGE_COMPARE]],
  [STAGE_UNMAP, [EFFORT_TLB_FLUSH, EFFORT_NOTIFIER_CALL, EFFORT_RMAP_VISIT]],
  [STAGE_DMA_MAP, [EFFORT_IOVA_ALLOC, EFFORT_IOPTE_SET, EFFORT_IOTLB_SYNC]],
  [STAGE_COPY, [EFFORT_PAGE_COPY, EFFORT_PAGE_ZERO, EFFORT_SWAP_IO]],
];

/** STAGE_* by kind of effort; what is not listed, as entries and folios, is mapping. */
export const KERNEL_STAGES: Uint8Array = new Uint8Array(NR_EFFORT_KINDS).fill(STAGE_MAP);

for (const [stage, kinds] of STAGES) for (const kind of kinds) KERNEL_STAGES[kind] = stage;
