// Marking the folios of a locked VMA. Mirrors mm/mlock.c mlock_pte_range. Lock counts and the
// unevictable list are left out: nothing here is reclaimed behind a user's back.
import {
  EFFORT_PTE_WALK,
  FRAME_MLOCKED,
  LEAF_PRESENT,
  LEAF_TABLE,
  leafKind,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { folioNrPages, isZoneDevicePfn } from "../folio/folio-count.ts";

/**
 * Marks or unmarks the system folios that `[start, end)` of the VMA maps. Large folios mapped by
 * PTEs are not marked, because they may reach beyond the locked range.
 * @kernel mm/mlock.c mlock_vma_pages_range (v7.2)
 */
export function mlockVmaPagesRange(
  world: World,
  vma: VmAreaStruct,
  start: number,
  end: number,
  isLocked: boolean,
): void {
  const table = vma.vmMm.pageTable;
  let page = start;
  while (page < end) {
    const stop = Math.min(end, table.blockStart(page) + table.blockPages);
    const kind = leafKind(table.slotBits(page));
    if (kind === LEAF_TABLE) {
      world.effort.add(EFFORT_PTE_WALK, stop - page);
      for (let at = page; at < stop; at++) {
        if (leafKind(table.bits(at)) !== LEAF_PRESENT) continue;
        markFolio(world, table.val(at), isLocked, false);
      }
    } else if (kind === LEAF_PRESENT) {
      markFolio(world, table.slotVal(page), isLocked, true);
    }
    page = stop;
  }
}

function markFolio(world: World, pfn: number, isLocked: boolean, isPmd: boolean): void {
  if (pfn === world.zeroPfn || pfn === world.hugeZeroPfn || isZoneDevicePfn(world, pfn)) return;
  const head = world.frames.head(pfn);
  if (!isLocked) world.frames.clearFlags(head, FRAME_MLOCKED);
  else if (isPmd || folioNrPages(world, head) === 1) world.frames.addFlags(head, FRAME_MLOCKED);
}
