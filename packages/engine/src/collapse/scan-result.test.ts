import { EAGAIN, EBUSY, EINVAL, ENOMEM } from "@faultline/core";
import { describe, expect, it } from "vitest";
import {
  isHugeAfter,
  isSoftFailure,
  madviseCollapseErrno,
  type ScanResult,
} from "./scan-result.ts";

describe("results of a collapse", () => {
  it.each<[ScanResult, number]>([
    ["SCAN_ALLOC_HUGE_PAGE_FAIL", -ENOMEM],
    ["SCAN_EXCEED_NONE_PTE", -EBUSY],
    ["SCAN_PAGE_COUNT", -EAGAIN],
    ["SCAN_PAGE_LOCK", -EAGAIN],
    ["SCAN_NO_PTE_TABLE", -EINVAL],
    ["SCAN_PTE_UFFD_WP", -EINVAL],
    ["SCAN_FAIL", -EINVAL],
  ])("%s becomes %i", (result, errno) => {
    expect(madviseCollapseErrno(result)).toBe(errno);
  });

  it("goes on after failures of one block and stops at others", () => {
    expect(isSoftFailure("SCAN_PAGE_COUNT")).toBe(true);
    expect(isSoftFailure("SCAN_EXCEED_NONE_PTE")).toBe(false);
    expect(isSoftFailure("SCAN_ALLOC_HUGE_PAGE_FAIL")).toBe(false);
  });

  it("counts a block that was huge before", () => {
    expect(isHugeAfter("SCAN_PMD_MAPPED")).toBe(true);
    expect(isHugeAfter("SCAN_NO_PTE_TABLE")).toBe(false);
  });
});
