// A fault on an entry that is not present and not empty. Mirrors do_swap_page of mm/memory.c, which
// tells the kinds apart.
import {
  invariant,
  LEAF_DEVICE_EXCLUSIVE,
  LEAF_DEVICE_PRIVATE,
  LEAF_MARKER,
  LEAF_MIGRATION,
  LEAF_NONE,
  LEAF_SWAP,
  leafKind,
  MARKER_GUARD,
  MARKER_POISON,
  type TaskStruct,
  VM_UFFD_WP,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { doAnonymousPage } from "./anonymous-page.ts";
import { devicePrivateFault } from "./device-private-page.ts";
import { faultWait, VM_FAULT_HWPOISON, VM_FAULT_SIGSEGV } from "./fault-flags.ts";
import { doFault } from "./file-fault.ts";
import { removeDeviceExclusiveEntry } from "./restore-exclusive.ts";
import { swapIn } from "./swap-in.ts";

/** @kernel mm/memory.c do_swap_page (v7.2) */
export function doSwapPage(
  world: World,
  task: TaskStruct,
  vma: VmAreaStruct,
  page: number,
  flags: number,
  bits: number,
): number {
  const val = vma.vmMm.pageTable.val(page);
  switch (leafKind(bits)) {
    case LEAF_MIGRATION:
      return faultWait(world, "migration-entry", val);
    case LEAF_DEVICE_PRIVATE:
      return devicePrivateFault(world, task, vma, page, flags, val, false);
    case LEAF_DEVICE_EXCLUSIVE:
      return removeDeviceExclusiveEntry(world, vma, page, val);
    case LEAF_SWAP:
      return swapIn(world, task, vma, page, flags, bits, val);
    case LEAF_MARKER:
      return handlePteMarker(world, task, vma, page, flags, val);
    default:
      return invariant(false, `entry ${bits} of page ${page} cannot fault`) as never;
  }
}

/** @kernel mm/memory.c handle_pte_marker (v7.2) */
function handlePteMarker(
  world: World,
  task: TaskStruct,
  vma: VmAreaStruct,
  page: number,
  flags: number,
  marker: number,
): number {
  const mm = vma.vmMm;
  if (marker === MARKER_POISON) {
    world.recorder?.note("marker-poison", mm.mmId, page, 1);
    return VM_FAULT_HWPOISON;
  }
  if (marker === MARKER_GUARD) {
    world.recorder?.note("marker-guard", mm.mmId, page, 1);
    return VM_FAULT_SIGSEGV;
  }
  if ((vma.vmFlags & VM_UFFD_WP) === 0) {
    // The VMA was unregistered meanwhile: the marker means nothing any more.
    mm.pageTable.set(page, LEAF_NONE, 0);
    return 0;
  }
  return vma.vmFile === null
    ? doAnonymousPage(world, task, vma, page, flags, true)
    : doFault(world, task, vma, page, flags, true);
}
