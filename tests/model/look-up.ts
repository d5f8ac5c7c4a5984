// What a page contains, found without touching it: no fault, no young bit, no swap-in.
import {
  LEAF_KIND_MASK,
  LEAF_MARKER,
  LEAF_NONE,
  LEAF_PRESENT,
  LEAF_SWAP,
  LEAF_TABLE,
  type VmAreaStruct,
  type World,
} from "@faultline/core";

/** The value that a read of the page would return if it were allowed. */
export function lookUp(world: World, vma: VmAreaStruct, page: number): number {
  const { pageTable } = vma.vmMm;
  const slot = pageTable.slotBits(page);
  const isTable = (slot & LEAF_KIND_MASK) === LEAF_TABLE;
  const kind = (isTable ? pageTable.bits(page) : slot) & LEAF_KIND_MASK;
  if (kind === LEAF_NONE || kind === LEAF_MARKER) return lookUpFile(world, vma, page);
  const val = isTable
    ? pageTable.val(page)
    : pageTable.slotVal(page) + pageTable.indexInBlock(page);
  return kind === LEAF_SWAP ? swapped(world, val) : world.frames.content(val);
}

function lookUpFile(world: World, vma: VmAreaStruct, page: number): number {
  const { vmFile } = vma;
  if (vmFile === null) return 0;
  const index = vma.indexOf(page);
  const kind = vmFile.pages.bits(index) & LEAF_KIND_MASK;
  const val = vmFile.pages.val(index);
  if (kind === LEAF_PRESENT) return world.frames.content(val);
  return kind === LEAF_SWAP ? swapped(world, val) : 0;
}

function swapped({ swap, frames }: World, slot: number): number {
  const pfn = swap?.cachedPfn[slot] ?? 0;
  return pfn === 0 ? (swap?.content[slot] ?? 0) : frames.content(pfn);
}
