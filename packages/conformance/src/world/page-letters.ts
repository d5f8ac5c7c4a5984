// The letters of a state dump for one page-table entry: what /proc/pid/pagemap and /proc/kpageflags
// tell about it.

import {
  FRAME_ANON,
  FRAME_KSM,
  FRAME_ORDER_MASK,
  FRAME_TAIL,
  LEAF_DEVICE_EXCLUSIVE,
  LEAF_DEVICE_PRIVATE,
  LEAF_KIND_MASK,
  LEAF_MARKER,
  LEAF_MIGRATION,
  LEAF_NONE,
  LEAF_PRESENT,
  LEAF_SWAP,
  LEAF_UFFD_WP,
  LEAF_WRITE,
  MARKER_UFFD_WP,
  type World,
} from "@faultline/core";
import { isDeviceCoherentPfn, pagePreciseMapcount } from "@faultline/engine";

/** Character code of an ASCII letter. */
const codeOf = (letter: string): number => letter.charCodeAt(0);

export const LETTER_NONE: number = codeOf(".");
export const LETTER_HEAD: number = codeOf("H");
const TAIL = codeOf("T");
const ZERO = codeOf("z");
const HUGE_ZERO = codeOf("Z");
const UFFD_WP = codeOf("w");
const NODE_A = codeOf("a");
const NO_NODE = codeOf("-");
/** Bit that makes an upper-case letter lower-case: a page mapped more than once. */
const SHARED = 0x20;

/** Letter of field `pm`. */
export function pagemapLetter(world: World, bits: number, value: number): number {
  switch (bits & LEAF_KIND_MASK) {
    case LEAF_NONE:
      return LETTER_NONE;
    case LEAF_PRESENT:
      return presentLetter(world, value);
    case LEAF_SWAP:
      return codeOf("S");
    case LEAF_MIGRATION:
      return codeOf("M");
    case LEAF_DEVICE_PRIVATE:
      return codeOf((bits & LEAF_WRITE) === 0 ? "R" : "W");
    case LEAF_DEVICE_EXCLUSIVE:
      return codeOf("X");
    case LEAF_MARKER:
      return codeOf("K");
    default:
      return codeOf("?");
  }
}

function presentLetter(world: World, pfn: number): number {
  if (pfn === world.zeroPfn) return ZERO;
  if (isHugeZero(world, pfn)) return HUGE_ZERO;
  const flags = world.frames.flags(world.frames.head(pfn));
  const isShared = pagePreciseMapcount(world, pfn) !== 1;
  let letter = "F";
  if (isDeviceCoherentPfn(world, pfn)) letter = "C";
  else if ((flags & FRAME_KSM) !== 0) letter = "Y";
  else if ((flags & FRAME_ANON) !== 0) letter = "P";
  return codeOf(letter) | (isShared ? SHARED : 0);
}

function isHugeZero(world: World, pfn: number): boolean {
  return pfn >= world.hugeZeroPfn && pfn < world.hugeZeroPfn + world.blockPages;
}

/**
 * Identity of what backs a page: the frame, minus the slot for swapped pages, 0 for none and for
 * the zero pages.
 */
export function backingOf(world: World, bits: number, value: number): number {
  switch (bits & LEAF_KIND_MASK) {
    case LEAF_PRESENT:
      return value === world.zeroPfn || isHugeZero(world, value) ? 0 : value;
    case LEAF_MIGRATION:
    case LEAF_DEVICE_PRIVATE:
    case LEAF_DEVICE_EXCLUSIVE:
      return value;
    case LEAF_SWAP:
      return -value;
    default:
      return 0;
  }
}

/** Letter of field `k`: where a present page stands in its folio. */
export function folioLetter(world: World, bits: number, value: number): number {
  if ((bits & LEAF_KIND_MASK) !== LEAF_PRESENT) return LETTER_NONE;
  const flags = world.frames.flags(value);
  if ((flags & FRAME_TAIL) !== 0) return TAIL;
  return (flags & FRAME_ORDER_MASK) === 0 ? LETTER_NONE : LETTER_HEAD;
}

/** Letter of field `n`: the node of a present page. */
export function nodeLetter(world: World, bits: number, value: number): number {
  if ((bits & LEAF_KIND_MASK) !== LEAF_PRESENT) return LETTER_NONE;
  if (backingOf(world, bits, value) === 0) return NO_NODE;
  const node = world.frames.nodeOf(value);
  return node < 0 ? NO_NODE : NODE_A + node;
}

/** Letter of field `u`: userfault write protection. */
export function uffdWpLetter(bits: number, value: number): number {
  const kind = bits & LEAF_KIND_MASK;
  if (kind === LEAF_MARKER) return value === MARKER_UFFD_WP ? UFFD_WP : LETTER_NONE;
  return kind !== LEAF_NONE && (bits & LEAF_UFFD_WP) !== 0 ? UFFD_WP : LETTER_NONE;
}
