// Device pages for places that had none: holes and zero pages. Mirrors mm/migrate_device.c.
import {
  EFFORT_PTE_SET,
  LEAF_DEVICE_PRIVATE,
  LEAF_DIRTY,
  LEAF_NONE,
  LEAF_PRESENT,
  LEAF_TABLE,
  LEAF_WRITE,
  LEAF_YOUNG,
  leafKind,
  type VmAreaStruct,
  VM_UFFD_MISSING,
  VM_WRITE,
  type World,
} from "@faultline/core";
import { checkStableAddressSpace } from "../fault/check-stable-address-space.ts";
import { isDevicePrivatePfn } from "../folio/folio-count.ts";
import { folioAddNewAnonRmap } from "../rmap/add-remove.ts";
import { anonVmaPrepare } from "../rmap/anon-vma.ts";
import { splitHugePmd } from "../thp/split-pmd.ts";

/**
 * The entry for an inserted page: as writable as the VMA, whatever the words say, and young where
 * the CPU can use it, because the protection of every mapping includes that.
 */
function insertedBits(world: World, vma: VmAreaStruct, pfn: number): number {
  const write = (vma.vmFlags & VM_WRITE) !== 0 ? LEAF_WRITE : 0;
  if (isDevicePrivatePfn(world, pfn)) return LEAF_DEVICE_PRIVATE | write;
  return LEAF_PRESENT | LEAF_YOUNG | write | (write === 0 ? 0 : LEAF_DIRTY);
}

/**
 * A monitor that waits for missing pages must see the fault; anonymous memory only, and none that
 * the OOM reaper is emptying.
 */
function mayInsert(vma: VmAreaStruct): boolean {
  if (checkStableAddressSpace(vma.vmMm) !== 0) return false;
  return vma.isAnonymous && (vma.vmFlags & VM_UFFD_MISSING) === 0;
}

/**
 * Maps a new device page over nothing or over the zero page.
 * @returns false when something else is there by now.
 * @kernel mm/migrate_device.c migrate_vma_insert_page (v7.2)
 */
export function migrateVmaInsertPage(
  world: World,
  vma: VmAreaStruct,
  page: number,
  pfn: number,
): boolean {
  if (!vma.isAnonymous) return false;
  const table = vma.vmMm.pageTable;
  const slot = table.slotBits(page);
  if (leafKind(slot) !== LEAF_NONE && leafKind(slot) !== LEAF_TABLE) {
    if (table.slotVal(page) !== world.hugeZeroPfn) return false;
    splitHugePmd(world, vma, page, true);
  }
  anonVmaPrepare(world, vma);
  const bits = table.bits(page);
  const isZeroPage = leafKind(bits) === LEAF_PRESENT && table.val(page) === world.zeroPfn;
  table.ensureLeafTable(page);
  if ((bits !== LEAF_NONE && !isZeroPage) || !mayInsert(vma)) return false;
  folioAddNewAnonRmap(world, pfn, vma, page);
  table.set(page, insertedBits(world, vma, pfn), pfn);
  world.effort.add(EFFORT_PTE_SET, 1);
  return true;
}

/**
 * Maps a new large device folio over an empty slot or over the huge zero folio.
 * @returns false when something else is there by now.
 * @kernel mm/migrate_device.c migrate_vma_insert_huge_pmd_page (v7.2)
 */
export function migrateVmaInsertHugePmdPage(
  world: World,
  vma: VmAreaStruct,
  page: number,
  head: number,
): boolean {
  if (!vma.isAnonymous) return false;
  anonVmaPrepare(world, vma);
  const table = vma.vmMm.pageTable;
  const slot = table.slotBits(page);
  const isZero = leafKind(slot) === LEAF_PRESENT && table.slotVal(page) === world.hugeZeroPfn;
  if ((leafKind(slot) !== LEAF_NONE && !isZero) || !mayInsert(vma)) return false;
  folioAddNewAnonRmap(world, head, vma, page);
  table.setSlot(page, insertedBits(world, vma, head), head);
  world.effort.add(EFFORT_PTE_SET, 1, world.geometry.pmdOrder);
  return true;
}
