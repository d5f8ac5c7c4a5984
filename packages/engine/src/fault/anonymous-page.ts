// First touch of a page of anonymous private memory. Mirrors do_anonymous_page of mm/memory.c for
// order 0; the intermediate folio orders are left out.
import {
  LEAF_PRESENT,
  LEAF_UFFD_WP,
  LEAF_WRITE,
  LEAF_YOUNG,
  type TaskStruct,
  VM_UFFD_MISSING,
  VM_WRITE,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { allocFolioFor, zeroFolio } from "../folio/folio-alloc.ts";
import { folioAddNewAnonRmap } from "../rmap/add-remove.ts";
import { anonVmaPrepare } from "../rmap/anon-vma.ts";
import { checkStableAddressSpace } from "./check-stable-address-space.ts";
import { FAULT_FLAG_WRITE, VM_FAULT_OOM } from "./fault-flags.ts";
import { handleUserfault } from "./handle-userfault.ts";
import { LEAF_FRESH_WRITABLE, setNewPte } from "./set-leaf.ts";

/**
 * Maps the zero page for a read, a fresh zeroed page for a write. Only a write makes an anon_vma.
 * `isWpMarked` says that the entry was a write-protection marker, which the new entry keeps.
 * @kernel mm/memory.c do_anonymous_page (v7.2)
 */
export function doAnonymousPage(
  world: World,
  task: TaskStruct,
  vma: VmAreaStruct,
  page: number,
  flags: number,
  isWpMarked: boolean,
): number {
  const isWrite = (flags & FAULT_FLAG_WRITE) !== 0;
  // An access that the monitor will block has made the page table by then, a write the anon_vma
  // too.
  vma.vmMm.pageTable.ensureLeafTable(page);
  if (isWrite && vma.anonVma === null) anonVmaPrepare(world, vma);
  const mm = vma.vmMm;
  const unstable = checkStableAddressSpace(mm);
  if (unstable !== 0) return unstable;
  if ((vma.vmFlags & VM_UFFD_MISSING) !== 0) return handleUserfault(world, vma, page);
  const wp = isWpMarked ? LEAF_UFFD_WP : 0;
  if (!isWrite) {
    world.recorder?.note("anon-zero-page", mm.mmId, page, 1);
    setNewPte(world, mm.pageTable, page, LEAF_PRESENT | LEAF_YOUNG | wp, world.zeroPfn);
    return 0;
  }
  const pfn = allocFolioFor(world, task, vma, 0);
  if (pfn === 0) return VM_FAULT_OOM;
  zeroFolio(world, pfn);
  folioAddNewAnonRmap(world, pfn, vma, page);
  world.recorder?.note("anon-new-page", mm.mmId, page, 1);
  const isWritable = (vma.vmFlags & VM_WRITE) !== 0 && !isWpMarked;
  const bits = isWritable ? LEAF_FRESH_WRITABLE : (LEAF_FRESH_WRITABLE & ~LEAF_WRITE) | wp;
  setNewPte(world, mm.pageTable, page, bits, pfn);
  return 0;
}
