// struct vm_area_struct. Mirrors include/linux/mm_types.h. Start, end and offset are page numbers.
import type { AddressSpace } from "./address-space.ts";
import type { AnonVma, AnonVmaChain } from "./anon-vma.ts";
import type { Mempolicy } from "./mempolicy.ts";
import type { MmStruct } from "./mm-struct.ts";
import type { UserfaultfdCtx } from "./userfaultfd-ctx.ts";
import { VM_MAYWRITE, VM_SHARED } from "./vm-flags.ts";

/** One mapping of an address space. */
export class VmAreaStruct {
  readonly vmMm: MmStruct;
  /** First page number. */
  vmStart: number;
  /** Page number after the last page. */
  vmEnd: number;
  /** VM_* bits. */
  vmFlags: number;
  /** Linear page offset of `vmStart`: file offset, or the first address for anonymous memory. */
  vmPgoff: number;
  /** Null for anonymous private memory. */
  vmFile: AddressSpace | null = null;
  anonVma: AnonVma | null = null;
  /** Newest link first, as the kernel's list is. */
  anonVmaChain: AnonVmaChain[] = [];
  vmPolicy: Mempolicy | null = null;
  uffdCtx: UserfaultfdCtx | null = null;

  constructor(mm: MmStruct, start: number, end: number, flags: number, pgoff: number) {
    this.vmMm = mm;
    this.vmStart = start;
    this.vmEnd = end;
    this.vmFlags = flags;
    this.vmPgoff = pgoff;
  }

  /** Length in pages. */
  get nrPages(): number {
    return this.vmEnd - this.vmStart;
  }

  /** True for memory without a file behind it (`vma_is_anonymous`). */
  get isAnonymous(): boolean {
    return this.vmFile === null;
  }

  /** True for what overlaps the program's heap (`vma_is_initial_heap`). */
  get isInitialHeap(): boolean {
    return this.vmStart < this.vmMm.brk && this.vmEnd > this.vmMm.startBrk;
  }

  /** True for what holds the beginning of the program's stack (`vma_is_initial_stack`). */
  get isInitialStack(): boolean {
    return this.vmStart <= this.vmMm.startStack && this.vmEnd >= this.vmMm.startStack;
  }

  /** True for a private mapping that may ever be writable (`is_cow_mapping`). */
  get isCowMapping(): boolean {
    return (this.vmFlags & (VM_SHARED | VM_MAYWRITE)) === VM_MAYWRITE;
  }

  /** True when every bit of `flags` is set. */
  has(flags: number): boolean {
    return (this.vmFlags & flags) === flags;
  }

  /** Linear page index of a page number inside the VMA (`linear_page_index`). */
  indexOf(page: number): number {
    return page - this.vmStart + this.vmPgoff;
  }

  /** Page number of a linear page index; the result lies outside the VMA when the index does. */
  pageAt(index: number): number {
    return index - this.vmPgoff + this.vmStart;
  }
}
