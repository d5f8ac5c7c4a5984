// Room in a GPU's memory: units of it leave for system memory, in the order of the policy,
// whichever process they belong to. Mirrors the eviction of uvm_pmm_gpu.c and, for
// uvm_perf_map_remote_on_eviction, of uvm_va_block.c.
import type { Verb } from "@faultline/engine";
import { evictFrames } from "../device/evict-frames.ts";
import type { FrameRegion } from "./gpu-chunks.ts";
import { mapPages } from "./map-pages.ts";
import { PageWishes } from "./page-wishes.ts";
import { runsOf, type UvmMove } from "./uvm-move.ts";
import { dropDuplicatesIn } from "./read-duplicates.ts";
import { UVM_ID_CPU } from "./select-residency.ts";
import type { UvmStack } from "./uvm-stack.ts";
import type { UvmVaSpace } from "./uvm-va-space.ts";

/** Whether a GPU has fewer free pages than that. */
export function needsRoom({ attached: { memory } }: UvmStack, nrPages: number): boolean {
  return memory !== null && memory.nrFree < nrPages;
}

/**
 * Evicts until there is room for `nrPages`, or nothing more can go. What holds pages of the block
 * that is being served stays.
 */
export function* makeRoom(target: UvmStack, move: UvmMove, nrPages: number): Verb<void> {
  const { memory } = target.attached;
  if (memory === null) return;
  const kept = unitsOfBlock(target, move);
  while (memory.nrFree < nrPages) {
    const victims = target.chunks.victims(nrPages - memory.nrFree, kept);
    if (victims.length === 0) return;
    for (const region of victims) {
      yield* evictRegion(target, move, region);
      // What could not go is not tried again.
      for (let at = region.first; at < region.first + region.nrPages; at += target.chunks.nrPages) {
        kept.add(at);
      }
    }
  }
}

function* evictRegion(target: UvmStack, { task }: UvmMove, victim: FrameRegion): Verb<void> {
  const region = target.chunks.withWholeFolios(victim);
  dropDuplicatesIn(target, region);
  const losers = [...target.driver.allSpaces()].map(
    (space) => [space, pagesIn(space, region)] as const,
  );
  if (!evictFrames(target.system, target.attached, target.chunks.foliosOf(region))) return;
  target.stats.evicted_chunks++;
  target.system.world.recorder?.note("uvm-evict", 0, region.first, region.nrPages);
  for (const [space, before] of losers) {
    const isGone = (page: number): boolean =>
      space.block(page).processorOf(page) !== target.processor;
    const pages = before.filter(isGone);
    for (const run of runsOf(pages)) {
      target.emit({ type: "Eviction", processor: target.processor, page: run.start, ...run });
      const note = { block: space.block(run.start), to: UVM_ID_CPU, cause: "eviction" } as const;
      target.noteMove(note, run, target.processor);
    }
    const mirror = space.mirrorOf(target);
    if (target.knobs.uvm_perf_map_remote_on_eviction === 0 || mirror === undefined) continue;
    for (const { start, nrPages } of runsOf(pages)) {
      yield* mapPages(target, mirror, task, PageWishes.present({ start, nrPages }));
      target.emit({
        type: "MapRemote",
        processor: target.processor,
        page: start,
        nrPages,
        destination: UVM_ID_CPU,
      });
    }
  }
}

function unitsOfBlock({ chunks, processor }: UvmStack, { block }: UvmMove): Set<number> {
  const own = new Set<number>();
  for (let page = block.start; page < block.start + block.nrLeaves; page++) {
    const home = block.homeOf(page);
    if (home.processor === processor) own.add(chunks.chunkOf(home.pfn));
  }
  return own;
}

/** Pages of a VA space whose frames are in a region, ascending. */
function pagesIn(space: UvmVaSpace, { first, nrPages }: FrameRegion): number[] {
  const pages: number[] = [];
  for (const block of space.allBlocks()) {
    for (let page = block.start; page < block.start + block.nrLeaves; page++) {
      const { pfn } = block.homeOf(page);
      if (pfn >= first && pfn < first + nrPages) pages.push(page);
    }
  }
  return pages.toSorted((a, b) => a - b);
}
