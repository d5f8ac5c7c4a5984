// A range of a process that GPUs share, with its attributes and where its pages are. Mirrors struct
// svm_range of drivers/gpu/drm/amd/amdkfd/kfd_svm.h. One list serves all GPUs of a process.
import type { AttachedDevice } from "@faultline/engine";
import { SpanList } from "../device/span-list.ts";
import { DEFAULT_SVM_FLAGS } from "./svm-flags.ts";

/** What a GPU may do with a range. */
export type SvmAccess = "access" | "in_place" | "none";

/** One range. */
export interface SvmRange {
  readonly start: number;
  readonly nrPages: number;
  /** Where pages should be; `undefined` is KFD_IOCTL_SVM_LOCATION_UNDEFINED. */
  preferredLoc: "undefined" | "system" | AttachedDevice;
  prefetchLoc: "undefined" | "system" | AttachedDevice;
  /** By GPU; a GPU that is not here has what XNACK gives it. */
  readonly access: Map<AttachedDevice, SvmAccess>;
  /** The GPU that holds pages of it; null for system memory alone. */
  actualLoc: AttachedDevice | null;
  /** KFD_IOCTL_SVM_FLAG_* */
  flags: number;
  /** It was invalidated while queues could not fault, and is not restored yet. */
  isEvicted: boolean;
  /** log2 of the pages of a migration. */
  granularity: number;
  /** When each GPU's mapping was last made valid. */
  readonly validatedPs: Map<AttachedDevice, number>;
}

/** How new ranges are made. */
export interface RangeSizes {
  /** Pages of the largest one. A power of two. */
  readonly maxPages: number;
  /** log2 of the pages of a migration. */
  readonly granularity: number;
}

/** The ranges of one process. */
export class SvmRangeList {
  private readonly ranges = new SpanList<SvmRange>();

  /** The range that holds a page. */
  at(page: number): SvmRange | undefined {
    return this.ranges.at(page);
  }

  /** Ranges that touch a span, ascending. */
  overlapping(start: number, end: number): SvmRange[] {
    return this.ranges.overlapping(start, end - start);
  }

  /** Every range, ascending. */
  all(): readonly SvmRange[] {
    return this.ranges.all();
  }

  /**
   * Makes ranges so that exactly `[start, end)` is covered by whole ones: those that reach over an
   * edge are cut there, and gaps are filled by ranges that end at multiples of the largest size.
   * @returns the ranges inside, ascending.
   * @kernelpart drivers/gpu/drm/amd/amdkfd/kfd_svm.c svm_range_add (v7.2) without the lists of what
   * to insert and to update
   */
  cover(start: number, end: number, sizes: RangeSizes): SvmRange[] {
    this.cut(start);
    this.cut(end);
    const inside = this.overlapping(start, end);
    let page = start;
    for (const range of [...inside, null]) {
      const next = range?.start ?? end;
      while (page < next) {
        const last = Math.min(next, page - (page % sizes.maxPages) + sizes.maxPages);
        this.ranges.insert(newRange(page, last - page, sizes.granularity));
        page = last;
      }
      if (range !== null) page = range.start + range.nrPages;
    }
    return this.overlapping(start, end);
  }

  /** Forgets a span; what reaches over its edges stays. */
  remove(start: number, end: number): void {
    this.cut(start);
    this.cut(end);
    for (const range of this.overlapping(start, end)) this.ranges.remove(range);
  }

  private cut(at: number): void {
    const range = this.at(at);
    if (range === undefined || range.start === at) return;
    this.ranges.remove(range);
    const { start, nrPages } = range;
    const halves = [
      { start, nrPages: at - start },
      { start: at, nrPages: start + nrPages - at },
    ];
    for (const half of halves) {
      const access = new Map(range.access);
      this.ranges.insert({ ...range, ...half, access, validatedPs: new Map(range.validatedPs) });
    }
  }
}

/** A range with the attributes that nobody has set. */
function newRange(start: number, nrPages: number, granularity: number): SvmRange {
  return {
    start,
    nrPages,
    preferredLoc: "undefined",
    prefetchLoc: "undefined",
    access: new Map(),
    actualLoc: null,
    flags: DEFAULT_SVM_FLAGS,
    isEvicted: false,
    granularity,
    validatedPs: new Map(),
  };
}
