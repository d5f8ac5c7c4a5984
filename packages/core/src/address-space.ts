// struct address_space: the page cache of one file and the VMAs that map it.
// Mirrors include/linux/fs.h. Writeback is left out: the modelled file systems live in memory.
import type { PageTable } from "./page-table.ts";
import { SharedPolicy } from "./shared-policy.ts";
import type { VmAreaStruct } from "./vm-area-struct.ts";

/**
 * What backs the file: `shmem` is an anonymous shared mapping, `tmpfs` and `ramfs` are files,
 * `hugetlb` hands out huge folios, `device` is a driver's own mapping of normal pages.
 */
export type FileKind = "shmem" | "tmpfs" | "ramfs" | "hugetlb" | "device";

/** The page cache of one file. Page `i` is entry `i` of `pages`: LEAF_PRESENT with its pfn. */
export class AddressSpace {
  readonly id: number;
  readonly kind: FileKind;
  readonly pages: PageTable;
  /** File length in pages. */
  nrPages: number;
  /** VMAs mapping the file, ordered by first page offset, then by insertion (`i_mmap`). */
  readonly iMmap: VmAreaStruct[] = [];
  /** Memory policies set through mappings of shared memory. */
  readonly sharedPolicy: SharedPolicy = new SharedPolicy();
  /** Folios in the cache, large ones counted by their pages. */
  nrCached = 0;
  /** Holders: VMAs and open descriptors. The cache is dropped with the last one. */
  refs = 0;

  constructor(id: number, kind: FileKind, pages: PageTable, nrPages: number) {
    this.id = id;
    this.kind = kind;
    this.pages = pages;
    this.nrPages = nrPages;
  }

  /** True for memory that can be swapped (shmem and tmpfs). */
  get isSwapBacked(): boolean {
    return this.kind === "shmem" || this.kind === "tmpfs";
  }

  /** Adds a VMA to the reverse mapping. */
  link(vma: VmAreaStruct): void {
    let at = this.iMmap.length;
    while (at > 0 && (this.iMmap[at - 1] as VmAreaStruct).vmPgoff > vma.vmPgoff) at--;
    this.iMmap.splice(at, 0, vma);
  }

  /** Adds a VMA right behind the one it is a fork of, before that one's older children. */
  linkAfter(vma: VmAreaStruct, parent: VmAreaStruct): void {
    this.iMmap.splice(this.iMmap.indexOf(parent) + 1, 0, vma);
  }

  /** Removes a VMA from the reverse mapping. */
  unlink(vma: VmAreaStruct): void {
    const at = this.iMmap.indexOf(vma);
    if (at >= 0) this.iMmap.splice(at, 1);
  }
}
