// The chunks of an address space that a GPU mirrors. Mirrors drm_gpusvm_range_find_or_insert and
// drm_gpusvm_range_chunk_size of drivers/gpu/drm/drm_gpusvm.c.
import {
  EINVAL,
  EIO,
  ENOENT,
  EPERM,
  VM_HUGETLB,
  VM_IO,
  VM_PFNMAP,
  VM_WRITE,
  type VmAreaStruct,
} from "@faultline/core";
import { SpanList } from "../device/span-list.ts";

/** One chunk. */
export interface GpusvmRange {
  readonly start: number;
  readonly nrPages: number;
  /** Device memory may hold it: anonymous, and the device has memory. */
  readonly migrateDevmem: boolean;
  /** Its translations are in the device's table. */
  isMapped: boolean;
  /** The mapping below it went (`markUnmapped`); the garbage collector takes it. */
  isUnmapped: boolean;
}

/** What decides about a new chunk. */
export interface ChunkRules {
  /** In pages, tried in this order. */
  readonly chunkPages: readonly number[];
  readonly notifierPages: number;
  /** Chunks of more than a page and up to this must be present. */
  readonly checkPages: number;
  readonly hasDeviceMemory: boolean;
  /** The part of the device's address space that mirrors the CPU's around the page. */
  readonly mirrored: { readonly first: number; readonly end: number };
  /** Whether every page of a span is present without faulting. */
  readonly isPresent: (start: number, nrPages: number) => boolean;
}

/** The chunks of one address space. */
export class GpusvmRanges {
  private readonly ranges = new SpanList<GpusvmRange>();
  /** Chunks whose mapping is gone. */
  private garbage: GpusvmRange[] = [];

  /** The chunk that holds a page. */
  at(page: number): GpusvmRange | undefined {
    return this.ranges.at(page);
  }

  /** Chunks that touch a span, in ascending order. */
  overlapping(start: number, nrPages: number): GpusvmRange[] {
    return this.ranges.overlapping(start, nrPages);
  }

  /** The mapping below a chunk went. */
  markUnmapped(range: GpusvmRange): void {
    if (range.isUnmapped) return;
    range.isUnmapped = true;
    this.garbage.push(range);
  }

  /** Removes chunks whose mapping is gone. @returns them */
  collectGarbage(): readonly GpusvmRange[] {
    if (this.garbage.length === 0) return this.garbage;
    const garbage = this.garbage.filter((range) => this.ranges.remove(range));
    this.garbage = [];
    return garbage;
  }

  /** Removes a chunk. */
  remove(range: GpusvmRange): void {
    this.ranges.remove(range);
  }

  /**
   * The chunk of a page, an existing one with its old size.
   * @param isWrite the device wants to write.
   * @param rulesOf asked only for a new chunk.
   * @returns the chunk, or -ENOENT, -EPERM, -EIO or -EINVAL.
   * @kernel drivers/gpu/drm/drm_gpusvm.c drm_gpusvm_range_find_or_insert (v7.2)
   */
  findOrInsert(
    vma: VmAreaStruct | null,
    page: number,
    isWrite: boolean,
    rulesOf: () => ChunkRules,
  ): GpusvmRange | number {
    if (vma === null) return -ENOENT;
    if ((vma.vmFlags & (VM_IO | VM_PFNMAP)) !== 0) return -EIO;
    if (isWrite && (vma.vmFlags & VM_WRITE) === 0) return -EPERM;
    const known = this.at(page);
    if (known !== undefined) return known;
    const rules = rulesOf();
    const nrPages = this.chunkSize(vma, page, rules);
    if (nrPages === 0) return -EINVAL;
    const isAnonymous = vma.isAnonymous && (vma.vmFlags & VM_HUGETLB) === 0;
    const range = {
      start: page - (page % nrPages),
      nrPages,
      migrateDevmem: rules.hasDeviceMemory && isAnonymous,
      isMapped: false,
      isUnmapped: false,
    };
    this.ranges.insert(range);
    return range;
  }

  /** @kernel drivers/gpu/drm/drm_gpusvm.c drm_gpusvm_range_chunk_size (v7.2) */
  private chunkSize(vma: VmAreaStruct, page: number, rules: ChunkRules): number {
    const notifierStart = page - (page % rules.notifierPages);
    const { mirrored } = rules;
    for (const nrPages of rules.chunkPages) {
      const start = page - (page % nrPages);
      const end = start + nrPages;
      const isInVma = start >= vma.vmStart && end <= vma.vmEnd;
      const isInNotifier = start >= notifierStart && end <= notifierStart + rules.notifierPages;
      const isMirrored = start >= mirrored.first && end <= mirrored.end;
      if (!isInVma || !isInNotifier || !isMirrored) continue;
      if (nrPages === 1) return nrPages;
      if (this.overlapping(start, nrPages).length > 0) continue;
      if (nrPages <= rules.checkPages && !rules.isPresent(start, nrPages)) continue;
      return nrPages;
    }
    return 0;
  }
}
