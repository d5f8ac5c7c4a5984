// Swap for shared memory: the page cache keeps a swap entry where a page was. Mirrors
// shmem_writeout and shmem_swapin_folio of mm/shmem.c; large entries and readahead are left out.
import {
  type AddressSpace,
  EFFORT_PLACE_SWAP,
  EFFORT_SWAP_IO,
  FRAME_DIRTY,
  FRAME_SWAPBACKED,
  invariant,
  LEAF_PRESENT,
  LEAF_SWAP,
  leafKind,
  type Mempolicy,
  type TaskStruct,
  type World,
} from "@faultline/core";
import { allocFolioByPolicy, freeFolio } from "../folio/folio-alloc.ts";
import { folioNrPages } from "../folio/folio-count.ts";
import { placeOf } from "../folio/place.ts";
import { countSwapIn, countSwapOut } from "./count-swap.ts";
import { swapDevice, swapFree } from "./swap-cache.ts";

/**
 * Writes an unmapped folio of a swap-backed file to swap and frees it. Files that live in memory
 * alone (ramfs) and folios that somebody references stay.
 * @returns true when the folio is gone.
 * @kernel mm/shmem.c shmem_writeout (v7.2)
 */
export function shmemWriteout(world: World, head: number): boolean {
  const { frames, swap } = world;
  const file = world.rmapTarget(frames.rmapOwner(head));
  if (file === null || !("pages" in file) || !file.isSwapBacked || swap === null) return false;
  const nrPages = folioNrPages(world, head);
  if (frames.extraRefs(head) !== nrPages || swap.nrFree < nrPages) return false;
  const first = frames.rmapIndex(head);
  const slots: number[] = [];
  for (let i = 0; i < nrPages; i++) {
    const slot = swap.alloc();
    slots.push(slot);
    swap.addCount(slot, 1);
    swap.content[slot] = frames.content(head + i);
    file.pages.set(first + i, LEAF_SWAP, slot);
  }
  countSwapOut(world, head, slots);
  file.nrCached -= nrPages;
  frames.addExtraRefs(head, -nrPages);
  world.effort.add(EFFORT_SWAP_IO, nrPages, 0, placeOf(world, head), EFFORT_PLACE_SWAP);
  world.recorder?.note("pageout-shmem", 0, head, nrPages);
  freeFolio(world, head);
  return true;
}

/**
 * Reads the page at `index` back into the page cache, where a LEAF_SWAP entry stands for it.
 * @returns its pfn, or 0 when no memory is left.
 * @kernel mm/shmem.c shmem_swapin_folio (v7.2)
 */
export function shmemSwapinFolio(
  world: World,
  task: TaskStruct,
  policy: Mempolicy | null,
  file: AddressSpace,
  index: number,
): number {
  invariant(leafKind(file.pages.bits(index)) === LEAF_SWAP, "no swap entry in the page cache");
  const slot = file.pages.val(index);
  const pfn = allocFolioByPolicy(world, task, policy, 0);
  if (pfn === 0) return 0;
  const { frames } = world;
  frames.setContent(pfn, swapDevice(world).content[slot] as number);
  frames.addFlags(pfn, FRAME_SWAPBACKED | FRAME_DIRTY);
  frames.setRmap(pfn, file.id, index);
  frames.addExtraRefs(pfn, 1);
  file.pages.set(index, LEAF_PRESENT, pfn);
  file.nrCached++;
  world.effort.add(EFFORT_SWAP_IO, 1, 0, EFFORT_PLACE_SWAP, placeOf(world, pfn));
  countSwapIn(world, slot);
  world.recorder?.note("swap-in-shmem", 0, index, 1);
  swapFree(world, slot, 1);
  return pfn;
}

/**
 * Forgets the swap entry at `index`, as truncation and hole punching do.
 * @returns false when the page cache has no swap entry there.
 * @kernel mm/shmem.c shmem_free_swap (v7.2)
 */
export function shmemFreeSwap(world: World, file: AddressSpace, index: number): boolean {
  if (leafKind(file.pages.bits(index)) !== LEAF_SWAP) return false;
  const slot = file.pages.val(index);
  file.pages.set(index, 0, 0);
  swapFree(world, slot, 1);
  return true;
}
