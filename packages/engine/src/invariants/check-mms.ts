// Address spaces without their pages: the list of VMAs, what they are linked to, locks, notifiers.
import type { MmStruct, VmAreaStruct } from "@faultline/core";
import type { Census } from "./census.ts";

/** Checks one address space. */
export function checkMm(census: Census, mm: MmStruct): void {
  const { sink } = census;
  const { mmId } = mm;
  if (mm.mmapLock.writer || mm.mmapLock.readers > 0) {
    sink.add("lock-at-rest", "mmap_lock is held", { mmId });
  }
  const subscriptions = mm.notifierSubscriptions;
  if (subscriptions !== null) {
    const { activeInvalidateRanges } = subscriptions;
    if (activeInvalidateRanges !== 0 || subscriptions.isInvalidating) {
      sink.add("interval-at-rest", `${activeInvalidateRanges} invalidations under way`, { mmId });
    }
  }
  let end = 0;
  for (const vma of mm.vmas) {
    const place = { mmId, page: vma.vmStart };
    if (vma.vmMm !== mm) sink.add("vma-order", "the VMA belongs to another mm", place);
    if (vma.vmEnd <= vma.vmStart) sink.add("vma-order", `ends at page ${vma.vmEnd}`, place);
    if (vma.vmStart < end) sink.add("vma-order", `starts before page ${end}`, place);
    end = vma.vmEnd;
    checkLinks(census, vma);
  }
}

function checkLinks({ sink }: Census, vma: VmAreaStruct): void {
  const place = { mmId: vma.vmMm.mmId, page: vma.vmStart };
  const { anonVma } = vma;
  const linked = new Set(vma.anonVmaChain.map((avc) => avc.anonVma));
  if (linked.size !== vma.anonVmaChain.length) {
    sink.add("anon-vma-chain", "linked twice to one anon_vma", place);
  }
  if (anonVma !== null && !linked.has(anonVma)) {
    sink.add("anon-vma-chain", `not linked to its own anon_vma ${anonVma.id}`, place);
  }
  for (const avc of vma.anonVmaChain) {
    if (avc.vma !== vma) sink.add("anon-vma-chain", "holds another VMA's link", place);
    if (!avc.anonVma.chain.includes(avc)) {
      sink.add("anon-vma-chain", `anon_vma ${avc.anonVma.id} misses the link`, place);
    }
  }
  const { vmFile } = vma;
  if (vmFile !== null && !vmFile.iMmap.includes(vma)) {
    sink.add("file-mappings", `file ${vmFile.id} does not know the VMA`, place);
  }
}
