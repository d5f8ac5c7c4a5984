// Whether the kernel would find a mapping again, starting from the folio. Merged pages are left
// out: a fork that ksmd has not seen yet is found through its parent's items only.
import { FRAME_ANON, FRAME_KSM, VM_MIXEDMAP, type VmAreaStruct } from "@faultline/core";
import type { Census } from "./census.ts";
import type { ProblemPlace } from "./problem.ts";

const TWO_32 = 2 ** 32;

/** Checks that the reverse mapping of the page's folio leads to `page` of the VMA. */
export function checkRmap(
  { world, sink }: Census,
  vma: VmAreaStruct,
  page: number,
  pfn: number,
  place: ProblemPlace,
): void {
  const { frames } = world;
  const head = frames.head(pfn);
  const flags = frames.flags(head);
  if ((flags & FRAME_KSM) !== 0) return;
  const target = world.rmapTarget(frames.rmapOwner(head));
  const index = (frames.rmapIndex(head) + (pfn - head)) % TWO_32;
  const isIndexRight = index === vma.indexOf(page) % TWO_32;
  if ((flags & FRAME_ANON) !== 0) {
    const isLinked = vma.anonVmaChain.some((avc) => avc.anonVma === target);
    if (!isLinked) sink.add("rmap-lost", "the VMA is not linked to the page's anon_vma", place);
    else if (!isIndexRight) sink.add("rmap-lost", `the page's index is ${index}`, place);
    return;
  }
  // A driver's pages belong to no cache; nothing looks for their mappings.
  if ((vma.vmFlags & VM_MIXEDMAP) !== 0) return;
  const file = vma.vmFile;
  if (target === null || target !== file) {
    sink.add("rmap-lost", "the mapped page does not belong to the VMA's file", place);
  } else if (!isIndexRight) sink.add("rmap-lost", `the page's index is ${index}`, place);
}
