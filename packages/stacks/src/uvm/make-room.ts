// Room in a GPU's memory: root chunks of 2 MiB leave for system memory, least recently allocated
// first, whichever process they belong to. Mirrors the eviction of uvm_pmm_gpu.c and, for
// uvm_perf_map_remote_on_eviction, of uvm_va_block.c.
import type { Verb } from "@faultline/engine";
import { evictFrames } from "../device/evict-frames.ts";
import { mapPages, presentWishes } from "./map-pages.ts";
import { runsOf, type UvmMove } from "./uvm-move.ts";
import { dropDuplicatesIn } from "./read-duplicates.ts";
import { UVM_ID_CPU } from "./select-residency.ts";
import type { UvmStack } from "./uvm-stack.ts";
import type { UvmVaSpace } from "./uvm-va-space.ts";

/**
 * Evicts until there is room for `nrPages`, or nothing more can go. Chunks that hold pages of the
 * block being served stay.
 */
export function* makeRoom(target: UvmStack, move: UvmMove, nrPages: number): Verb<void> {
  const { memory } = target.attached;
  if (memory === null || memory.nrFree >= nrPages) return;
  const own = chunksOfBlock(target, move);
  for (const first of target.chunks.inOrder()) {
    if (memory.nrFree >= nrPages) return;
    if (!own.has(first)) yield* evictChunk(target, move, first);
  }
}

function* evictChunk(target: UvmStack, { task }: UvmMove, first: number): Verb<void> {
  dropDuplicatesIn(target, first);
  const losers = [...target.driver.allSpaces()].map(
    (space) => [space, pagesIn(space, target, first)] as const,
  );
  if (!evictFrames(target.system, target.attached, target.chunks.foliosOf(first))) return;
  target.stats.evicted_chunks++;
  target.system.world.recorder?.note("uvm-evict", 0, first, target.chunks.nrPages);
  for (const [space, before] of losers) {
    const isGone = (page: number): boolean =>
      space.block(page).homeOf(page).processor !== target.processor;
    const pages = before.filter(isGone);
    for (const run of runsOf(pages)) {
      target.emit({ type: "Eviction", processor: target.processor, page: run.start, ...run });
      const note = { block: space.block(run.start), to: UVM_ID_CPU, cause: "eviction" } as const;
      target.noteMove(note, run, target.processor);
    }
    const mirror = space.mirrorOf(target);
    if (target.knobs.uvm_perf_map_remote_on_eviction === 0 || mirror === undefined) continue;
    for (const { start, nrPages } of runsOf(pages)) {
      yield* mapPages(target, mirror, task, presentWishes({ start, nrPages }));
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

function chunksOfBlock({ chunks, processor }: UvmStack, { block }: UvmMove): ReadonlySet<number> {
  const own = new Set<number>();
  for (let page = block.start; page < block.start + block.nrLeaves; page++) {
    const home = block.homeOf(page);
    if (home.processor === processor) own.add(chunks.chunkOf(home.pfn));
  }
  return own;
}

/** Pages of a VA space whose frames are in a root chunk, ascending. */
function pagesIn(space: UvmVaSpace, { chunks }: UvmStack, first: number): number[] {
  const pages: number[] = [];
  for (const block of space.allBlocks()) {
    for (let page = block.start; page < block.start + block.nrLeaves; page++) {
      const { pfn } = block.homeOf(page);
      if (pfn >= first && pfn < first + chunks.nrPages) pages.push(page);
    }
  }
  return pages.toSorted((a, b) => a - b);
}
