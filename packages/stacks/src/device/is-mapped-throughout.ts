// Whether a range of an address space has no gap.
import type { MmStruct } from "@faultline/core";
import type { PageRange } from "./device-stack.ts";

/** True when every page of the range is part of a mapping. */
export function isMappedThroughout(mm: MmStruct, { start, nrPages }: PageRange): boolean {
  for (let page = start; page < start + nrPages; ) {
    const vma = mm.vmaAt(page);
    if (vma === null) return false;
    page = vma.vmEnd;
  }
  return true;
}
