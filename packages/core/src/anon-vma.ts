// struct anon_vma and struct anon_vma_chain: which VMAs may map an anonymous folio.
// Mirrors include/linux/rmap.h. The interval tree is a list ordered by first page offset and then
// by insertion, which is the order in which the kernel's tree is walked.
import { invariant } from "./invariant-error.ts";
import type { VmAreaStruct } from "./vm-area-struct.ts";

/** One link between a VMA and an anon_vma it may hold pages of. */
export interface AnonVmaChain {
  readonly vma: VmAreaStruct;
  readonly anonVma: AnonVma;
}

/** The reverse-mapping object that anonymous folios point to. */
export class AnonVma {
  readonly kind = "anon_vma";
  readonly id: number;
  /** Shares its lock; a child created by fork has its parent's root. */
  root: AnonVma;
  parent: AnonVma;
  /** Child anon_vmas plus, for a root, itself. */
  numChildren = 0;
  /** VMAs whose `anonVma` this is. */
  numActiveVmas = 0;
  /** Ordered by `vma.vmPgoff`, then by insertion. */
  readonly chain: AnonVmaChain[] = [];

  constructor(id: number, parent: AnonVma | null) {
    this.id = id;
    this.parent = parent ?? this;
    this.root = parent === null ? this : parent.root;
  }

  /** Inserts a link behind every link whose VMA starts at the same offset or before. */
  insert(link: AnonVmaChain): void {
    const pgoff = link.vma.vmPgoff;
    let at = this.chain.length;
    while (at > 0 && (this.chain[at - 1] as AnonVmaChain).vma.vmPgoff > pgoff) at--;
    this.chain.splice(at, 0, link);
  }

  /** Removes a link that `insert` added. */
  remove(link: AnonVmaChain): void {
    const at = this.chain.indexOf(link);
    invariant(at >= 0, `anon_vma ${this.id} does not hold the link`);
    this.chain.splice(at, 1);
  }
}
