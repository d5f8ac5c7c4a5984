// PG_mlocked as mappings by locked VMAs come and go. Mirrors mlock_vma_folio of mm/internal.h. The
// kernel's lock counts are left out: the last change wins, and every reader asks the VMA as well.
import {
  FRAME_MLOCKED,
  FRAME_ORDER_MASK,
  VM_LOCKED,
  type VmAreaStruct,
  type World,
} from "@faultline/core";

/**
 * A locked VMA has mapped the folio. Large folios are not marked: they may reach beyond the VMA.
 * @kernel mm/internal.h mlock_vma_folio (v7.2)
 */
export function mlockVmaFolio(world: World, vma: VmAreaStruct, head: number): void {
  if ((vma.vmFlags & VM_LOCKED) === 0) return;
  if ((world.frames.flags(head) & FRAME_ORDER_MASK) !== 0) return;
  world.frames.addFlags(head, FRAME_MLOCKED);
}

/**
 * A locked VMA has lost a mapping of the folio.
 * @kernel mm/internal.h munlock_vma_folio (v7.2)
 */
export function munlockVmaFolio(world: World, vma: VmAreaStruct, head: number): void {
  if ((vma.vmFlags & VM_LOCKED) !== 0) world.frames.clearFlags(head, FRAME_MLOCKED);
}
