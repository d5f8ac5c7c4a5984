// The VMA at the destination of an mremap. Mirrors mm/vma.c copy_vma.
import { EFFORT_VMA_CHANGE, type VmAreaStruct, type World } from "@faultline/core";
import { anonVmaClone } from "../rmap/anon-vma.ts";
import { vmAreaDup } from "./split-vma.ts";
import { vmaLinkFile } from "./vma-file.ts";
import { vmaMergeNewRange } from "./vma-merge.ts";

/** Both ends of a move. They are one VMA when the destination merged with the source. */
export interface CopiedVma {
  readonly oldVma: VmAreaStruct;
  readonly newVma: VmAreaStruct;
}

/**
 * Makes room for `nrPages` at `start` with the attributes of the source VMA. Pages keep the offset
 * that their reverse mapping was made with, so a moved piece seldom merges; anonymous memory that
 * has no pages of its own yet takes the offset of its new place instead.
 * @kernel mm/vma.c copy_vma (v7.2)
 */
export function copyVma(
  world: World,
  source: VmAreaStruct,
  start: number,
  nrPages: number,
  sourcePgoff: number,
  keepsSource: boolean,
): CopiedVma {
  const mm = source.vmMm;
  const isUnfaulted = source.isAnonymous && source.anonVma === null;
  const pgoff = isUnfaulted ? start : sourcePgoff;
  const { vmStart } = source;
  const end = start + nrPages;
  const merged = vmaMergeNewRange(world, {
    mm,
    start,
    end,
    pgoff,
    flags: source.vmFlags,
    file: source.vmFile,
    anonVma: source.anonVma,
    policy: source.vmPolicy,
    uffdCtx: source.uffdCtx,
    middle: null,
    copiedFrom: source,
    keepsSource,
  });
  if (merged !== null) {
    const hasSource = vmStart >= merged.vmStart && vmStart < merged.vmEnd;
    return { oldVma: hasSource ? merged : source, newVma: merged };
  }
  const newVma = vmAreaDup(source, start, end, pgoff);
  anonVmaClone(world, newVma, source);
  vmaLinkFile(newVma);
  mm.insertVma(newVma);
  world.effort.add(EFFORT_VMA_CHANGE, 1);
  return { oldVma: source, newVma };
}
