// First touch of an empty block that may be huge. Mirrors do_huge_pmd_anonymous_page of
// mm/huge_memory.c. Memory control groups and deferred accounting are left out.
import {
  LEAF_DIRTY,
  LEAF_PRESENT,
  LEAF_YOUNG,
  type TaskStruct,
  THP_FAULT_ALLOC,
  THP_FAULT_FALLBACK,
  VM_UFFD_MISSING,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { khugepagedEnterVma } from "../collapse/khugepaged-slots.ts";
import { allocFolioFor, zeroFolio } from "../folio/folio-alloc.ts";
import { folioAddNewAnonRmap } from "../rmap/add-remove.ts";
import { anonVmaPrepare } from "../rmap/anon-vma.ts";
import { checkStableAddressSpace } from "./check-stable-address-space.ts";
import { FAULT_FLAG_WRITE, VM_FAULT_FALLBACK } from "./fault-flags.ts";
import { handleUserfault } from "./handle-userfault.ts";
import { maybeMkwrite, setPmdLeaf } from "./set-leaf.ts";

/**
 * Maps the huge zero folio for a read, a zeroed huge folio for a write. Both make an anon_vma.
 * @returns VM_FAULT_FALLBACK when no huge folio is to be had.
 * @kernel mm/huge_memory.c do_huge_pmd_anonymous_page (v7.2)
 */
export function doHugePmdAnonymousPage(
  world: World,
  task: TaskStruct,
  vma: VmAreaStruct,
  page: number,
  flags: number,
): number {
  anonVmaPrepare(world, vma);
  khugepagedEnterVma(world, vma);
  const mm = vma.vmMm;
  const unstable = checkStableAddressSpace(mm);
  if (unstable !== 0) return unstable;
  if ((vma.vmFlags & VM_UFFD_MISSING) !== 0) return handleUserfault(world, vma, page);
  const first = mm.pageTable.blockStart(page);
  if ((flags & FAULT_FLAG_WRITE) === 0 && world.settings.thpUseZeroPage) {
    world.recorder?.note("huge-zero-page", mm.mmId, first, world.blockPages);
    setPmdLeaf(world, mm.pageTable, first, LEAF_PRESENT | LEAF_YOUNG, world.hugeZeroPfn);
    return 0;
  }
  const head = allocNewHugeFolio(world, task, vma);
  if (head === 0) return VM_FAULT_FALLBACK;
  mapAnonFolioPmdPf(world, vma, first, head);
  world.recorder?.note("huge-new-folio", mm.mmId, first, world.blockPages);
  return 0;
}

/** A zeroed huge folio where the VMA's policy wants it, or 0 when no memory is left. */
export function allocNewHugeFolio(world: World, task: TaskStruct, vma: VmAreaStruct): number {
  const head = allocFolioFor(world, task, vma, world.geometry.pmdOrder);
  if (head === 0) world.vmEvents.count(THP_FAULT_FALLBACK);
  else zeroFolio(world, head);
  return head;
}

/**
 * Maps a fresh huge folio over the block that starts at `first`.
 * @kernel mm/huge_memory.c map_anon_folio_pmd_pf (v7.2)
 */
export function mapAnonFolioPmdPf(
  world: World,
  vma: VmAreaStruct,
  first: number,
  head: number,
): void {
  folioAddNewAnonRmap(world, head, vma, first);
  const bits = LEAF_PRESENT | LEAF_YOUNG | LEAF_DIRTY | maybeMkwrite(vma);
  setPmdLeaf(world, vma.vmMm.pageTable, first, bits, head);
  world.vmEvents.count(THP_FAULT_ALLOC);
}
