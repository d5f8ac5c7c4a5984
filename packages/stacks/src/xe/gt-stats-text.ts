// The counters of a GT as debugfs prints them, so that whoever reads those of a machine can read
// those of a simulation.

const SIZES = ["4K", "64K", "2M"] as const;

/** Counters by the size class of the chunk. */
const SIZED = [
  "pagefault_count",
  "valid_pagefault_count",
  "pagefault_us",
  "migrate_count",
  "migrate_us",
  "device_copy_us",
  "device_copy_kb",
  "cpu_copy_us",
  "cpu_copy_kb",
  "get_pages_us",
  "bind_us",
] as const;

/** Names of the kernel's counters that are about shared virtual memory. */
const SVM_COUNTERS: readonly string[] = [
  "svm_pagefault_count",
  "svm_tlb_inval_count",
  "svm_tlb_inval_us",
  ...SIZED.flatMap((name) => SIZES.map((size) => `svm_${size}_${name}`)),
];

/**
 * A line for each counter, those that are 0 too.
 * @param values by name, as a stack of xe counts; names that the kernel does not have are left out.
 * @kernelpart drivers/gpu/drm/xe/xe_gt_stats.c xe_gt_stats_print_info (v7.2) shared memory's alone
 */
export function gtStatsText(values: ReadonlyMap<string, number>): string {
  return SVM_COUNTERS.map((name) => `${name}: ${values.get(name) ?? 0}\n`).join("");
}
