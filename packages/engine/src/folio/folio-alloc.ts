// Allocating and freeing folios of system memory, and filling them.
// Mirrors mm/page_alloc.c and mm/mempolicy.c as far as placement goes.
import {
  EFFORT_FOLIO_ALLOC,
  EFFORT_FOLIO_FREE,
  EFFORT_PAGE_COPY,
  EFFORT_PAGE_ZERO,
  FRAME_CHUNK_SIZE,
  FRAME_ORDER_MASK,
  FRAME_PINNED,
  FRAME_SWAPCACHE,
  FRAME_TAIL,
  invariant,
  MPOL_BIND,
  type Mempolicy,
  type TaskStruct,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { folioMapcount, largeRecord } from "./folio-count.ts";
import { placeOf } from "./place.ts";

const FRAME_INDEX = FRAME_CHUNK_SIZE - 1;

/** The node where a task's new page of a VMA goes first. */
export function policyNode(world: World, task: TaskStruct, vma: VmAreaStruct | null): number {
  const policy = vma?.vmPolicy ?? task.mempolicy;
  return policy?.nodes[0] ?? world.cpuNode(task.cpu);
}

/**
 * Allocates a folio where the policy of the VMA, else of the task, wants it.
 * @returns the head pfn, or 0 when no memory is left where it may go.
 * @kernelpart mm/mempolicy.c vma_alloc_folio (v7.2) also answers for tasks without a VMA
 */
export function allocFolioFor(
  world: World,
  task: TaskStruct,
  vma: VmAreaStruct | null,
  order: number,
): number {
  return allocFolioByPolicy(world, task, vma?.vmPolicy ?? null, order);
}

/**
 * Allocates a folio where the policy, or without one the task's, wants it.
 * @returns the head pfn, or 0 when no memory is left where it may go.
 * @kernelpart mm/mempolicy.c folio_alloc_mpol (v7.2) without cpusets and watermarks
 */
export function allocFolioByPolicy(
  world: World,
  task: TaskStruct,
  own: Mempolicy | null,
  order: number,
): number {
  const policy = own ?? task.mempolicy;
  if (policy === null) return allocFolio(world, order, world.cpuNode(task.cpu));
  if (policy.mode === MPOL_BIND) return allocBound(world, order, policy);
  return allocFolio(world, order, policy.nodes[0] ?? world.cpuNode(task.cpu));
}

function allocBound(world: World, order: number, policy: Mempolicy): number {
  for (const node of policy.nodes) {
    const head = allocOn(world, order, node);
    if (head !== 0) return head;
  }
  return 0;
}

/**
 * Allocates a folio on a node, or on the next one with room. Content is left as it was.
 * @returns the head pfn, or 0 when no node has a block of that order.
 */
export function allocFolio(world: World, order: number, node: number): number {
  const head = allocOn(world, order, node);
  if (head !== 0) return head;
  for (let other = 0; other < world.buddies.length; other++) {
    if (other === node) continue;
    const found = allocOn(world, order, other);
    if (found !== 0) return found;
  }
  return 0;
}

function allocOn(world: World, order: number, node: number): number {
  const head = world.buddies[node]?.alloc(order) ?? 0;
  if (head === 0) return 0;
  world.effort.add(EFFORT_FOLIO_ALLOC, 1, order, 0, node);
  if (order > 0) prepareLargeFolio(world, head, order);
  return head;
}

/** Marks the pages of a block as one large folio with a fresh record. */
export function prepareLargeFolio(world: World, head: number, order: number): void {
  const chunk = world.frames.ownChunkOf(head);
  const first = head & FRAME_INDEX;
  const end = first + (1 << order);
  chunk.flags.fill(order | FRAME_TAIL, first, end);
  chunk.flags[first] = order;
  chunk.mapcount.fill(0, first, end);
  chunk.extraRefs.fill(0, first, end);
  chunk.rmapOwner[first] = 0;
  chunk.rmapIndex[first] = 0;
  chunk.rmapOwner[first + 1] = world.largeFolios.alloc();
}

/** Clears the content of every page of the folio. */
export function zeroFolio(world: World, head: number): void {
  const chunk = world.frames.ownChunkOf(head);
  const first = head & FRAME_INDEX;
  const nrPages = 1 << ((chunk.flags[first] as number) & FRAME_ORDER_MASK);
  if (nrPages === 1) chunk.content[first] = 0;
  else chunk.content.fill(0, first, first + nrPages);
  world.effort.add(EFFORT_PAGE_ZERO, nrPages, 0, 0, placeOf(world, head));
}

/** Copies one page's content. */
export function copyPageContent(world: World, dstPfn: number, srcPfn: number): void {
  world.frames.setContent(dstPfn, world.frames.content(srcPfn));
  world.effort.add(EFFORT_PAGE_COPY, 1, 0, placeOf(world, srcPfn), placeOf(world, dstPfn));
}

/** Copies the content of a whole folio into one of at least the same size. */
export function copyFolioContent(world: World, dstHead: number, srcHead: number): void {
  const src = world.frames.chunkOf(srcHead);
  const first = srcHead & FRAME_INDEX;
  const nrPages = 1 << ((src.flags[first] as number) & FRAME_ORDER_MASK);
  const dst = world.frames.ownChunkOf(dstHead);
  dst.content.set(src.content.subarray(first, first + nrPages), dstHead & FRAME_INDEX);
  world.effort.add(EFFORT_PAGE_COPY, nrPages, 0, placeOf(world, srcHead), placeOf(world, dstHead));
}

/** Takes references that are no mappings. */
export function folioGet(world: World, head: number, count = 1): void {
  world.frames.addExtraRefs(head, count);
}

/** Drops references that are no mappings; the last one frees the folio. */
export function folioPut(world: World, head: number, count = 1): void {
  if (world.frames.addExtraRefs(head, -count) === 0) folioReleaseIfUnused(world, head);
}

/** Frees the folio when nothing maps or references it any more. */
export function folioReleaseIfUnused(world: World, head: number): void {
  if (world.frames.extraRefs(head) !== 0 || folioMapcount(world, head) !== 0) return;
  freeFolio(world, head);
}

/**
 * Gives the folio back to its node, or to its driver.
 * @kernelpart mm/swap.c __folio_put (v7.2) frees at once; there are no per-CPU batches
 */
export function freeFolio(world: World, head: number): void {
  const { frames } = world;
  const chunk = frames.ownChunkOf(head);
  const first = head & FRAME_INDEX;
  const flags = chunk.flags[first] as number;
  const isInUse = (flags & (FRAME_PINNED | FRAME_SWAPCACHE)) !== 0;
  if (isInUse) invariant(false, `folio ${head} is still in use`);
  const order = flags & FRAME_ORDER_MASK;
  if (world.lastCpupid.size > 0) world.lastCpupid.delete(head);
  if (world.activeFolios.size > 0) world.activeFolios.delete(head);
  world.effort.add(EFFORT_FOLIO_FREE, 1, order, placeOf(world, head));
  const { pgmap } = chunk;
  if (pgmap !== null) {
    pgmap.ops.folioFree(head, order);
    return;
  }
  if (order > 0) {
    world.largeFolios.free(largeRecord(world, head));
    chunk.flags.fill(0, first, first + (1 << order));
    chunk.rmapOwner[first + 1] = 0;
  }
  (world.buddies[chunk.node] as NonNullable<(typeof world.buddies)[number]>).free(head, order);
}
