// How an attempt to collapse a block ends. Names are the kernel's (`enum scan_result`); results
// that the modelled system cannot produce are left out. Mirrors mm/khugepaged.c.
import { EAGAIN, EBUSY, EINVAL, ENOMEM } from "@faultline/core";

export type ScanResult =
  | "SCAN_SUCCEED"
  | "SCAN_FAIL"
  | "SCAN_NO_PTE_TABLE"
  | "SCAN_PMD_MAPPED"
  | "SCAN_EXCEED_NONE_PTE"
  | "SCAN_EXCEED_SWAP_PTE"
  | "SCAN_EXCEED_SHARED_PTE"
  | "SCAN_PTE_NON_PRESENT"
  | "SCAN_PTE_UFFD_WP"
  | "SCAN_LACK_REFERENCED_PAGE"
  | "SCAN_PAGE_NULL"
  | "SCAN_PAGE_COUNT"
  | "SCAN_PAGE_LOCK"
  | "SCAN_PAGE_ANON"
  | "SCAN_PAGE_LAZYFREE"
  | "SCAN_VMA_NULL"
  | "SCAN_VMA_CHECK"
  | "SCAN_ADDRESS_RANGE"
  | "SCAN_ANY_PROCESS"
  | "SCAN_TRUNCATED"
  | "SCAN_ALLOC_HUGE_PAGE_FAIL";

/**
 * What MADV_COLLAPSE answers when its last failing block ended like this.
 * @kernel mm/khugepaged.c madvise_collapse_errno (v7.2)
 */
export function madviseCollapseErrno(result: ScanResult): number {
  switch (result) {
    case "SCAN_ALLOC_HUGE_PAGE_FAIL":
      return -ENOMEM;
    case "SCAN_EXCEED_NONE_PTE":
      return -EBUSY;
    case "SCAN_PAGE_COUNT":
    case "SCAN_PAGE_LOCK":
      return -EAGAIN;
    default:
      return -EINVAL;
  }
}

/** Failures that concern one block only: MADV_COLLAPSE goes on with the next one. */
const SOFT_FAILURES: ReadonlySet<ScanResult> = new Set<ScanResult>([
  "SCAN_NO_PTE_TABLE",
  "SCAN_PTE_NON_PRESENT",
  "SCAN_PTE_UFFD_WP",
  "SCAN_LACK_REFERENCED_PAGE",
  "SCAN_PAGE_NULL",
  "SCAN_PAGE_COUNT",
  "SCAN_PAGE_LOCK",
]);

/** True when the walk over further blocks may go on after this failure. */
export function isSoftFailure(result: ScanResult): boolean {
  return SOFT_FAILURES.has(result);
}

/** True for a block that is huge afterwards, whoever made it so. */
export function isHugeAfter(result: ScanResult): boolean {
  return result === "SCAN_SUCCEED" || result === "SCAN_PMD_MAPPED";
}
