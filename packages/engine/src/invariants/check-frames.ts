// Every frame of the world: free once, or part of one folio whose counts are what the census says.
import {
  FRAME_ANON_EXCLUSIVE,
  FRAME_CHUNK_SHIFT,
  FRAME_CHUNK_SIZE,
  FRAME_FREE,
  FRAME_LOCKED,
  FRAME_ORDER_MASK,
  FRAME_SWAPCACHE,
  FRAME_TAIL,
  type FrameChunk,
} from "@faultline/core";
import { largeRecord } from "../folio/folio-count.ts";
import type { Census } from "./census.ts";
import { checkLargeFolio } from "./check-large-folio.ts";

/** Checks all frames, the records of large folios and the side tables. */
export function checkFrames(census: Census): void {
  const { world, sink } = census;
  const records = new Set<number>();
  const left = world.buddies.map((buddy) => buddy.nrPages - buddy.nrUntouched);
  for (const [index, chunk] of world.frames.chunks.entries()) {
    if (chunk === null) continue;
    if (chunk.pgmap !== null) {
      checkDeviceChunk(census, index, chunk, records);
      continue;
    }
    // The last chunk of a node may be larger than what is left of the node.
    const nrFrames = Math.min(FRAME_CHUNK_SIZE, left[chunk.node] ?? 0);
    left[chunk.node] = (left[chunk.node] ?? 0) - nrFrames;
    checkSystemChunk(census, index, nrFrames, records);
  }
  sink.expectEqual("large-record", "records in use", world.largeFolios.nrLive, records.size);
  checkSideTables(census);
}

function checkSystemChunk(
  census: Census,
  index: number,
  nrFrames: number,
  records: Set<number>,
): void {
  const first = index << FRAME_CHUNK_SHIFT;
  const chunk = census.world.frames.chunkOf(first);
  const free = census.freeBlocks.chunk(index);
  // Frame 0 names no page.
  for (let i = first === 0 ? 1 : 0; i < nrFrames; ) {
    const block = free?.[i] ?? 0;
    if (block > 0) {
      checkUnused(census, index, chunk, i, i + (1 << (block - 1)));
      i += 1 << (block - 1);
      continue;
    }
    i += checkFolio(census, chunk, first + i, records);
  }
}

/** Where a driver keeps its free frames is its own business; only those in use are checked. */
function checkDeviceChunk(
  census: Census,
  index: number,
  chunk: FrameChunk,
  records: Set<number>,
): void {
  const first = index << FRAME_CHUNK_SHIFT;
  const isCounted = census.pteMaps.chunk(index) !== null || census.pmdMaps.chunk(index) !== null;
  for (let i = 0; i < FRAME_CHUNK_SIZE; ) {
    const flags = chunk.flags[i] as number;
    const isUntouched = flags === 0 && chunk.mapcount[i] === 0 && chunk.extraRefs[i] === 0;
    const isMapped = isCounted && census.pteMaps.get(first + i) > 0;
    if ((flags & FRAME_FREE) !== 0 || (isUntouched && !isMapped)) i++;
    else i += checkFolio(census, chunk, first + i, records);
  }
}

/** Free frames have no counts; a leaf that names one has been reported already. */
function checkUnused(
  { sink }: Census,
  index: number,
  chunk: FrameChunk,
  start: number,
  end: number,
): void {
  for (let i = start; i < end; i++) {
    if (chunk.mapcount[i] === 0 && chunk.extraRefs[i] === 0) continue;
    const message = `free, with mapcount ${chunk.mapcount[i]} and ${chunk.extraRefs[i]} references`;
    sink.add("frame-owned-twice", message, { pfn: (index << FRAME_CHUNK_SHIFT) + i });
  }
}

/** Checks the folio that starts here; returns how many frames it has. */
function checkFolio(census: Census, chunk: FrameChunk, pfn: number, records: Set<number>): number {
  const { world, sink } = census;
  const { frames } = world;
  const flags = frames.flags(pfn);
  const order = flags & FRAME_ORDER_MASK;
  if ((flags & FRAME_FREE) !== 0) {
    sink.add("folio-lost", "marked free, in no list", { pfn });
    return 1;
  }
  if ((flags & FRAME_TAIL) !== 0 || pfn % (1 << order) !== 0) {
    sink.add("folio-shape", `order ${order}, but no first page of a folio`, { pfn });
    return 1;
  }
  let mapped = 0;
  for (let page = pfn; page < pfn + (1 << order); page++) mapped += checkPage(census, page);
  if (order > 0) checkLargeFolio(census, pfn, largeRecord(world, pfn), records);
  mapped += order > 0 ? census.pmdMaps.get(pfn) : 0;
  const refs = frames.extraRefs(pfn);
  sink.expectEqual("refcount", "references beside mappings", refs, census.refs.get(pfn), { pfn });
  if (mapped === 0 && refs === 0) sink.add("folio-lost", "in use by nobody", { pfn });
  if ((flags & FRAME_LOCKED) !== 0) sink.add("lock-at-rest", "the folio is locked", { pfn });
  if ((flags & FRAME_SWAPCACHE) !== 0 && !world.swap?.slotOfPfn.has(pfn)) {
    sink.add("swap-cache", "a folio of the swap cache has no slot", { pfn });
  }
  checkTails(census, chunk, pfn, order);
  return 1 << order;
}

/** Compares the mapcount of one page with the entries that map it, and returns the latter. */
function checkPage({ world, sink, pteMaps, pmdMaps }: Census, pfn: number): number {
  const { frames } = world;
  const maps = pteMaps.get(pfn);
  sink.expectEqual("mapcount", "mapcount", frames.pageMapcount(pfn), maps, { pfn });
  if ((frames.flags(pfn) & FRAME_ANON_EXCLUSIVE) === 0) return maps;
  const all = maps + (frames.order(pfn) === 0 ? 0 : pmdMaps.get(frames.head(pfn)));
  if (all > 1) sink.add("anon-exclusive-shared", `exclusive with ${all} mappings`, { pfn });
  return maps;
}

function checkTails({ sink }: Census, chunk: FrameChunk, head: number, order: number): void {
  const first = head & (FRAME_CHUNK_SIZE - 1);
  const mask = FRAME_TAIL | FRAME_ORDER_MASK | FRAME_FREE;
  for (let i = 1; i < 1 << order; i++) {
    const pfn = head + i;
    if (((chunk.flags[first + i] as number) & mask) !== (FRAME_TAIL | order)) {
      sink.add("folio-shape", `not marked as a tail of the folio at ${head}`, { pfn });
    }
    if (chunk.extraRefs[first + i] !== 0) {
      sink.add("refcount", "a tail page has references of its own", { pfn });
    }
  }
}

function checkSideTables({ world, sink }: Census): void {
  const { frames } = world;
  const isHead = (pfn: number): boolean => (frames.flags(pfn) & (FRAME_FREE | FRAME_TAIL)) === 0;
  for (const [pfn, count] of frames.pins) {
    if (count <= 0 || !isHead(pfn) || frames.pinCount(pfn) !== count) {
      sink.add("pins", `${count} pins of no folio`, { pfn });
    }
  }
  for (const pfn of world.lastCpupid.keys()) {
    if (!isHead(pfn)) sink.add("side-map", "lastCpupid of no folio", { pfn });
  }
  for (const pfn of world.activeFolios) {
    if (!isHead(pfn)) sink.add("side-map", "activeFolios holds no folio", { pfn });
  }
}
