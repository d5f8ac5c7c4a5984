// The page tables of all address spaces: every entry lies in a mapping, names what it may name and
// allows what it may allow. Counts the mappings on the way.
import {
  FRAME_ANON,
  FRAME_CHUNK_SHIFT,
  FRAME_FREE,
  FRAME_KSM,
  LEAF_DEVICE_EXCLUSIVE,
  LEAF_DEVICE_PRIVATE,
  LEAF_KIND_MASK,
  LEAF_MIGRATION,
  LEAF_PRESENT,
  LEAF_SWAP,
  LEAF_UFFD_WP,
  LEAF_WRITE,
  MEMORY_DEVICE_PRIVATE,
  type MmStruct,
  VM_SHARED,
  VM_WRITE,
  type VmAreaStruct,
} from "@faultline/core";
import { type Census, countSwapUse, countTable } from "./census.ts";
import { checkRmap } from "./check-rmap.ts";
import type { ProblemPlace } from "./problem.ts";
import { walkTables } from "./walk-tables.ts";

/** One entry of a page table with its surroundings. */
interface Leaf {
  readonly mm: MmStruct;
  readonly vma: VmAreaStruct;
  readonly page: number;
  readonly bits: number;
  readonly val: number;
  readonly isPmd: boolean;
  readonly place: ProblemPlace;
}

/** Checks and counts every entry of an address space. */
export function checkLeaves(census: Census, mm: MmStruct): void {
  const { sink, world } = census;
  walkTables(mm.pageTable, {
    table: (id) => countTable(census, id),
    leaf: (page, bits, val, level) => {
      const place = { mmId: mm.mmId, page };
      if (level > 1) return sink.add("page-tables", `a leaf at level ${level}`, place);
      const vma = mm.vmaAt(page);
      const nrPages = level === 0 ? 1 : world.blockPages;
      if (vma === null || page + nrPages > vma.vmEnd) {
        return sink.add("leaf-outside", `entry ${bits}:${val} outside any mapping`, place);
      }
      checkLeaf(census, { mm, vma, page, bits, val, isPmd: level === 1, place });
    },
  });
}

function checkLeaf(census: Census, leaf: Leaf): void {
  const { sink } = census;
  switch (leaf.bits & LEAF_KIND_MASK) {
    case LEAF_PRESENT:
    case LEAF_DEVICE_PRIVATE:
    case LEAF_DEVICE_EXCLUSIVE:
      return checkMapping(census, leaf);
    case LEAF_SWAP:
      if (leaf.isPmd) sink.add("leaf-frame", "a swap entry for a whole block", leaf.place);
      return countSwapUse(census, leaf.val);
    case LEAF_MIGRATION:
      return sink.add("migration-at-rest", "a migration entry is left", {
        ...leaf.place,
        pfn: leaf.val,
      });
    default:
      if (leaf.isPmd) sink.add("leaf-frame", "a marker for a whole block", leaf.place);
  }
}

function checkMapping(census: Census, leaf: Leaf): void {
  const { world, sink } = census;
  const { bits, val, vma, isPmd } = leaf;
  const place = { ...leaf.place, pfn: val };
  const isWritable = (bits & LEAF_WRITE) !== 0;
  if (val === world.zeroPfn || val === world.hugeZeroPfn) {
    if (isWritable) sink.add("leaf-rights", "a zero page is writable", place);
    if (isPmd !== (val === world.hugeZeroPfn)) sink.add("leaf-frame", "the wrong zero page", place);
    return;
  }
  if (isWritable && (vma.vmFlags & VM_WRITE) === 0) {
    sink.add("leaf-rights", "writable in a mapping that is not", place);
  }
  if (isWritable && (bits & LEAF_UFFD_WP) !== 0) {
    sink.add("leaf-rights", "writable although userfaultfd protects it", place);
  }
  if (!checkFrame(census, leaf, place)) return;
  const { frames } = world;
  const head = frames.head(val);
  const flags = frames.flags(head);
  const isPrivateAnon = (flags & FRAME_ANON) !== 0 && (vma.vmFlags & VM_SHARED) === 0;
  if (isWritable && isPrivateAnon && !frames.isAnonExclusive(val)) {
    sink.add("writable-exclusive", "writable, but the page is not AnonExclusive", place);
  }
  if (isWritable && (flags & FRAME_KSM) !== 0) {
    sink.add("leaf-rights", "a merged page is writable", place);
  }
  countMapping(census, leaf, head);
  checkRmap(census, vma, leaf.page, val, place);
}

/** False when the frame cannot be looked at any further. */
function checkFrame({ world, sink }: Census, leaf: Leaf, place: ProblemPlace): boolean {
  const { val, isPmd } = leaf;
  const { frames } = world;
  if ((frames.chunks[val >>> FRAME_CHUNK_SHIFT] ?? null) === null) {
    sink.add("leaf-frame", "there is no such frame", place);
    return false;
  }
  if ((frames.flags(val) & FRAME_FREE) !== 0) {
    sink.add("leaf-frame", "the frame is free", place);
    return false;
  }
  const isPrivate = frames.pgmapOf(val)?.type === MEMORY_DEVICE_PRIVATE;
  const isEntryPrivate = (leaf.bits & LEAF_KIND_MASK) === LEAF_DEVICE_PRIVATE;
  if (isPrivate !== isEntryPrivate) {
    sink.add("leaf-frame", "the entry's kind does not fit the frame's memory", place);
  }
  if (isPmd && (frames.head(val) !== val || frames.order(val) !== world.geometry.pmdOrder)) {
    sink.add("leaf-frame", "a leaf for a block names no folio of that size", place);
    return false;
  }
  return true;
}

function countMapping(census: Census, { mm, val, isPmd }: Leaf, head: number): void {
  if (isPmd) census.pmdMaps.add(val, 1);
  else census.pteMaps.add(val, 1);
  if (census.world.frames.order(val) === 0) return;
  let byMm = census.largeMaps.get(head);
  if (byMm === undefined) {
    byMm = new Map();
    census.largeMaps.set(head, byMm);
  }
  byMm.set(mm.mmId, (byMm.get(mm.mmId) ?? 0) + 1);
}
