// The common case of fork: tables full of small anonymous pages, shared four entries at a time.
// Everything unusual (holes, zero pages, pins, large folios, markers) is left to the caller.
import {
  FRAME_ANON_EXCLUSIVE,
  FRAME_CHUNK_SHIFT,
  FRAME_CHUNK_SIZE,
  FRAME_KSM,
  FRAME_ORDER_MASK,
  FRAME_PINNED,
  LEAF_KIND_MASK,
  LEAF_PRESENT,
  LEAF_UFFD_WP,
  LEAF_WRITE,
  type TableChunk,
  type World,
} from "@faultline/core";

/** A parent's table and its child's, from the same page on. */
export interface TablePair {
  readonly src: TableChunk;
  readonly dst: TableChunk;
  /** Index of the first entry in the columns of each. */
  readonly srcBase: number;
  readonly dstBase: number;
  readonly nrPages: number;
  readonly isCow: boolean;
  /** What the child keeps of an entry's byte: of the zero page, and of any other page. */
  readonly keepUffd: number;
  readonly cowMask: number;
}

/** Entries that one step handles. */
export const GROUP = 4;

const FRAME_INDEX = FRAME_CHUNK_SIZE - 1;
/** Below this a mapping count is sure to fit its column. */
const MAPCOUNT_SIMPLE = 0xfff0;
/** KSM pages may stand twice in a group, where each would be counted once. */
const NOT_SIMPLE = FRAME_ORDER_MASK | FRAME_PINNED | FRAME_KSM;
/** A byte in each of the four lanes of a word. */
const LANES = 0x01010101;
const KIND_LANES = LANES * (LEAF_KIND_MASK | LEAF_UFFD_WP);
const PRESENT_LANES = LANES * LEAF_PRESENT;
const WRITE_LANES = LANES * LEAF_WRITE;

/**
 * Shares pages from entry `start` on while whole groups of four are plain: present, small, private,
 * unpinned.
 * @returns how many entries were shared, a multiple of four.
 */
export function shareSmallPages(world: World, pair: TablePair, start: number): number {
  const { srcBase, dstBase, nrPages, isCow } = pair;
  if (((srcBase + start) & 3) !== 0 || ((dstBase + start) & 3) !== 0) return 0;
  const { val: srcVal, bitWords: srcWords } = pair.src;
  const { val: dstVal, bitWords: dstWords } = pair.dst;
  const childMask = pair.cowMask * LANES;
  const parentMask = isCow ? ~WRITE_LANES : -1;
  const { frames, zeroPfn } = world;
  let i = start;
  for (; i + GROUP <= nrPages; i += GROUP) {
    const at = srcBase + i;
    const word = srcWords[at >> 2] as number;
    if ((word & KIND_LANES) !== PRESENT_LANES) break;
    const a = srcVal[at] as number;
    const b = srcVal[at + 1] as number;
    const c = srcVal[at + 2] as number;
    const d = srcVal[at + 3] as number;
    if (a === zeroPfn || b === zeroPfn || c === zeroPfn || d === zeroPfn) break;
    // Frames of one chunk share its columns; others are rare enough for the slow path.
    if (((a ^ b) | (a ^ c) | (a ^ d)) >>> FRAME_CHUNK_SHIFT !== 0) break;
    const { flags, mapcount } = frames.ownChunkOf(a);
    const ia = a & FRAME_INDEX;
    const ib = b & FRAME_INDEX;
    const ic = c & FRAME_INDEX;
    const id = d & FRAME_INDEX;
    const fa = flags[ia] as number;
    const fb = flags[ib] as number;
    const fc = flags[ic] as number;
    const fd = flags[id] as number;
    const ma = mapcount[ia] as number;
    const mb = mapcount[ib] as number;
    const mc = mapcount[ic] as number;
    const md = mapcount[id] as number;
    if (((fa | fb | fc | fd) & NOT_SIMPLE) !== 0) break;
    if ((ma | mb | mc | md) >= MAPCOUNT_SIMPLE) break;
    flags[ia] = fa & ~FRAME_ANON_EXCLUSIVE;
    flags[ib] = fb & ~FRAME_ANON_EXCLUSIVE;
    flags[ic] = fc & ~FRAME_ANON_EXCLUSIVE;
    flags[id] = fd & ~FRAME_ANON_EXCLUSIVE;
    mapcount[ia] = ma + 1;
    mapcount[ib] = mb + 1;
    mapcount[ic] = mc + 1;
    mapcount[id] = md + 1;
    const to = dstBase + i;
    dstVal[to] = a;
    dstVal[to + 1] = b;
    dstVal[to + 2] = c;
    dstVal[to + 3] = d;
    srcWords[at >> 2] = word & parentMask;
    dstWords[to >> 2] = word & childMask;
  }
  return i - start;
}
