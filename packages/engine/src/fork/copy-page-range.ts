// Sharing a parent's pages with its child, entry by entry. Mirrors mm/memory.c copy_page_range and
// mm/huge_memory.c copy_huge_pmd. The caller has announced the change to the parent's notifiers.
import {
  EFFORT_PTE_SET,
  EFFORT_PTE_WALK,
  EFFORT_TABLE_ALLOC,
  FRAME_ANON,
  FRAME_ANON_EXCLUSIVE,
  FRAME_CHUNK_SHIFT,
  FRAME_CHUNK_SIZE,
  FRAME_ORDER_MASK,
  FRAME_PINNED,
  LEAF_KIND_MASK,
  LEAF_NONE,
  LEAF_PRESENT,
  LEAF_TABLE,
  LEAF_UFFD_WP,
  LEAF_WRITE,
  LEAF_YOUNG,
  leafKind,
  type TaskStruct,
  type VmAreaStruct,
  VM_HUGETLB,
  VM_UFFD_WP,
  type World,
} from "@faultline/core";
import { isPmdLeaf, splitHugePmd } from "../thp/split-pmd.ts";
import { copyHugePmd } from "./copy-huge-leaf.ts";
import { copyNonpresentPte, COPY_NO_MEMORY } from "./copy-nonpresent-leaf.ts";
import { copyPresentPage } from "./copy-pinned-page.ts";
import { folioDupRmapPte } from "../rmap/add-remove.ts";

const FRAME_INDEX = FRAME_CHUNK_SIZE - 1;
/** Below this a mapping count is sure to fit its column. */
const MAPCOUNT_SIMPLE = 0xfff0;
const NOT_SIMPLE = FRAME_ORDER_MASK | FRAME_PINNED;
const NO_COLUMN = new Uint16Array(0);

/** What a copy needs to know besides the two VMAs. */
export interface ForkCopy {
  readonly world: World;
  readonly task: TaskStruct;
  readonly child: VmAreaStruct;
  readonly parent: VmAreaStruct;
}

/**
 * Copies the entries of one VMA. Private pages become read-only and shared on both sides.
 * @returns false when memory ran out.
 */
export function copyPageRange(copy: ForkCopy): boolean {
  const { world, parent } = copy;
  const table = parent.vmMm.pageTable;
  const end = parent.vmEnd;
  let page = parent.vmStart;
  while (page < end) {
    if (!table.hasPmdTable(page)) {
      const span = table.pmdTableSpan();
      page = Math.min(end, (Math.floor(page / span) + 1) * span);
      continue;
    }
    const stop = Math.min(end, table.blockStart(page) + table.blockPages);
    const isHugetlb = (parent.vmFlags & VM_HUGETLB) !== 0;
    if (isHugetlb) copy.child.vmMm.pageTable.ensurePmdTable(page);
    if (isPmdLeaf(table.slotBits(page)) && !copyHugePmd(copy, page)) {
      if (isHugetlb) return false;
      splitHugePmd(world, parent, page, true);
    }
    if (leafKind(table.slotBits(page)) === LEAF_TABLE && !copyTable(copy, page, stop)) return false;
    page = stop;
  }
  return true;
}

/** @kernel mm/memory.c copy_pte_range (v7.2) */
function copyTable(copy: ForkCopy, from: number, to: number): boolean {
  const { world, child, parent } = copy;
  const { tables } = world;
  const isCow = parent.isCowMapping;
  const srcTable = parent.vmMm.pageTable.leafTable(from);
  const isNewTable = child.vmMm.pageTable.leafTable(from) === 0;
  const dstTable = child.vmMm.pageTable.ensureLeafTable(from);
  const first = parent.vmMm.pageTable.indexInBlock(from);
  const src = tables.ownChunkOf(srcTable);
  const dst = tables.ownChunkOf(dstTable);
  const srcBase = tables.baseOf(srcTable) + first;
  const dstBase = tables.baseOf(dstTable) + first;
  const keepUffd = (child.vmFlags & VM_UFFD_WP) !== 0 ? 0xff : 0xff & ~LEAF_UFFD_WP;
  // The child has not used the page yet, whatever its parent did.
  const cowMask = (isCow ? keepUffd & ~LEAF_WRITE : keepUffd) & ~LEAF_YOUNG;
  const nrPages = to - from;
  const { zeroPfn, frames } = world;
  const { bits: srcBits, val: srcVal } = src;
  const { bits: dstBits, val: dstVal } = dst;
  let frameFlags: Uint16Array = NO_COLUMN;
  let mapcounts: Uint16Array = NO_COLUMN;
  let frameChunkIndex = -1;
  let nrSet = 0;
  for (let i = 0; i < nrPages; i++) {
    const bits = srcBits[srcBase + i] as number;
    if (bits === LEAF_NONE) continue;
    const val = srcVal[srcBase + i] as number;
    nrSet++;
    if ((bits & LEAF_KIND_MASK) !== LEAF_PRESENT) {
      if (copyNonpresentPte(copy, from + i, bits, val) === COPY_NO_MEMORY) return false;
      continue;
    }
    if (val === zeroPfn) {
      dstBits[dstBase + i] = bits & keepUffd;
      dstVal[dstBase + i] = val;
      continue;
    }
    const chunkIndex = val >>> FRAME_CHUNK_SHIFT;
    if (chunkIndex !== frameChunkIndex) {
      const frameChunk = frames.ownChunkOf(val);
      frameFlags = frameChunk.flags;
      mapcounts = frameChunk.mapcount;
      frameChunkIndex = chunkIndex;
    }
    const frame = val & FRAME_INDEX;
    const flags = frameFlags[frame] as number;
    const mapcount = mapcounts[frame] as number;
    // The common case: a small page without pins and with a count that fits its column.
    if ((flags & NOT_SIMPLE) === 0 && mapcount < MAPCOUNT_SIMPLE) {
      frameFlags[frame] = flags & ~FRAME_ANON_EXCLUSIVE;
      mapcounts[frame] = mapcount + 1;
    } else if (!sharePage(copy, val)) {
      if (!copyPresentPage(copy, from + i, val)) return false;
      continue;
    }
    if (isCow && (bits & LEAF_WRITE) !== 0) srcBits[srcBase + i] = bits & ~LEAF_WRITE;
    dstBits[dstBase + i] = bits & cowMask;
    dstVal[dstBase + i] = val;
  }
  world.effort.add(EFFORT_PTE_WALK, nrPages);
  world.effort.add(EFFORT_PTE_SET, nrSet);
  if (isNewTable) world.effort.add(EFFORT_TABLE_ALLOC, 1);
  return true;
}

/**
 * Adds the child's mapping of a present page and gives up AnonExclusive.
 * @returns false when the page may be pinned: the child needs a copy of its own.
 * @kernel mm/memory.c copy_present_ptes (v7.2)
 */
function sharePage(copy: ForkCopy, pfn: number): boolean {
  const { frames } = copy.world;
  const head = frames.head(pfn);
  const isAnon = (frames.flags(head) & FRAME_ANON) !== 0;
  if (isAnon && frames.isAnonExclusive(pfn) && frames.pinCount(head) > 0) return false;
  if (isAnon) frames.clearFlags(pfn, FRAME_ANON_EXCLUSIVE);
  folioDupRmapPte(copy.world, pfn, copy.child.vmMm);
  return true;
}
