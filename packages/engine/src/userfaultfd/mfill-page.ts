// Filling one absent page on behalf of a userfaultfd monitor. Mirrors mfill_atomic_pte of
// mm/userfaultfd.c and shmem_mfill_atomic_pte of mm/shmem.c.
import {
  type AddressSpace,
  EEXIST,
  EFAULT,
  EFFORT_PAGE_COPY,
  EFFORT_PTE_SET,
  ENOMEM,
  LEAF_DIRTY,
  LEAF_MARKER,
  LEAF_NONE,
  LEAF_PRESENT,
  LEAF_UFFD_WP,
  LEAF_WRITE,
  LEAF_YOUNG,
  leafKind,
  MARKER_GUARD,
  MARKER_POISON,
  type TaskStruct,
  VM_SHARED,
  VM_WRITE,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { filemapAddFolio } from "../file/filemap.ts";
import { allocFolioFor, freeFolio, zeroFolio } from "../folio/folio-alloc.ts";
import { placeOf } from "../folio/place.ts";
import { folioAddFileRmapPte, folioAddNewAnonRmap } from "../rmap/add-remove.ts";
import { isPmdLeaf } from "../thp/split-pmd.ts";
import type { MfillSource } from "./mfill-atomic.ts";

/**
 * Fills one page; `position` is its place among the pages asked for.
 * @returns 0; -EEXIST where something is mapped or, for shared memory, cached; -EFAULT or -ENOMEM
 * beyond the end of the file; -ENOMEM.
 * @kernel mm/userfaultfd.c mfill_atomic_pte (v7.2)
 */
export function mfillAtomicPte(
  world: World,
  task: TaskStruct,
  vma: VmAreaStruct,
  page: number,
  source: MfillSource,
  position: number,
): number {
  const table = vma.vmMm.pageTable;
  if (isPmdLeaf(table.slotBits(page))) return -EEXIST;
  table.ensureLeafTable(page);
  if (source.kind === "poison") return fillPoison(world, vma, page);
  const isShared = (vma.vmFlags & VM_SHARED) !== 0;
  if (source.kind === "zeropage" && !isShared) return fillZeroPage(world, vma, page);
  if (isShared && vma.vmFile !== null) {
    return fillShared(world, task, vma, vma.vmFile, page, source, position);
  }
  if (source.kind !== "copy") return -EFAULT;
  const pfn = newPage(world, task, vma, source, position);
  if (pfn === 0) return -ENOMEM;
  const rc = mayInstall(vma, page);
  if (rc !== 0) {
    freeFolio(world, pfn);
    return rc;
  }
  folioAddNewAnonRmap(world, pfn, vma, page);
  installPte(world, vma, page, pfn, source);
  return 0;
}

function newPage(
  world: World,
  task: TaskStruct,
  vma: VmAreaStruct,
  source: MfillSource,
  position: number,
): number {
  const pfn = allocFolioFor(world, task, vma, 0);
  if (pfn === 0) return 0;
  if (source.kind === "copy") {
    const place = placeOf(world, pfn);
    world.frames.setContent(pfn, source.tokens[position] as number);
    world.effort.add(EFFORT_PAGE_COPY, 1, 0, place, place);
  } else {
    zeroFolio(world, pfn);
  }
  return pfn;
}

/** @kernel mm/userfaultfd.c mfill_file_over_size (v7.2) */
function isBeyondFile(vma: VmAreaStruct, page: number): boolean {
  return vma.vmFile !== null && vma.indexOf(page) >= vma.vmFile.nrPages;
}

/** A page may replace nothing, a write-protection marker or poison, but no guard region. */
function mayInstall(vma: VmAreaStruct, page: number): number {
  if (isBeyondFile(vma, page)) return -EFAULT;
  const table = vma.vmMm.pageTable;
  const bits = table.bits(page);
  if (bits === LEAF_NONE) return 0;
  return leafKind(bits) === LEAF_MARKER && table.val(page) !== MARKER_GUARD ? 0 : -EEXIST;
}

/** @kernel mm/userfaultfd.c mfill_atomic_install_pte (v7.2) */
function installPte(
  world: World,
  vma: VmAreaStruct,
  page: number,
  pfn: number,
  source: MfillSource,
): void {
  const isProtected = source.kind === "copy" && source.writeProtect;
  const isWritable = (vma.vmFlags & VM_WRITE) !== 0;
  const right = isProtected ? LEAF_UFFD_WP : isWritable ? LEAF_WRITE : 0;
  vma.vmMm.pageTable.set(page, LEAF_PRESENT | LEAF_YOUNG | LEAF_DIRTY | right, pfn);
  world.effort.add(EFFORT_PTE_SET, 1);
}

/** @kernel mm/userfaultfd.c mfill_atomic_pte_zeropage (v7.2) */
function fillZeroPage(world: World, vma: VmAreaStruct, page: number): number {
  const table = vma.vmMm.pageTable;
  if (isBeyondFile(vma, page)) return -EFAULT;
  if (table.bits(page) !== LEAF_NONE) return -EEXIST;
  table.set(page, LEAF_PRESENT | LEAF_YOUNG, world.zeroPfn);
  world.effort.add(EFFORT_PTE_SET, 1);
  return 0;
}

/** @kernel mm/userfaultfd.c mfill_atomic_pte_poison (v7.2) */
function fillPoison(world: World, vma: VmAreaStruct, page: number): number {
  const table = vma.vmMm.pageTable;
  if (isBeyondFile(vma, page)) return -EFAULT;
  if (table.bits(page) !== LEAF_NONE) return -EEXIST;
  table.set(page, LEAF_MARKER, MARKER_POISON);
  world.effort.add(EFFORT_PTE_SET, 1);
  return 0;
}

/**
 * A page of shared memory goes into the file first; one that is cached or swapped out already is in
 * the way even where it is not mapped.
 * @kernel mm/shmem.c shmem_mfill_atomic_pte (v7.2)
 */
function fillShared(
  world: World,
  task: TaskStruct,
  vma: VmAreaStruct,
  file: AddressSpace,
  page: number,
  source: MfillSource,
  position: number,
): number {
  const index = vma.indexOf(page);
  if (index >= file.nrPages) return -ENOMEM;
  if (file.pages.bits(index) !== LEAF_NONE) return -EEXIST;
  const pfn = newPage(world, task, vma, source, position);
  if (pfn === 0) return -ENOMEM;
  const rc = mayInstall(vma, page);
  if (rc !== 0) {
    freeFolio(world, pfn);
    return rc;
  }
  filemapAddFolio(world, file, index, pfn);
  folioAddFileRmapPte(world, pfn, vma);
  installPte(world, vma, page, pfn, source);
  return 0;
}
