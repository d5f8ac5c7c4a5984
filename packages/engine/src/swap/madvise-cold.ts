// MADV_COLD and MADV_PAGEOUT: pages that are not needed soon, or not at all. Mirrors
// madvise_cold_or_pageout_pte_range of mm/madvise.c. The LRU lists themselves are left out: a page
// is cold when its young and referenced bits are clear.
import {
  EFFORT_PTE_SET,
  EFFORT_PTE_WALK,
  EINVAL,
  FRAME_ORDER_MASK,
  FRAME_REFERENCED,
  LEAF_PRESENT,
  LEAF_TABLE,
  LEAF_YOUNG,
  leafKind,
  type TaskStruct,
  VM_HUGETLB,
  VM_LOCKED,
  VM_PFNMAP,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import {
  folioMapcount,
  folioMaybeMappedShared,
  folioNrPages,
  isZoneDevicePfn,
} from "../folio/folio-count.ts";
import { isPmdLeaf } from "../thp/split-pmd.ts";
import { splitFolio } from "../thp/split-folio.ts";
import type { Verb } from "../verb.ts";
import { forEachMappedBlock } from "./advice-walk.ts";
import {
  adviseLargeFolio,
  madviseFolioPteBatch,
  LARGE_AGAIN,
  LARGE_SKIP,
} from "./large-folio-range.ts";
import { folioDeactivate } from "../folio/mark-accessed.ts";
import { folioEvictable, folioTestLru } from "./folio-lru.ts";
import { pageoutFolio } from "./pageout-folio.ts";

/** What one walk needs to know; `reclaim` collects the folios of a block to page out. */
interface ColdWalk {
  readonly world: World;
  readonly vma: VmAreaStruct;
  readonly isPageout: boolean;
  readonly reclaim: number[];
}

/**
 * MADV_COLD or MADV_PAGEOUT on the part `[start, end)` of one VMA. Only folios that this mm alone
 * maps are touched; events come from the pages that are paged out.
 * @returns 0; -EINVAL for a VMA that is locked, hugetlb, or maps raw frames.
 * @kernelpart mm/madvise.c madvise_cold, madvise_pageout (v7.2) both advices, which differ in the
 * last step alone
 */
export function* madviseColdOrPageoutRange(
  world: World,
  _task: TaskStruct,
  vma: VmAreaStruct,
  start: number,
  end: number,
  isPageout: boolean,
): Verb {
  if ((vma.vmFlags & (VM_LOCKED | VM_PFNMAP | VM_HUGETLB)) !== 0) return -EINVAL;
  const walk: ColdWalk = { world, vma, isPageout, reclaim: [] };
  forEachMappedBlock(vma.vmMm, start, end, (from, to) => coldBlock(walk, from, to));
  return 0;
}

/** @kernel mm/madvise.c madvise_cold_or_pageout_pte_range (v7.2) */
function coldBlock(walk: ColdWalk, from: number, to: number): void {
  const { world, vma } = walk;
  const table = vma.vmMm.pageTable;
  if (isPmdLeaf(table.slotBits(from))) coldHugePmd(walk, from, to);
  if (leafKind(table.slotBits(from)) === LEAF_TABLE) {
    world.effort.add(EFFORT_PTE_WALK, to - from);
    let page = from;
    while (page < to) {
      const isPresent = leafKind(table.bits(page)) === LEAF_PRESENT;
      page += isPresent ? coldPresent(walk, page, to) : 1;
    }
  }
  for (const head of walk.reclaim.splice(0)) {
    world.recorder?.note("madvise-pageout", vma.vmMm.mmId, from, folioNrPages(world, head));
    pageoutFolio(world, head);
  }
}

/** A PMD leaf: taken whole, or its folio split when only a part is advised. */
function coldHugePmd(walk: ColdWalk, from: number, to: number): void {
  const { world, vma } = walk;
  const table = vma.vmMm.pageTable;
  const bits = table.slotBits(from);
  const head = table.slotVal(from);
  if (leafKind(bits) !== LEAF_PRESENT || head === world.hugeZeroPfn) return;
  if (folioMaybeMappedShared(world, head)) return;
  if (to - from !== table.blockPages) {
    splitFolio(world, head);
    return;
  }
  if (!walk.isPageout && (bits & LEAF_YOUNG) !== 0) {
    table.setSlot(from, bits & ~LEAF_YOUNG, head);
    world.effort.add(EFFORT_PTE_SET, 1);
  }
  deactivate(walk, head);
}

/** One present entry, or all entries of a large folio. Returns how many entries are dealt with. */
function coldPresent(walk: ColdWalk, page: number, end: number): number {
  const { world, vma } = walk;
  const { frames } = world;
  const table = vma.vmMm.pageTable;
  const pfn = table.val(page);
  if (pfn === world.zeroPfn || isZoneDevicePfn(world, pfn)) return 1;
  const head = frames.head(pfn);
  let nr = 1;
  if ((frames.flags(head) & FRAME_ORDER_MASK) !== 0) {
    nr = madviseFolioPteBatch(world, table, page, end, head);
    const verdict = adviseLargeFolio(world, vma, page, head, nr);
    if (verdict === LARGE_AGAIN) return 0;
    if (verdict === LARGE_SKIP) return nr;
  }
  if (folioMapcount(world, head) !== folioNrPages(world, head)) return nr;
  if (!folioTestLru(world, head)) return nr;
  for (let i = 0; i < nr && !walk.isPageout; i++) {
    const bits = table.bits(page + i);
    if ((bits & LEAF_YOUNG) === 0) continue;
    table.set(page + i, bits & ~LEAF_YOUNG, pfn + i);
    world.effort.add(EFFORT_PTE_SET, 1);
  }
  deactivate(walk, head);
  return nr;
}

/** Forgets that the folio was used, and queues it for reclaim when it is to be paged out. */
function deactivate(walk: ColdWalk, head: number): void {
  const { world } = walk;
  if (walk.isPageout) world.frames.clearFlags(head, FRAME_REFERENCED);
  else folioDeactivate(world, head);
  if (walk.isPageout && folioEvictable(world, head)) walk.reclaim.push(head);
}
