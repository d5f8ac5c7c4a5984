// What must be true of every driver's mirrors while nothing runs: a device's entry names the frame
// that the page table names, and allows no more than the page table does. No entry outlives its
// page.
import {
  LEAF_DEVICE_EXCLUSIVE,
  LEAF_DEVICE_PRIVATE,
  LEAF_KIND_MASK,
  LEAF_NONE,
  LEAF_PRESENT,
  LEAF_PROTNONE,
  LEAF_TABLE,
  LEAF_WRITE,
  type MmStruct,
} from "@faultline/core";
import { type Problem, ProblemSink } from "@faultline/engine";
import type { DeviceMirror } from "./device-mirror.ts";

/** The rules. */
const MIRROR_INVARIANTS = {
  "device-stale": "A device's entry names the frame that the page table names.",
  "device-duplicate": "A copy in device memory reads as its page, and nobody can write either.",
  "device-rights": "A device's entry allows no more than the page table does.",
} as const;

const END_OF_SPACE = 2 ** 45;

/** Finds every broken rule of `MIRROR_INVARIANTS`; mirrors of ended address spaces are passed. */
export function findMirrorProblems(mirrors: readonly DeviceMirror[]): Problem[] {
  const sink = new ProblemSink<keyof typeof MIRROR_INVARIANTS>();
  for (const mirror of mirrors) if (mirror.mm.isAlive) checkMirror(sink, mirror);
  return sink.problems;
}

function checkMirror(sink: ProblemSink<keyof typeof MIRROR_INVARIANTS>, mirror: DeviceMirror) {
  const { mm, system, table } = mirror;
  table.forEach(0, END_OF_SPACE, (first, nrPages, { pfn: firstPfn, writable }) => {
    for (let i = 0; i < nrPages; i++) {
      const page = first + i;
      const pfn = system.contentPfn(firstPfn + i);
      const { bits, pfn: expected } = leafOf(mm, page);
      const place = { mmId: mm.mmId, page, pfn };
      const who = mirror.device.device.name;
      if (mirror.duplicates.get(page) === pfn) {
        const { frames } = system.world;
        const isSame = expected >= 0 && frames.content(pfn) === frames.content(expected);
        const isFixed = !writable && !isWritableByCpu(bits);
        if (!isSame || !isFixed) sink.add("device-duplicate", `on ${who}: out of date`, place);
        continue;
      }
      if (expected !== pfn) {
        sink.add("device-stale", `on ${who}: the page table names frame ${expected}`, place);
        continue;
      }
      const isExclusive = (bits & LEAF_KIND_MASK) === LEAF_DEVICE_EXCLUSIVE;
      if (writable && !isExclusive && (bits & LEAF_WRITE) === 0) {
        sink.add("device-rights", `on ${who}: writable there only`, place);
      }
    }
  });
}

/** Device-private entries are not the CPU's to write, whatever they say. */
function isWritableByCpu(bits: number): boolean {
  return (bits & LEAF_KIND_MASK) === LEAF_PRESENT && (bits & LEAF_WRITE) !== 0;
}

const USABLE: ReadonlySet<number> = new Set([
  LEAF_PRESENT,
  LEAF_DEVICE_PRIVATE,
  LEAF_DEVICE_EXCLUSIVE,
]);

/** The entry of a page, with frame -1 where it names none that could be used. */
function leafOf({ pageTable }: MmStruct, page: number): { bits: number; pfn: number } {
  const slot = pageTable.slotBits(page);
  const isPmd = slot !== LEAF_NONE && (slot & LEAF_KIND_MASK) !== LEAF_TABLE;
  const bits = isPmd ? slot : pageTable.bits(page);
  const kind = bits & LEAF_KIND_MASK;
  const isHinting = kind === LEAF_PRESENT && (bits & LEAF_PROTNONE) !== 0;
  if (!USABLE.has(kind) || isHinting) return { bits, pfn: -1 };
  const pfn = isPmd ? pageTable.slotVal(page) + pageTable.indexInBlock(page) : pageTable.val(page);
  return { bits, pfn };
}
