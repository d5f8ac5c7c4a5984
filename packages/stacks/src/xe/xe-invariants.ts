// What must be true of xe's own state while nothing runs: chunks and the translations in them, the
// memory of its cards and the allocations that say whose it is, and how long pages are kept.
import { APERTURE_LOCAL, APERTURE_SYSTEM, type DevPagemap } from "@faultline/core";
import { physicalPage, type Problem, ProblemSink } from "@faultline/engine";
import type { GpusvmRange } from "../drm/gpusvm-range.ts";
import type { XeStack } from "./xe-stack.ts";
import type { XeVm } from "./xe-vm.ts";

/** The rules. */
export const XE_INVARIANTS = {
  "xe-allocation": "A frame in use belongs to one allocation, which counts it.",
  "xe-atomic": "An entry allows atomics where the memory and the attributes do.",
  "xe-binding": "A chunk is translated whole or not at all, and nothing outside is.",
  "xe-chunk": "A chunk is aligned to its size, one of the sizes, and overlaps no other.",
  "xe-dma": "What is outside of the card has an address that leads there, and nothing else has.",
  "xe-mixture": "A chunk is in one memory, and on a card in one allocation.",
  "xe-placement": "A chunk that belongs in system memory is translated to nothing else.",
  "xe-timeslice": "No page is kept longer than the retries of one fault can make it.",
  "xe-vram": "What is not free on a card is in an allocation.",
} as const;

type Sink = ProblemSink<keyof typeof XE_INVARIANTS>;

const END_OF_SPACE = 2 ** 45;
const PS_PER_MS = 1_000_000_000;
/** A timeslice is doubled at most this often: twice in each round of a fault. */
const MAX_DOUBLINGS = 32;

/** Finds every broken rule of `XE_INVARIANTS`; VMs of ended address spaces are passed. */
export function findXeProblems(stacks: readonly XeStack[]): Problem[] {
  const sink: Sink = new ProblemSink();
  for (const stack of stacks) {
    checkMemory(sink, stack);
    for (const vm of stack.openVms()) {
      if (vm.mirror.mm.isAlive) checkVm(sink, stack, vm);
    }
  }
  return sink.problems;
}

function checkMemory(sink: Sink, { attached, allocations, host, knobs }: XeStack): void {
  const { memory } = attached;
  if (memory === null) return;
  const counted = new Map(allocations.all().map((one) => [one, 0]));
  let nrUsed = 0;
  for (const [pfn, allocation] of allocations.frames()) {
    const count = counted.get(allocation);
    if (count === undefined) sink.add("xe-allocation", "its allocation is gone", { pfn });
    else counted.set(allocation, count + 1);
    nrUsed++;
  }
  const latest = host.now() + knobs["xe.timesliceMs"] * PS_PER_MS * 2 ** MAX_DOUBLINGS;
  for (const [{ start, nrUsed: claimed, timesliceEndPs }, count] of counted) {
    sink.expectEqual("xe-allocation", "its count of frames", claimed, count, { page: start });
    if (count === 0) sink.add("xe-allocation", "it has no frame left", { page: start });
    if (timesliceEndPs > latest)
      sink.add("xe-timeslice", `until ${timesliceEndPs}`, { page: start });
  }
  sink.expectEqual("xe-vram", "memory in use", memory.nrPages - memory.nrFree, nrUsed);
}

function checkVm(sink: Sink, stack: XeStack, vm: XeVm): void {
  const { mm, table } = vm.mirror;
  const chunks = vm.ranges.overlapping(0, END_OF_SPACE).toSorted((a, b) => a.start - b.start);
  const { chunkPages } = stack;
  let end = 0;
  for (const chunk of chunks) {
    const { start, nrPages } = chunk;
    const place = { mmId: mm.mmId, page: start };
    if (start < end) sink.add("xe-chunk", "it overlaps the one before", place);
    if (start % nrPages !== 0) sink.add("xe-chunk", `${nrPages} pages, not aligned`, place);
    if (!chunkPages.includes(nrPages)) sink.add("xe-chunk", `${nrPages} pages`, place);
    end = start + nrPages;
    checkChunk(sink, stack, vm, chunk);
  }
  table.forEach(0, END_OF_SPACE, (first, nrPages) => {
    for (let page = first; page < first + nrPages; page++) {
      if (vm.ranges.at(page) !== undefined) continue;
      sink.add("xe-binding", "translated outside of all chunks", { mmId: mm.mmId, page });
    }
  });
  checkAddresses(sink, stack, vm);
}

/** Entries that lead out of the card and their addresses; IOVAs are followed to where they lead. */
function checkAddresses(sink: Sink, { system, attached }: XeStack, { mirror, dma }: XeVm): void {
  const { mmId } = mirror.mm;
  const domains = attached.device.initiators.map(({ dev }) => dev.iommu);
  let nrThroughIommu = 0;
  mirror.table.forEach(0, END_OF_SPACE, (first, nrPages, { aperture, pfn: firstPfn }) => {
    if (aperture === APERTURE_LOCAL) return;
    for (let i = 0; i < nrPages; i++) {
      const [page, pfn] = [first + i, firstPfn + i];
      if (dma.has(page)) nrThroughIommu++;
      const address = dma.address(page, pfn);
      if (address === null) sink.add("xe-dma", "it has no address", { mmId, page, pfn });
      if (address?.space.kind !== "iova") continue;
      const domain = domains.find((one) => one?.space === address.space);
      const found = domain?.lookup(address.page)?.pfn;
      if (found === physicalPage(system, pfn)) continue;
      sink.add("xe-dma", `its IOVA leads to ${found}`, { mmId, page, pfn });
    }
  });
  sink.expectEqual("xe-dma", "pages mapped through the IOMMU", dma.nrPages, nrThroughIommu);
}

function checkChunk(sink: Sink, stack: XeStack, vm: XeVm, chunk: GpusvmRange): void {
  const { frames } = stack.system.world;
  const { mm } = vm.mirror;
  const memories = new Set<DevPagemap | null>();
  const allocations = new Set<unknown>();
  let nrMapped = 0;
  for (let page = chunk.start; page < chunk.start + chunk.nrPages; page++) {
    const leaf = vm.mirror.lookup(page);
    if (leaf === null) continue;
    nrMapped++;
    const place = { mmId: mm.mmId, page, pfn: leaf.pfn };
    const { preferredLocation, atomic } = vm.attributes.at(page);
    memories.add(frames.pgmapOf(leaf.pfn));
    allocations.add(stack.allocationOf(leaf.pfn));
    if (leaf.atomic && !stack.isAtomic(leaf.aperture, atomic)) {
      sink.add("xe-atomic", `aperture ${leaf.aperture}, attribute ${atomic}`, place);
    }
    const isKept = leaf.atomic && leaf.aperture === APERTURE_LOCAL;
    if (preferredLocation === "system" && leaf.aperture !== APERTURE_SYSTEM && !isKept) {
      sink.add("xe-placement", `aperture ${leaf.aperture}`, place);
    }
  }
  const expected = chunk.isMapped ? chunk.nrPages : 0;
  const where = { mmId: mm.mmId, page: chunk.start };
  sink.expectEqual("xe-binding", "translated pages", nrMapped, expected, where);
  if (stack.knobs["xe.mixedAllowed"]) return;
  if (memories.size > 1 || allocations.size > 1) {
    const what = `${memories.size} memories, ${allocations.size} allocations`;
    sink.add("xe-mixture", what, where);
  }
}
