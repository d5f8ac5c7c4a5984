// Reading one page back from swap. Mirrors the swap branch of do_swap_page (mm/memory.c) for a
// synchronous device, which needs no readahead.
import {
  EFFORT_PLACE_SWAP,
  EFFORT_PTE_SET,
  EFFORT_SWAP_IO,
  FRAME_KSM,
  FRAME_SWAPCACHE,
  invariant,
  LEAF_DIRTY,
  LEAF_EXCLUSIVE,
  LEAF_PRESENT,
  LEAF_UFFD_WP,
  LEAF_WRITE,
  LEAF_YOUNG,
  PGMAJFAULT,
  type TaskStruct,
  VM_WRITE,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { allocFolioFor, folioGet, folioPut } from "../folio/folio-alloc.ts";
import { folioIsAnon, folioRefCount } from "../folio/folio-count.ts";
import { placeOf } from "../folio/place.ts";
import { folioAddAnonRmapPte, folioAddNewAnonRmap } from "../rmap/add-remove.ts";
import { anonVmaPrepare } from "../rmap/anon-vma.ts";
import { countSwapIn } from "../swap/count-swap.ts";
import { folioFreeSwap, swapCacheAddFolio, swapFree } from "../swap/swap-cache.ts";
import { FAULT_FLAG_WRITE, VM_FAULT_OOM } from "./fault-flags.ts";
import { userfaultfdPteWp } from "./handle-userfault.ts";
import { doWpPage } from "./wp-page.ts";

/**
 * Maps the page of a swap slot, reading it unless the swap cache has it. A page that the
 * entry knows to be this mm's alone becomes writable at once, even for a read; any other one stays
 * read-only, because the swap cache still holds it when that is decided.
 * @kernelpart mm/memory.c do_swap_page (v7.2) the branch of a swap entry, up to the folio that is
 * mapped
 */
export function swapIn(
  world: World,
  task: TaskStruct,
  vma: VmAreaStruct,
  page: number,
  flags: number,
  entry: number,
  slot: number,
): number {
  const { frames, swap } = world;
  if (swap === null) invariant(false, "swap entry without a swap device");
  anonVmaPrepare(world, vma);
  let pfn = swap.cachedPfn[slot] as number;
  if (pfn === 0) pfn = readSlot(world, task, vma, slot);
  if (pfn === 0) return VM_FAULT_OOM;
  const head = frames.head(pfn);
  folioGet(world, head);
  world.recorder?.note("swap-in", vma.vmMm.mmId, page, 1);
  // The swap cache still holds its reference here: a slot that was ever shared gives a read-only
  // page, even when its other users are gone.
  const isKsm = (frames.flags(head) & FRAME_KSM) !== 0;
  const isSole = (entry & LEAF_EXCLUSIVE) !== 0 || folioRefCount(world, head) === 1;
  const isExclusive = !isKsm && isSole;
  let bits = LEAF_PRESENT | LEAF_YOUNG | (entry & LEAF_UFFD_WP);
  if (isExclusive && (vma.vmFlags & VM_WRITE) !== 0 && !userfaultfdPteWp(vma, bits)) {
    bits |= LEAF_WRITE;
    if ((flags & FAULT_FLAG_WRITE) !== 0) bits |= LEAF_DIRTY;
  }
  mapSwappedPage(world, vma, page, pfn, isExclusive);
  swapFree(world, slot, 1);
  // Nobody else has an entry for the slot: the cache would only keep the slot busy.
  if ((frames.flags(head) & FRAME_SWAPCACHE) !== 0) folioFreeSwap(world, head);
  folioPut(world, head);
  const { pageTable } = vma.vmMm;
  pageTable.set(page, bits, pfn);
  world.effort.add(EFFORT_PTE_SET, 1);
  if ((flags & FAULT_FLAG_WRITE) === 0 || (bits & LEAF_WRITE) !== 0) return 0;
  return doWpPage(world, task, vma, page, flags, pageTable.leafTable(page), bits, pfn);
}

/** A new page with the slot's content, in the swap cache; 0 when no memory is left. */
function readSlot(world: World, task: TaskStruct, vma: VmAreaStruct, slot: number): number {
  const pfn = allocFolioFor(world, task, vma, 0);
  if (pfn === 0) return 0;
  world.frames.setContent(pfn, world.swap?.content[slot] as number);
  world.effort.add(EFFORT_SWAP_IO, 1, 0, EFFORT_PLACE_SWAP, placeOf(world, pfn));
  countSwapIn(world, slot);
  world.vmEvents.count(PGMAJFAULT);
  swapCacheAddFolio(world, slot, pfn);
  return pfn;
}

function mapSwappedPage(
  world: World,
  vma: VmAreaStruct,
  page: number,
  pfn: number,
  isExclusive: boolean,
): void {
  const { frames } = world;
  if (folioIsAnon(world, frames.head(pfn))) {
    folioAddAnonRmapPte(world, pfn, vma, page, isExclusive);
    return;
  }
  folioAddNewAnonRmap(world, pfn, vma, page, isExclusive);
  if (!isExclusive) {
    // Other mms hold entries for the slot, so the page must be found through their common root.
    const { anonVma } = vma;
    if (anonVma !== null) frames.setRmap(pfn, anonVma.root.id, frames.rmapIndex(pfn));
  }
}
