// Joining a range with the VMAs beside it. Mirrors mm/vma.c vma_merge_new_range and
// vma_merge_existing_range.
import type { VmAreaStruct, World } from "@faultline/core";
import { khugepagedEnterVma } from "../collapse/khugepaged-slots.ts";
import { vmaAdjustTransHuge } from "../thp/thp-allowable.ts";
import { findMergeableNeighbours, VM_STICKY, type VmaMergeRequest } from "./vma-merge-rules.ts";
import { dupAnonVma, vmaDrop, vmaSetRange } from "./vma-range.ts";

/** The VMA before `start` and the VMA at or after `end`. */
function neighbours(request: VmaMergeRequest): [VmAreaStruct | null, VmAreaStruct | null] {
  const { mm, start, end } = request;
  const { vmas } = mm;
  const prev = vmas[mm.indexAtOrAfter(start) - 1] ?? null;
  const next = vmas[mm.indexAtOrAfter(end)] ?? null;
  return [prev, next];
}

/** Says that the merge happened; the larger VMA may have become worth scanning. */
function completeMerge(world: World, vma: VmAreaStruct): void {
  khugepagedEnterVma(world, vma);
  world.recorder?.note("vma-merge", vma.vmMm.mmId, vma.vmStart, vma.nrPages);
}

/**
 * Widens a neighbour over a range that no VMA covers yet.
 * @returns the widened VMA, or null when no neighbour takes the range.
 * @kernel mm/vma.c vma_merge_new_range (v7.2)
 */
export function vmaMergeNewRange(world: World, request: VmaMergeRequest): VmAreaStruct | null {
  const { prev, next } = findMergeableNeighbours(request, ...neighbours(request));
  const target = prev ?? next;
  if (target === null) return null;
  const removed = prev !== null ? next : null;
  let sticky = (request.flags | target.vmFlags) & VM_STICKY;
  if (removed !== null) {
    sticky |= removed.vmFlags & VM_STICKY;
    dupAnonVma(world, target, removed);
  }
  if (request.copiedFrom !== null) dupAnonVma(world, target, request.copiedFrom);
  const start = prev?.vmStart ?? request.start;
  const end = next?.vmEnd ?? request.end;
  const pgoff = prev?.vmPgoff ?? request.pgoff;
  if (removed !== null) vmaDrop(world, removed);
  vmaSetRange(world, target, start, end, pgoff);
  target.vmFlags |= sticky;
  completeMerge(world, target);
  return target;
}

/**
 * Moves a part of a VMA that gets new attributes into the neighbours that already have them. A new
 * boundary inside the VMA splits a PMD leaf there.
 * @returns the VMA that now holds the range, or null when no neighbour takes it.
 * @kernel mm/vma.c vma_merge_existing_range (v7.2)
 */
export function vmaMergeExistingRange(
  world: World,
  middle: VmAreaStruct,
  request: VmaMergeRequest,
): VmAreaStruct | null {
  const isLeft = request.start === middle.vmStart;
  const isRight = request.end === middle.vmEnd;
  const [before, after] = neighbours(request);
  const found = findMergeableNeighbours(request, isLeft ? before : null, isRight ? after : null);
  const { prev, next } = found;
  const target = prev ?? next;
  if (target === null) return null;
  const sticky = (request.flags | (prev?.vmFlags ?? 0) | (next?.vmFlags ?? 0)) & VM_STICKY;
  if (prev !== null && next !== null) {
    dupAnonVma(world, prev, next.anonVma !== null ? next : middle);
    vmaDrop(world, middle);
    vmaDrop(world, next);
    vmaSetRange(world, prev, prev.vmStart, next.vmEnd, prev.vmPgoff);
  } else {
    dupAnonVma(world, target, middle);
    if (prev !== null) takeFromNext(world, prev, middle, request.end);
    else takeFromPrev(world, middle, target, request.start);
  }
  target.vmFlags |= sticky;
  completeMerge(world, target);
  return target;
}

/** `prev` takes the first pages of `middle`, up to `boundary`. */
function takeFromNext(
  world: World,
  prev: VmAreaStruct,
  middle: VmAreaStruct,
  boundary: number,
): void {
  if (boundary === middle.vmEnd) {
    vmaDrop(world, middle);
  } else {
    vmaAdjustTransHuge(world, middle, boundary);
    vmaSetRange(world, middle, boundary, middle.vmEnd, middle.indexOf(boundary));
  }
  vmaSetRange(world, prev, prev.vmStart, boundary, prev.vmPgoff);
}

/** `next` takes the last pages of `middle`, from `boundary` on. */
function takeFromPrev(
  world: World,
  middle: VmAreaStruct,
  next: VmAreaStruct,
  boundary: number,
): void {
  const pgoff = middle.indexOf(boundary);
  if (boundary === middle.vmStart) {
    vmaDrop(world, middle);
  } else {
    vmaAdjustTransHuge(world, middle, boundary);
    vmaSetRange(world, middle, middle.vmStart, boundary, middle.vmPgoff);
  }
  vmaSetRange(world, next, boundary, next.vmEnd, pgoff);
}
