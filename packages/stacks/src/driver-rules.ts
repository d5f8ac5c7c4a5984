// The decisions of drivers that a recorder can hear of, by rule id, and with them every rule there
// is. A driver that notes a decision adds its rule here; sorted by driver.
import { PATH_RULES, type PathRule, RULES } from "@faultline/engine";

/** The choice of a place, whose rules stand in its order. */
const UVM_RESIDENCY = "kernel-open/nvidia-uvm/uvm_va_block.c:block_select_processor_residency";

/** Every rule id that a driver notes, the choice of a path apart. */
export const DRIVER_RULES: Readonly<Record<string, PathRule>> = {
  // every driver with a mirror
  "mirror-retry": {
    text: "The address space changed while its pages were collected: they are collected again.",
    kernel: "include/linux/mmu_notifier.h:mmu_interval_read_retry",
  },
  "mirror-stale": {
    text: "The sequence was read before a change and is never read again: no retry can succeed.",
    kernel: "include/linux/mmu_notifier.h:mmu_interval_read_retry",
  },
  "mirror-timeout": {
    text: "The range kept changing until the time for retries was used up.",
    kernel: "include/linux/hmm.h:HMM_RANGE_DEFAULT_TIMEOUT",
  },

  // amdkfd
  "kfd-already-served": {
    text: "The range was mapped a moment ago: the fault is a duplicate.",
    kernel: "drivers/gpu/drm/amd/amdkfd/kfd_svm.c:svm_range_restore_pages",
  },
  "kfd-drained": {
    text: "The fault is older than the last unmapping: it is dropped, and raised again if need be.",
    kernel: "drivers/gpu/drm/amd/amdkfd/kfd_svm.c:svm_range_restore_pages",
  },
  "kfd-filtered": {
    text: "The filter knows the fault: it is a duplicate, and goes no further.",
    kernel: "drivers/gpu/drm/amd/amdgpu/amdgpu_gmc.c:amdgpu_gmc_filter_faults",
  },
  "kfd-no-access": {
    text: "The GPU has no right to the range.",
    kernel: "drivers/gpu/drm/amd/amdkfd/kfd_svm.c:svm_range_best_restore_location",
  },
  "kfd-out-of-reach": {
    text: "The range lies on a GPU of another hive: this GPU gets no entries.",
    kernel: "drivers/gpu/drm/amd/amdkfd/kfd_svm.c:svm_range_map_to_gpus",
  },
  "kfd-queues-stop": {
    text: "Without retry faults the queues of the process stop until its ranges are mapped again.",
    kernel: "drivers/gpu/drm/amd/amdkfd/kfd_svm.c:svm_range_evict",
  },
  "kfd-restore-in-place": {
    text: "The granule stays on the other GPU of the hive.",
    kernel: "drivers/gpu/drm/amd/amdkfd/kfd_svm.c:svm_range_best_restore_location",
  },
  "kfd-restore-local": {
    text: "The granule goes to the memory of the GPU that faults.",
    kernel: "drivers/gpu/drm/amd/amdkfd/kfd_svm.c:svm_range_best_restore_location",
  },
  "kfd-restore-system": {
    text: "The granule goes to system memory, or stays there.",
    kernel: "drivers/gpu/drm/amd/amdkfd/kfd_svm.c:svm_range_best_restore_location",
  },

  // nouveau
  "nouveau-exclusive": {
    text: "An atomic operation takes its page from the CPUs.",
    kernel: "drivers/gpu/drm/nouveau/nouveau_svm.c:nouveau_atomic_range_fault",
  },
  "nouveau-window": {
    text: "The fault is served for what one leaf of the CPU maps, where it is.",
    kernel: "drivers/gpu/drm/nouveau/nouveau_svm.c:nouveau_svm_fault",
  },

  // odp
  "odp-without-p2p": {
    text: "The page has no path as a P2P page: it is asked for again without, and migrates.",
    kernel: "drivers/infiniband/hw/mlx5/odp.c:pagefault_real_mr",
  },

  // sva
  "sva-page-request": {
    text: "A page request is a CPU fault, taken on the device's behalf.",
    kernel: "drivers/iommu/iommu-sva.c:iommu_sva_handle_mm",
  },
  "sva-queue-full": {
    text: "The queue of page requests is full: the kernel answers nothing.",
    kernel: "drivers/iommu/io-pgfault.c:iopf_queue_discard_partial",
  },

  // uvm
  "uvm-accessed-by": {
    text: "The GPU is named in accessed-by and reaches the page: it stays where it is.",
    kernel: UVM_RESIDENCY,
  },
  "uvm-ats": {
    text: "The memory is coherent: what was never touched comes here, and the rest stays.",
    kernel: "kernel-open/nvidia-uvm/uvm_ats_faults.c:uvm_ats_service_faults",
  },
  "uvm-comes-here": {
    text: "No rule says otherwise: the page comes to the processor that faults.",
    kernel: UVM_RESIDENCY,
  },
  "uvm-evict": {
    text: "The GPU is full: what its policy names first goes to system memory.",
    kernel: "kernel-open/nvidia-uvm/uvm_pmm_gpu.c:pick_and_evict_root_chunk",
  },
  "uvm-foreign-context": {
    text: "Another process asks through the CPU and reaches the page: it stays where it is.",
    kernel: UVM_RESIDENCY,
  },
  "uvm-hmm-cpu": {
    text: "A CPU faults on memory of malloc(): the page comes to system memory.",
    kernel: UVM_RESIDENCY,
  },
  "uvm-must-be-cpu": {
    text: "System memory is forced, or the page cannot migrate.",
    kernel: UVM_RESIDENCY,
  },
  "uvm-nowhere": {
    text: "The page is nowhere: it goes where it is preferred, if that can be reached, else here.",
    kernel: UVM_RESIDENCY,
  },
  "uvm-pinned": {
    text: "The page went to and fro: it is pinned, and others map it from afar.",
    kernel: UVM_RESIDENCY,
  },
  "uvm-preferred": {
    text: "The preferred location can be reached: the page goes there, or stays there.",
    kernel: UVM_RESIDENCY,
  },
  "uvm-preferred-here": {
    text: "The processor that faults is the preferred location.",
    kernel: UVM_RESIDENCY,
  },
  "uvm-prefetch": {
    text: "Enough of the subtree around a fault is occupied: the rest of it follows.",
    kernel: "kernel-open/nvidia-uvm/uvm_perf_prefetch.c:compute_prefetch_region",
  },
  "uvm-read-duplicate": {
    text: "Reads are duplicated: a reader gets a copy, and a writer the page.",
    kernel: UVM_RESIDENCY,
  },
  "uvm-remote-atomic": {
    text: "The link carries atomics, and the option says that they do not migrate.",
    kernel: UVM_RESIDENCY,
  },
  "uvm-throttle": {
    text: "The page goes to and fro: this processor waits for its turn.",
    kernel: "kernel-open/nvidia-uvm/uvm_perf_thrashing.c:uvm_perf_thrashing_get_hint",
  },

  // xe
  "xe-atomic": {
    text: "An atomic operation needs the chunk in the device's own memory.",
    kernel: "drivers/gpu/drm/xe/xe_vm.c:xe_vma_need_vram_for_atomic",
  },
  "xe-chunk": {
    text: "The fault is served for a chunk: the largest that fits, or the one that is there.",
    kernel: "drivers/gpu/drm/drm_gpusvm.c:drm_gpusvm_range_find_or_insert",
  },
  "xe-already-served": {
    text: "The chunk is mapped and allows the access.",
    kernel: "drivers/gpu/drm/xe/xe_svm.c:xe_svm_handle_pagefault",
  },
  "xe-left-in-place": {
    text: "The chunk stays on the peer, as the design says.",
    kernel: null,
  },
  "xe-migrate": {
    text: "The chunk is not wholly where it should be: it migrates before it is mapped.",
    kernel: "drivers/gpu/drm/xe/xe_svm.c:xe_svm_range_needs_migrate_to_vram",
  },
  "xe-migrate-failed": {
    text: "The migration failed: the chunk is used where it is.",
    kernel: "drivers/gpu/drm/xe/xe_svm.c:xe_svm_handle_pagefault",
  },
  "xe-mixed-chunk": {
    text: "The chunk's pages cannot be mapped together: all go to system memory first.",
    kernel: "drivers/gpu/drm/drm_gpusvm.c:drm_gpusvm_range_evict",
  },
};

/** Every decision that a recorder can hear of: the kernel's, the drivers' and the paths'. */
export const DECISION_RULES: Readonly<Record<string, PathRule>> = {
  ...RULES,
  ...PATH_RULES,
  ...DRIVER_RULES,
};

/** Why something was decided: the rule in words, and the kernel function that has it. */
export interface RuleReason {
  readonly rule: string;
  readonly text: string;
  readonly kernel: string | null;
}

/** A rule as a reason; one that nobody knows says its name. */
export function reasonOf(rule: string): RuleReason {
  const { text = rule, kernel = null } = DECISION_RULES[rule] ?? {};
  return { rule, text, kernel };
}

/** `The page is copied. [mm/memory.c:wp_page_copy]`; `more` stands before the kernel function. */
export function reasonText(rule: string, more = ""): string {
  const { text, kernel } = reasonOf(rule);
  return `${text}${more}${kernel === null ? "" : ` [${kernel}]`}`;
}
