// Turning migration entries back into mappings, of the source or of its new place.
// Mirrors mm/migrate.c remove_migration_ptes and mm/huge_memory.c remove_migration_pmd.
import {
  EFFORT_PTE_SET,
  FRAME_DIRTY,
  FRAME_KSM,
  FRAME_MLOCKED,
  LEAF_DEVICE_PRIVATE,
  LEAF_DIRTY,
  LEAF_EXCLUSIVE,
  LEAF_MIGRATION,
  LEAF_PRESENT,
  LEAF_UFFD_WP,
  LEAF_WRITE,
  LEAF_YOUNG,
  leafKind,
  VM_LOCKED,
  VM_SHARED,
  VM_WRITE,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { vmaWantsWritenotify } from "../fault/can-change-pte-writable.ts";
import { folioIsAnon, folioNrPages, isDevicePrivatePfn } from "../folio/folio-count.ts";
import { folioAddAnonRmapPmd, folioAddAnonRmapPte, folioAddFileRmapPte } from "./add-remove.ts";
import { mlockVmaFolio } from "./mlock-folio.ts";
import {
  type FolioMapping,
  forEachMapping,
  MIGRATION_KINDS,
  onlyVma,
  pageOfHeadIn,
  rmapWalk,
} from "./walk.ts";

/** How entries are put back. */
export interface RemoveMigrationOptions {
  /** Map pages that hold only zeros to the shared zero page, as a split of a system folio does. */
  readonly useSharedZeropage?: boolean;
}

const AS_IT_IS: RemoveMigrationOptions = {};

/**
 * Replaces each migration entry that names a page of `srcHead` by a mapping of the same page of
 * `dstHead`; the two may be the same folio. `dstHead` carries the reverse mapping.
 * @kernel mm/migrate.c remove_migration_ptes (v7.2)
 */
export function removeMigrationPtes(
  world: World,
  srcHead: number,
  dstHead: number,
  { useSharedZeropage = false }: RemoveMigrationOptions = AS_IT_IS,
): void {
  if (!useSharedZeropage && restoreSingle(world, srcHead, dstHead)) return;
  restoreEverywhere(world, srcHead, dstHead, useSharedZeropage);
}

/** The short way for a page that one VMA maps, as most are. @returns false where it is none */
function restoreSingle(world: World, src: number, dst: number): boolean {
  if (folioNrPages(world, dst) > 1) return false;
  const vma = onlyVma(world, dst);
  if (vma === null) return false;
  const { pageTable } = vma.vmMm;
  const page = pageOfHeadIn(world, dst, vma);
  const bits = pageTable.bits(page);
  if (leafKind(bits) === LEAF_MIGRATION && pageTable.val(page) === src) {
    restoreMapping(world, vma, page, bits, false, dst);
  }
  return true;
}

function restoreEverywhere(
  world: World,
  srcHead: number,
  dstHead: number,
  useSharedZeropage: boolean,
): void {
  const nrPages = folioNrPages(world, dstHead);
  rmapWalk(world, dstHead, (vma, pageOfHead) => {
    forEachMapping(vma, srcHead, nrPages, pageOfHead, MIGRATION_KINDS, (mapping) => {
      const pfn = dstHead + (mapping.pfn - srcHead);
      const isZero = useSharedZeropage && isUnusedPage(world, vma, pfn);
      if (isZero && !mapping.isPmd) mapToZeroPage(world, vma, mapping);
      else restoreMapping(world, vma, mapping.page, mapping.bits, mapping.isPmd, pfn);
    });
    return true;
  });
}

/** @kernel mm/migrate.c try_to_map_unused_to_zeropage (v7.2) */
function isUnusedPage(world: World, vma: VmAreaStruct, pfn: number): boolean {
  const isLocked =
    (vma.vmFlags & VM_LOCKED) !== 0 || (world.frames.flags(pfn) & FRAME_MLOCKED) !== 0;
  return !isLocked && world.frames.content(pfn) === 0;
}

function mapToZeroPage(world: World, vma: VmAreaStruct, mapping: FolioMapping): void {
  const bits = LEAF_PRESENT | (mapping.bits & LEAF_UFFD_WP);
  vma.vmMm.pageTable.set(mapping.page, bits, world.zeroPfn);
  world.effort.add(EFFORT_PTE_SET, 1);
  world.recorder?.note("split-zero-page", vma.vmMm.mmId, mapping.page, 1);
}

/**
 * The protection of shared, writable memory gives the write right by itself, which a hinting entry
 * had lost.
 */
function writeBitOfVma(vma: VmAreaStruct, bits: number): number {
  const isShared = (vma.vmFlags & (VM_SHARED | VM_WRITE)) === (VM_SHARED | VM_WRITE);
  if (!isShared || (bits & LEAF_UFFD_WP) !== 0 || vmaWantsWritenotify(vma)) return 0;
  return LEAF_WRITE;
}

/** @kernel mm/migrate.c remove_migration_pte (v7.2) */
function restoreMapping(
  world: World,
  vma: VmAreaStruct,
  page: number,
  bits: number,
  isPmd: boolean,
  pfn: number,
): void {
  const table = vma.vmMm.pageTable;
  const flags = world.frames.flags(world.frames.head(pfn));
  const isExclusive = (bits & (LEAF_WRITE | LEAF_EXCLUSIVE)) !== 0 && (flags & FRAME_KSM) === 0;
  const isDevice = isDevicePrivatePfn(world, pfn);
  // A writable entry for system memory forgets a write protection that means nothing any more.
  const dropsWp = !isDevice && !isPmd && (bits & LEAF_WRITE) !== 0;
  const wp = dropsWp ? 0 : bits & LEAF_UFFD_WP;
  const right = (bits & LEAF_WRITE) | wp | writeBitOfVma(vma, bits);
  let leaf: number;
  if (isDevice) {
    leaf = LEAF_DEVICE_PRIVATE | right;
  } else {
    const isDirty = (bits & LEAF_DIRTY) !== 0 && (flags & FRAME_DIRTY) !== 0;
    leaf = LEAF_PRESENT | right | (bits & LEAF_YOUNG) | (isDirty ? LEAF_DIRTY : 0);
  }
  world.effort.add(EFFORT_PTE_SET, 1, isPmd ? world.geometry.pmdOrder : 0);
  if (isPmd) {
    table.setSlot(page, leaf, pfn);
    folioAddAnonRmapPmd(world, pfn, vma, page, isExclusive);
  } else {
    table.set(page, leaf, pfn);
    if (folioIsAnon(world, world.frames.head(pfn))) {
      folioAddAnonRmapPte(world, pfn, vma, page, isExclusive);
    } else {
      folioAddFileRmapPte(world, pfn, vma);
    }
    mlockVmaFolio(world, vma, world.frames.head(pfn));
  }
}
