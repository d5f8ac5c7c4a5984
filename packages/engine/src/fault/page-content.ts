// What a process sees in a page that its CPU can access. Content is a token per page.
import {
  invariant,
  LEAF_PRESENT,
  leafKind,
  LEAF_TABLE,
  LEAF_WRITE,
  type MmStruct,
  type World,
} from "@faultline/core";

/** The frame that a present entry names, and 0 where nothing is present. */
export function presentPfn(mm: MmStruct, page: number): number {
  const { pageTable } = mm;
  const slot = pageTable.slotBits(page);
  if (leafKind(slot) === LEAF_PRESENT) {
    const head = pageTable.slotVal(page);
    return head + pageTable.indexInBlock(page);
  }
  if (leafKind(slot) !== LEAF_TABLE) return 0;
  return leafKind(pageTable.bits(page)) === LEAF_PRESENT ? pageTable.val(page) : 0;
}

/** The content token of a page; the page has just been read successfully. */
export function readPageContent(world: World, mm: MmStruct, page: number): number {
  const pfn = presentPfn(mm, page);
  if (pfn === 0) invariant(false, `page ${page} is read but not present`);
  return world.frames.content(pfn);
}

/** Stores a content token; the page has just been written successfully. */
export function writePageContent(world: World, mm: MmStruct, page: number, token: number): void {
  const { pageTable } = mm;
  const slot = pageTable.slotBits(page);
  const bits = leafKind(slot) === LEAF_TABLE ? pageTable.bits(page) : slot;
  const isWritable = leafKind(bits) === LEAF_PRESENT && (bits & LEAF_WRITE) !== 0;
  if (!isWritable) invariant(false, `page ${page} is written but not writable`);
  world.frames.setContent(presentPfn(mm, page), token);
}
