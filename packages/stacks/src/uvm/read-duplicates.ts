// Read duplication: a GPU that reads a page gets a copy in its own memory while the page stays
// where it is, and nobody may write. A write ends all copies (read duplication in uvm_va_block.c).
// UVM enters the CPU's mapping itself; here a reference makes the kernel copy the page when a CPU
// writes it, and the notifier tells of that: one copy more than UVM makes.
import {
  APERTURE_LOCAL,
  EFFORT_PTE_SET,
  EFFORT_TLB_FLUSH,
  FRAME_ANON,
  FRAME_ANON_EXCLUSIVE,
  LEAF_PRESENT,
  LEAF_PROTNONE,
  LEAF_WRITE,
  leafKind,
  LEAF_TABLE,
  MMU_NOTIFY_PROTECTION_PAGE,
  PCI_P2PDMA_MAP_NONE,
} from "@faultline/core";
import {
  copyPageContent,
  folioGet,
  folioPut,
  mmuNotifierInvalidateRangeEnd,
  mmuNotifierInvalidateRangeStart,
  type Path,
} from "@faultline/engine";
import type { DeviceMirror } from "../device/device-mirror.ts";
import { UVM_ID_CPU } from "./select-residency.ts";
import type { FrameRegion } from "./gpu-chunks.ts";
import type { UvmStack } from "./uvm-stack.ts";
import type { UvmVaBlock } from "./uvm-va-block.ts";
import type { UvmVaSpace } from "./uvm-va-space.ts";

/**
 * Gives a GPU a copy of a page that is elsewhere.
 * @returns false when that cannot be: the page is large, shared with somebody unknown, changing
 * right now, or the GPU has no room.
 */
export function duplicatePage(
  stack: UvmStack,
  mirror: DeviceMirror,
  block: UvmVaBlock,
  page: number,
): boolean {
  const { world } = stack.system;
  const { space } = block;
  const { processor, pfn, isAway } = block.homeOf(page);
  if (processor === null || processor === stack.processor || isAway) return false;
  const isChanging = mirror.mm.notifierSubscriptions?.readBegin(mirror.notifier) === -1;
  if (isChanging || !canBeShared(space, page, pfn)) return false;
  const copy = stack.chunks.take(stack.attached, 0);
  if (copy === 0) return false;
  // Memory that CPUs reach coherently is theirs to write, too.
  if (leafKind(mirror.mm.pageTable.bits(page)) === LEAF_PRESENT) protectFromCpu(space, page, pfn);
  if (processor !== UVM_ID_CPU) protectFromHolder(space, page, processor);
  folioGet(world, copy);
  copyPageContent(world, copy, pfn);
  mirror.mapRun(page, 1, localPath(copy), { writable: false, atomic: false });
  mirror.duplicates.set(page, copy);
  stack.stats.read_duplicates++;
  const destination = stack.processor;
  stack.emit({ type: "ReadDuplicate", processor, destination, page, nrPages: 1 });
  return true;
}

/** Ends the copies that one GPU has of pages in `[start, end)`. */
export function dropDuplicatesOf(
  space: UvmVaSpace,
  stack: UvmStack,
  mirror: DeviceMirror,
  start: number,
  end: number,
): void {
  const { duplicates } = mirror;
  if (duplicates.size === 0) return;
  for (const [page, copy] of duplicates) {
    if (page < start || page >= end) continue;
    duplicates.delete(page);
    mirror.unmap(page, 1);
    folioPut(stack.system.world, copy);
    stack.emit({
      type: "ReadDuplicateInvalidate",
      processor: stack.processor,
      page,
      nrPages: 1,
    });
    const isLast = space.gpus.every((gpu) => !gpu.mirror.duplicates.has(page));
    if (isLast) release(space, page);
  }
}

/** Ends the copies that all GPUs have of pages in `[start, end)`. */
export function dropDuplicates(space: UvmVaSpace, start: number, end: number): void {
  for (const { stack, mirror } of space.gpus) dropDuplicatesOf(space, stack, mirror, start, end);
}

/** Ends the copies in memory that is about to be emptied. */
export function dropDuplicatesIn(stack: UvmStack, { first, nrPages }: FrameRegion): void {
  const end = first + nrPages;
  for (const space of stack.driver.allSpaces()) {
    const mirror = space.mirrorOf(stack);
    for (const [page, copy] of mirror?.duplicates ?? []) {
      if (mirror === undefined || copy < first || copy >= end) continue;
      dropDuplicatesOf(space, stack, mirror, page, page + 1);
    }
  }
}

/** A single anonymous page that nobody else holds, mapped by a PTE that is no NUMA hint. */
function canBeShared({ driver, mm, heldPages }: UvmVaSpace, page: number, pfn: number): boolean {
  const { frames } = driver.system.world;
  if (leafKind(mm.pageTable.slotBits(page)) !== LEAF_TABLE) return false;
  const bits = mm.pageTable.bits(page);
  if (leafKind(bits) === LEAF_PRESENT && (bits & LEAF_PROTNONE) !== 0) return false;
  const isSmall = frames.head(pfn) === pfn && frames.order(pfn) === 0;
  if (!isSmall || (frames.flags(pfn) & FRAME_ANON) === 0) return false;
  return heldPages.get(page) === pfn || frames.extraRefs(pfn) === 0;
}

/** The CPU's entry becomes read-only; who writes next copies the page, which ends the copies. */
function protectFromCpu({ driver, mm, heldPages }: UvmVaSpace, page: number, pfn: number): void {
  const { world } = driver.system;
  if (heldPages.get(page) === pfn) return;
  const bits = mm.pageTable.bits(page);
  if ((bits & LEAF_WRITE) !== 0) {
    const event = MMU_NOTIFY_PROTECTION_PAGE;
    const range = mmuNotifierInvalidateRangeStart(world, mm, event, page, page + 1);
    mm.pageTable.set(page, bits & ~LEAF_WRITE, pfn);
    world.effort.add(EFFORT_PTE_SET, 1);
    world.effort.add(EFFORT_TLB_FLUSH, 1, 0, mm.cpumask);
    mmuNotifierInvalidateRangeEnd(range);
  }
  world.frames.clearFlags(pfn, FRAME_ANON_EXCLUSIVE);
  folioGet(world, pfn);
  heldPages.set(page, pfn);
}

/** The GPU that has the page may read it again, but not write it. */
function protectFromHolder(space: UvmVaSpace, page: number, processor: number): void {
  const gpu = space.gpus.find(({ stack }) => stack.processor === processor);
  if (gpu?.mirror.lookup(page)?.writable === true) gpu.mirror.unmap(page, 1);
}

function release({ driver, heldPages }: UvmVaSpace, page: number): void {
  const pfn = heldPages.get(page);
  if (pfn === undefined) return;
  heldPages.delete(page);
  folioPut(driver.system.world, pfn);
}

function localPath(pfn: number): Path {
  return {
    rule: "path-local",
    aperture: APERTURE_LOCAL,
    pfn,
    initiator: null,
    mapType: PCI_P2PDMA_MAP_NONE,
    route: null,
  };
}
