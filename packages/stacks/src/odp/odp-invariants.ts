// What must be true of a NIC's region while nothing runs: its table, its slots and its counters
// tell one story.
import { HMM_PFN_DMA_MAPPED, HMM_PFN_VALID, HMM_PFN_WRITE } from "@faultline/engine";
import type { OdpRegion } from "./odp-mirror.ts";

const END_OF_SPACE = 2 ** 45;

/** Finds what is wrong with a region. */
export function findOdpProblems({ mirror, slots, counters }: OdpRegion): string[] {
  const problems: string[] = [];
  const mapped = HMM_PFN_VALID | HMM_PFN_DMA_MAPPED;
  let nrEntries = 0;
  mirror.table.forEach(0, END_OF_SPACE, (first, nrPages, leaf) => {
    nrEntries += nrPages;
    for (let page = first; page < first + nrPages; page++) {
      const flags = slots.flags(page);
      if ((flags & mapped) !== (mapped | 0)) problems.push(`page ${page}: an entry, and no slot`);
      if (leaf.writable && (flags & HMM_PFN_WRITE) === 0) {
        problems.push(`page ${page}: writable, and its slot is not`);
      }
      if (mirror.addressOf(page, { ...leaf, pfn: leaf.pfn + page - first }) === null) {
        problems.push(`page ${page}: an entry without an address`);
      }
    }
  });
  if (nrEntries !== slots.nrMapped) {
    problems.push(`${nrEntries} entries, and ${slots.nrMapped} mapped slots`);
  }
  if (counters.page_faults_handled > counters.page_faults) {
    problems.push("more faults were handled than there were");
  }
  return problems;
}
