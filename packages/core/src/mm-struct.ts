// struct mm_struct: one address space. Mirrors include/linux/mm_types.h. The maple tree of VMAs is
// a sorted array with a cached hit, because mappings number in the hundreds and pages in millions.
import type { MmuNotifierSubscriptions } from "./mmu-interval-notifier.ts";
import type { PageTable } from "./page-table.ts";
import type { VmAreaStruct } from "./vm-area-struct.ts";

/** mmap_lock as a reader/writer lock without owners; waiting is the caller's business. */
export interface MmapLock {
  readers: number;
  writer: boolean;
}

/** One address space. */
export class MmStruct {
  /** Identity used by the mm slots of large folios; never reused in a world. */
  readonly mmId: number;
  readonly pageTable: PageTable;
  /** Sorted by start, never overlapping. */
  readonly vmas: VmAreaStruct[] = [];
  readonly mmapLock: MmapLock = { readers: 0, writer: false };
  /** Null until something subscribes. */
  notifierSubscriptions: MmuNotifierSubscriptions | null = null;
  /** Threads and kernel users that keep the address space alive. */
  mmUsers = 1;
  /** True once a page of this mm was ever pinned (MMF_HAS_PINNED): fork must look closer. */
  hasPinned = false;
  /** The OOM reaper takes its pages away (MMF_UNSTABLE): it gets no new private ones. */
  isUnstable = false;
  /** Bit per CPU that may hold translations (mm_cpumask, first 32 CPUs). */
  cpumask = 0;
  /** Devices that use the address space through an IOMMU (mm->iommu_mm): flushes reach them. */
  nrBoundDevices = 0;
  /** Completed passes of the NUMA scanner and where the next pass starts. */
  numaScanSeq = 0;
  numaScanOffset = 0;
  /** First page of the program's heap, and the first behind it. */
  startBrk = 0;
  brk = 0;
  /** The page where the program's stack begins; -1 before there is one. */
  startStack = -1;
  /** False once the last user left and everything was unmapped. */
  isAlive = true;
  private cachedVma: VmAreaStruct | null = null;

  constructor(mmId: number, pageTable: PageTable) {
    this.mmId = mmId;
    this.pageTable = pageTable;
  }

  /** The VMA that contains the page, or null. */
  vmaAt(page: number): VmAreaStruct | null {
    const cached = this.cachedVma;
    if (cached !== null && page >= cached.vmStart && page < cached.vmEnd) return cached;
    const vma = this.vmas[this.indexAtOrAfter(page)];
    if (vma === undefined || vma.vmStart > page) return null;
    this.cachedVma = vma;
    return vma;
  }

  /** Index of the first VMA that ends after the page (`find_vma`); `vmas.length` when none. */
  indexAtOrAfter(page: number): number {
    let low = 0;
    let high = this.vmas.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.vmas[middle] as VmAreaStruct).vmEnd > page) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** VMAs that overlap `[start, end)`, ascending; a copy, so that callers may split and merge. */
  vmasIn(start: number, end: number): VmAreaStruct[] {
    const found: VmAreaStruct[] = [];
    for (let i = this.indexAtOrAfter(start); i < this.vmas.length; i++) {
      const vma = this.vmas[i] as VmAreaStruct;
      if (vma.vmStart >= end) break;
      found.push(vma);
    }
    return found;
  }

  /** Adds a VMA to the sorted list. */
  insertVma(vma: VmAreaStruct): void {
    this.cachedVma = null;
    this.vmas.splice(this.indexAtOrAfter(vma.vmStart), 0, vma);
  }

  /** Takes a VMA out of the sorted list. */
  removeVma(vma: VmAreaStruct): void {
    this.cachedVma = null;
    const at = this.vmas.indexOf(vma);
    if (at >= 0) this.vmas.splice(at, 1);
  }
}
