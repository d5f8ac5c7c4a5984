// The life of anon_vmas: created at the first anonymous page, inherited at fork, shared at splits.
// Mirrors mm/rmap.c. Which VMAs a reverse-mapping walk visits, and in which order, follows from it.
import {
  type AnonVma,
  type AnonVmaChain,
  EFFORT_LOCK,
  EFFORT_LOCK_RMAP,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { findMergeableAnonVma } from "./mergeable-anon-vma.ts";

function link(vma: VmAreaStruct, anonVma: AnonVma): void {
  const avc: AnonVmaChain = { vma, anonVma };
  vma.anonVmaChain.unshift(avc);
  anonVma.insert(avc);
}

/**
 * Makes sure that the VMA has an anon_vma, sharing a neighbour's when the two could merge.
 * @kernel mm/rmap.c __anon_vma_prepare (v7.2)
 */
export function anonVmaPrepare(world: World, vma: VmAreaStruct): void {
  if (vma.anonVma !== null) return;
  world.effort.add(EFFORT_LOCK, 1, 0, EFFORT_LOCK_RMAP);
  let anonVma = findMergeableAnonVma(vma);
  if (anonVma === null) {
    anonVma = world.createAnonVma(null);
    anonVma.numChildren++;
  }
  vma.anonVma = anonVma;
  link(vma, anonVma);
  anonVma.numActiveVmas++;
}

/**
 * Links `dst` to every anon_vma that `src` is linked to, for a split, a move or a merge. With
 * `forFork` the child may take over an anon_vma that its ancestors no longer use.
 * @kernel mm/rmap.c anon_vma_clone (v7.2)
 */
export function anonVmaClone(
  world: World,
  dst: VmAreaStruct,
  src: VmAreaStruct,
  forFork = false,
): void {
  world.effort.add(EFFORT_LOCK, 1, 0, EFFORT_LOCK_RMAP);
  for (const avc of src.anonVmaChain.toReversed()) {
    const { anonVma } = avc;
    link(dst, anonVma);
    const isReusable =
      forFork && dst.anonVma === null && anonVma.numChildren < 2 && anonVma.numActiveVmas === 0;
    if (isReusable) dst.anonVma = anonVma;
  }
  if (dst.anonVma !== null) dst.anonVma.numActiveVmas++;
}

/**
 * Gives a child's VMA links to all of its parent's anon_vmas and one of its own.
 * @kernel mm/rmap.c anon_vma_fork (v7.2)
 */
export function anonVmaFork(world: World, child: VmAreaStruct, parent: VmAreaStruct): void {
  if (parent.anonVma === null) return;
  child.anonVma = null;
  anonVmaClone(world, child, parent, true);
  if (child.anonVma !== null) return;
  const anonVma = world.createAnonVma(parent.anonVma);
  anonVma.numActiveVmas++;
  parent.anonVma.numChildren++;
  child.anonVma = anonVma;
  link(child, anonVma);
}

/**
 * Takes a VMA out of every anon_vma and drops those that nothing uses any more.
 * @kernel mm/rmap.c unlink_anon_vmas (v7.2)
 */
export function unlinkAnonVmas(world: World, vma: VmAreaStruct): void {
  if (vma.anonVma !== null) vma.anonVma.numActiveVmas--;
  for (const avc of vma.anonVmaChain) {
    const { anonVma } = avc;
    anonVma.remove(avc);
    if (anonVma.chain.length === 0) dropEmpty(world, anonVma);
  }
  vma.anonVmaChain = [];
  vma.anonVma = null;
}

function dropEmpty(world: World, anonVma: AnonVma): void {
  const { parent } = anonVma;
  parent.numChildren--;
  // An anon_vma whose VMAs are gone stays as long as children descend from it.
  if (anonVma.numChildren === 0) world.dropRmapTarget(anonVma);
  if (parent !== anonVma && parent.numChildren === 0 && parent.chain.length === 0) {
    world.dropRmapTarget(parent);
  }
}

/** Runs a change of `vmStart` or `vmPgoff` while the VMA is out of its reverse-mapping trees. */
export function changeOutsideRmap(vma: VmAreaStruct, change: () => void): void {
  for (const avc of vma.anonVmaChain) avc.anonVma.remove(avc);
  vma.vmFile?.unlink(vma);
  change();
  vma.vmFile?.link(vma);
  for (const avc of vma.anonVmaChain) avc.anonVma.insert(avc);
}
