// Faults on file and shared memory. Mirrors do_fault of mm/memory.c and shmem_fault. Writeback and
// page locks of the cache are left out: the modelled files live in memory.
import {
  type AddressSpace,
  FRAME_DIRTY,
  invariant,
  LEAF_DIRTY,
  LEAF_NONE,
  LEAF_PRESENT,
  LEAF_UFFD_WP,
  LEAF_WRITE,
  LEAF_YOUNG,
  leafKind,
  type TaskStruct,
  VM_SHARED,
  VM_WRITE,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { filemapAddPage, filemapGetPage } from "../file/filemap.ts";
import { doSetPmd, wholeFolioStart } from "../file/map-large-folio.ts";
import { allocFolioFor, copyPageContent } from "../folio/folio-alloc.ts";
import { folioNrPages } from "../folio/folio-count.ts";
import { folioAddNewAnonRmap } from "../rmap/add-remove.ts";
import { anonVmaPrepare } from "../rmap/anon-vma.ts";
import { mapFilePage } from "./map-file-page.ts";
import { doFaultAround } from "./fault-around.ts";
import { checkStableAddressSpace } from "./check-stable-address-space.ts";
import { FAULT_FLAG_WRITE, VM_FAULT_OOM, VM_FAULT_SIGBUS } from "./fault-flags.ts";
import { handleUserfault, userfaultfdMissing } from "./handle-userfault.ts";
import { setNewPte } from "./set-leaf.ts";
import { userfaultfdArmed } from "../userfaultfd/predicates.ts";

/** Results of `fileFault` below this are VM_FAULT_* bits negated; others are page frames. */
type PfnOrFault = number;

/**
 * Maps a page of the file, or a private copy of it for a write to a private mapping.
 * @kernel mm/memory.c do_fault (v7.2)
 */
export function doFault(
  world: World,
  task: TaskStruct,
  vma: VmAreaStruct,
  page: number,
  flags: number,
  isWpMarked: boolean,
): number {
  const isWrite = (flags & FAULT_FLAG_WRITE) !== 0;
  if (isWrite && (vma.vmFlags & VM_SHARED) === 0) {
    return doCowFault(world, task, vma, page, isWpMarked);
  }
  if (!isWrite && doFaultAround(world, vma, page)) return 0;
  const pfn = fileFault(world, task, vma, page);
  if (pfn <= 0) return -pfn;
  const unstable = (vma.vmFlags & VM_SHARED) === 0 ? checkStableAddressSpace(vma.vmMm) : 0;
  if (unstable !== 0) return unstable;
  world.recorder?.note(isWrite ? "file-shared-write" : "file-read", vma.vmMm.mmId, page, 1);
  if (isWrite) world.frames.addFlags(world.frames.head(pfn), FRAME_DIRTY);
  finishFileFault(world, vma, page, pfn, isWrite, isWpMarked);
  return 0;
}

/**
 * Maps the page that a fault found, and with it the large folio it belongs to: by a leaf, or whole
 * where nothing of it is mapped yet and no monitor watches.
 * @kernel mm/memory.c finish_fault (v7.2)
 */
function finishFileFault(
  world: World,
  vma: VmAreaStruct,
  page: number,
  pfn: number,
  isWrite: boolean,
  isWpMarked: boolean,
): void {
  if (doSetPmd(world, vma, page, pfn, isWrite)) return;
  const start = userfaultfdArmed(vma) ? -1 : wholeFolioStart(world, vma, page, pfn);
  const head = world.frames.head(pfn);
  const nrPages = start < 0 ? 1 : folioNrPages(world, head);
  if (start < 0 || !isUnmapped(vma, start, nrPages)) {
    mapFilePage(world, vma, page, pfn, isWrite, isWpMarked);
    return;
  }
  for (let i = 0; i < nrPages; i++) {
    mapFilePage(world, vma, start + i, head + i, isWrite, isWpMarked);
  }
}

function isUnmapped(vma: VmAreaStruct, start: number, nrPages: number): boolean {
  for (let page = start; page < start + nrPages; page++) {
    if (vma.vmMm.pageTable.bits(page) !== LEAF_NONE) return false;
  }
  return true;
}

/**
 * The page frame of the file that belongs at a page number, allocated when the cache lacks it.
 * @returns a pfn, or negated VM_FAULT_* bits.
 * @kernel mm/shmem.c shmem_fault (v7.2)
 */
function fileFault(world: World, task: TaskStruct, vma: VmAreaStruct, page: number): PfnOrFault {
  const file = fileOf(vma);
  const index = vma.indexOf(page);
  if (index >= file.nrPages || file.kind === "device") return -VM_FAULT_SIGBUS;
  const cached = filemapGetPage(world, file, index);
  if (cached !== 0) return cached;
  // A page that was swapped out is not missing.
  const isMissing = leafKind(file.pages.bits(index)) === LEAF_NONE;
  if (isMissing && userfaultfdMissing(vma)) return -handleUserfault(world, vma, page);
  const added = filemapAddPage(world, task, file, index, vma);
  return added === 0 ? -VM_FAULT_OOM : added;
}

function fileOf(vma: VmAreaStruct): AddressSpace {
  if (vma.vmFile === null) invariant(false, "file fault in anonymous memory");
  return vma.vmFile;
}

/**
 * A write to an absent page of a private mapping: the copy is made at once.
 * @kernel mm/memory.c do_cow_fault (v7.2)
 */
function doCowFault(
  world: World,
  task: TaskStruct,
  vma: VmAreaStruct,
  page: number,
  isWpMarked: boolean,
): number {
  anonVmaPrepare(world, vma);
  const source = fileFault(world, task, vma, page);
  if (source <= 0) return -source;
  const unstable = checkStableAddressSpace(vma.vmMm);
  if (unstable !== 0) return unstable;
  const copy = allocFolioFor(world, task, vma, 0);
  if (copy === 0) return VM_FAULT_OOM;
  copyPageContent(world, copy, source);
  folioAddNewAnonRmap(world, copy, vma, page);
  world.recorder?.note("file-private-copy", vma.vmMm.mmId, page, 1);
  const isWritable = (vma.vmFlags & VM_WRITE) !== 0 && !isWpMarked;
  const right = isWritable ? LEAF_WRITE : isWpMarked ? LEAF_UFFD_WP : 0;
  const bits = LEAF_PRESENT | LEAF_YOUNG | LEAF_DIRTY | right;
  setNewPte(world, vma.vmMm.pageTable, page, bits, copy);
  return 0;
}
