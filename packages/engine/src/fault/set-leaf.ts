// Writing leaves on the fault paths, with what it costs. The lookups are spelled out because these
// run once for each page that a process touches.
import {
  EFFORT_PTE_SET,
  LEAF_DIRTY,
  LEAF_WRITE,
  LEAF_YOUNG,
  LEAF_PRESENT,
  type PageTable,
  VM_WRITE,
  type VmAreaStruct,
  type World,
} from "@faultline/core";

/** A present, writable entry that was just written. */
export const LEAF_FRESH_WRITABLE: number = LEAF_PRESENT | LEAF_YOUNG | LEAF_DIRTY | LEAF_WRITE;

/** Writes a PTE whose table may not exist yet. */
export function setNewPte(
  world: World,
  pageTable: PageTable,
  page: number,
  bits: number,
  val: number,
): void {
  const table = pageTable.ensureLeafTable(page);
  world.tables.set(table, pageTable.indexInBlock(page), bits, val);
  world.effort.add(EFFORT_PTE_SET, 1);
}

/** Writes a PMD leaf. */
export function setPmdLeaf(
  world: World,
  pageTable: PageTable,
  page: number,
  bits: number,
  val: number,
): void {
  pageTable.setSlot(page, bits, val);
  world.effort.add(EFFORT_PTE_SET, 1, world.geometry.pmdOrder);
}

/**
 * LEAF_WRITE when the VMA allows writing, else nothing.
 * @kernel include/linux/mm.h maybe_mkwrite (v7.2)
 */
export function maybeMkwrite(vma: VmAreaStruct): number {
  return (vma.vmFlags & VM_WRITE) === 0 ? 0 : LEAF_WRITE;
}
