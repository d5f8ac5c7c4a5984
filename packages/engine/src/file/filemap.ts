// The page cache: finding, adding and removing the folios of a file. Mirrors mm/filemap.c and the
// cache side of mm/shmem.c. Each cached page holds one reference of its folio. Writeback and page
// locks are left out: the modelled files live in memory.
import {
  type AddressSpace,
  FRAME_DIRTY,
  FRAME_SWAPBACKED,
  invariant,
  LEAF_NONE,
  LEAF_PRESENT,
  LEAF_SWAP,
  leafKind,
  type Mempolicy,
  PGMAJFAULT,
  type TaskStruct,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { allocFolioByPolicy, folioReleaseIfUnused, zeroFolio } from "../folio/folio-alloc.ts";
import { folioNrPages } from "../folio/folio-count.ts";
import { shmemSwapinFolio } from "../swap/shmem-swap.ts";

/**
 * The frame that caches a page of the file.
 * @returns its pfn, or 0 when the page is not in memory.
 * @kernelpart mm/filemap.c filemap_get_entry (v7.2) answers the frame of one page, not the folio
 */
export function filemapGetPage(_world: World, file: AddressSpace, index: number): number {
  return leafKind(file.pages.bits(index)) === LEAF_PRESENT ? file.pages.val(index) : 0;
}

/**
 * The policy that places new pages of the file: shared memory has its own, files of other kinds
 * only know the task's.
 * @kernel mm/shmem.c shmem_get_pgoff_policy (v7.2)
 */
function policyOf(file: AddressSpace, index: number, vma: VmAreaStruct | null): Mempolicy | null {
  if (file.kind === "hugetlb") return vma?.vmPolicy ?? null;
  return file.isSwapBacked ? file.sharedPolicy.lookup(index) : null;
}

/**
 * Brings a page that is not cached into the cache: from swap, or zero-filled.
 * @returns its pfn, or 0 when no memory is left.
 * @kernelpart mm/shmem.c shmem_get_folio_gfp (v7.2) the allocation of a missing page, for ramfs as
 * well
 */
export function filemapAddPage(
  world: World,
  task: TaskStruct,
  file: AddressSpace,
  index: number,
  vma: VmAreaStruct | null,
): number {
  const policy = policyOf(file, index, vma);
  if (leafKind(file.pages.bits(index)) === LEAF_SWAP) {
    const pfn = shmemSwapinFolio(world, task, policy, file, index);
    // Only a fault comes with a VMA.
    if (pfn !== 0 && vma !== null) world.vmEvents.count(PGMAJFAULT);
    return pfn;
  }
  const pfn = allocFolioByPolicy(world, task, policy, 0);
  if (pfn === 0) return 0;
  zeroFolio(world, pfn);
  filemapAddFolio(world, file, index, pfn);
  return pfn;
}

/**
 * Puts a folio into the cache; its first page caches `index`.
 * @kernel mm/filemap.c filemap_add_folio (v7.2)
 */
export function filemapAddFolio(
  world: World,
  file: AddressSpace,
  index: number,
  head: number,
): void {
  const { frames } = world;
  const nrPages = folioNrPages(world, head);
  for (let i = 0; i < nrPages; i++) file.pages.set(index + i, LEAF_PRESENT, head + i);
  file.nrCached += nrPages;
  frames.addExtraRefs(head, nrPages);
  frames.setRmap(head, file.id, index);
  if (file.isSwapBacked) frames.addFlags(head, FRAME_SWAPBACKED);
}

/**
 * Takes a whole folio out of the cache. It is freed unless something still maps or references it;
 * such a folio no longer belongs to a file.
 * @kernel mm/filemap.c filemap_remove_folio (v7.2)
 */
export function filemapRemoveFolio(world: World, file: AddressSpace, head: number): void {
  const { frames } = world;
  const nrPages = folioNrPages(world, head);
  const first = frames.rmapIndex(head);
  for (let i = 0; i < nrPages; i++) {
    invariant(file.pages.val(first + i) === head + i, `frame ${head + i} caches another page`);
    file.pages.set(first + i, LEAF_NONE, 0);
  }
  file.nrCached -= nrPages;
  frames.clearFlags(head, FRAME_DIRTY);
  frames.setRmap(head, 0, 0);
  frames.addExtraRefs(head, -nrPages);
  folioReleaseIfUnused(world, head);
}
