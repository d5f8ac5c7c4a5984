// Changing which pages a VMA spans, and dropping a VMA, with everything that indexes VMAs by range.
// Mirrors vma_prepare and vma_complete of mm/vma.c.
import { EFFORT_VMA_CHANGE, type VmAreaStruct, type World } from "@faultline/core";
import { releaseFile } from "../file/release-file.ts";
import { anonVmaClone, changeOutsideRmap, unlinkAnonVmas } from "../rmap/anon-vma.ts";

/**
 * Gives a VMA new bounds. Its reverse-mapping links are taken out and put back even where only the
 * end moves, so the VMA comes last again among those with the same offset.
 * @kernel mm/vma.h vma_set_range (v7.2)
 */
export function vmaSetRange(
  world: World,
  vma: VmAreaStruct,
  start: number,
  end: number,
  pgoff: number,
): void {
  changeOutsideRmap(vma, () => {
    vma.vmStart = start;
    vma.vmEnd = end;
    vma.vmPgoff = pgoff;
  });
  world.effort.add(EFFORT_VMA_CHANGE, 1);
}

/** Forgets a VMA whose pages are unmapped or belong to another VMA now. */
export function vmaDrop(world: World, vma: VmAreaStruct): void {
  vma.vmMm.removeVma(vma);
  removeVma(world, vma);
}

/**
 * Lets go of what a VMA that is no longer in its mm's list holds.
 * @kernel mm/vma.c remove_vma (v7.2)
 */
export function removeVma(world: World, vma: VmAreaStruct): void {
  unlinkAnonVmas(world, vma);
  releaseFile(world, vma);
  world.effort.add(EFFORT_VMA_CHANGE, 1);
}

/**
 * Makes `dst` able to hold the anonymous pages of `src`. Where both have an anon_vma it is the same
 * one already.
 * @kernel mm/vma.c dup_anon_vma (v7.2)
 */
export function dupAnonVma(world: World, dst: VmAreaStruct, src: VmAreaStruct): void {
  if (src.anonVma === null || dst.anonVma !== null) return;
  dst.anonVma = src.anonVma;
  anonVmaClone(world, dst, src);
}
