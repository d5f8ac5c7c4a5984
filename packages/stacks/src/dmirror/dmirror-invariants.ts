// What must be true of the test driver's devices while nothing runs, and what legitimately is not:
// the driver holds no references, so in two documented cases a mirror entry outlives its page.
import {
  FRAME_FREE,
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
import { type Problem, ProblemSink, type WorldHolder } from "@faultline/engine";
import type { Dmirror } from "./dmirror.ts";
import type { DmirrorDevice } from "./dmirror-device.ts";
import { DPT_ATOMIC, DPT_WRITE } from "./mirror-table.ts";

/** The rules of this stack. */
export const DMIRROR_INVARIANTS = {
  "device-memory": "Each frame of a device is untouched, on a free list once, or in use.",
  "device-owner": "The file that migrated a page is known while the page is on the device.",
  "mirror-rights": "A mirror entry allows no more than the page table does.",
  "mirror-stale": "A mirror entry names the frame that the page table names.",
} as const;

type DmirrorRule = keyof typeof DMIRROR_INVARIANTS;
type Sink = ProblemSink<DmirrorRule>;

/** What the devices hold of a world: the page tables of their mirrors, and no references. */
export function dmirrorHolder(devices: readonly DmirrorDevice[]): WorldHolder {
  const files = devices.flatMap((device) => [...device.files.values()]);
  return { pageTables: files.map((file) => file.mirror.tree), refs: new Map() };
}

/** Finds every broken rule of `DMIRROR_INVARIANTS`. */
export function findDmirrorProblems(devices: readonly DmirrorDevice[]): Problem[] {
  const sink: Sink = new ProblemSink();
  for (const device of devices) {
    checkMemory(sink, device);
    for (const file of device.files.values()) checkMirror(sink, file);
  }
  return sink.problems;
}

function checkMemory(sink: Sink, device: DmirrorDevice): void {
  const { memory, world } = device;
  const { frames } = world;
  let nrFree = 0;
  const listed = new Set<number>();
  for (const { head, order } of memory.freedFolios()) {
    nrFree += 1 << order;
    if (listed.has(head)) sink.add("device-memory", "listed twice as free", { pfn: head });
    listed.add(head);
    for (let pfn = head; pfn < head + (1 << order); pfn++) {
      if ((frames.flags(pfn) & FRAME_FREE) !== 0) continue;
      sink.add("device-memory", "listed as free, yet in use", { pfn });
    }
  }
  let nrTouched = 0;
  for (const { firstPfn, nrPages, nrUntouched } of memory.chunks) {
    nrTouched += nrPages - nrUntouched;
    for (let pfn = firstPfn + nrUntouched; pfn < firstPfn + nrPages; pfn++) {
      if ((frames.flags(pfn) & FRAME_FREE) !== 0) continue;
      const id = memory.ownerOf(pfn);
      if (device.files.has(id) || device.closedFiles.has(id)) continue;
      sink.add("device-owner", "nobody knows the file of the page", { pfn });
    }
  }
  const inUse = nrTouched - nrFree;
  sink.expectEqual("device-memory", "nrPagesInUse", memory.nrPagesInUse, inUse);
}

/** Entries of a dead address space mean nothing: no command uses them any more. */
function checkMirror(sink: Sink, file: Dmirror): void {
  if (!file.mm.isAlive) return;
  file.mirror.forEach((page, pfn, tag) => {
    const leaf = leafOf(file.mm, page);
    const place = { mmId: file.mm.mmId, page, pfn };
    if (leaf.pfn !== pfn) {
      if (!mayBeStale(file, leaf, pfn)) {
        sink.add("mirror-stale", `the page table names frame ${leaf.pfn}`, place);
      }
      return;
    }
    const isAtomic = (leaf.bits & LEAF_KIND_MASK) === LEAF_DEVICE_EXCLUSIVE;
    if (isAtomic !== (tag === DPT_ATOMIC)) {
      sink.add("mirror-rights", `tag ${tag} for an entry of another kind`, place);
    } else if (tag === DPT_WRITE && (leaf.bits & LEAF_WRITE) === 0) {
      sink.add("mirror-rights", "writable in the mirror only", place);
    }
  });
}

interface LeafFrame {
  readonly bits: number;
  /** Frame of the page, -1 where the entry names none that could be used. */
  readonly pfn: number;
  readonly isPmd: boolean;
}

const USABLE: ReadonlySet<number> = new Set([
  LEAF_PRESENT,
  LEAF_DEVICE_PRIVATE,
  LEAF_DEVICE_EXCLUSIVE,
]);

function leafOf({ pageTable }: MmStruct, page: number): LeafFrame {
  const slot = pageTable.slotBits(page);
  const isPmd = slot !== LEAF_NONE && (slot & LEAF_KIND_MASK) !== LEAF_TABLE;
  const bits = isPmd ? slot : pageTable.bits(page);
  const kind = bits & LEAF_KIND_MASK;
  const isHinting = kind === LEAF_PRESENT && (bits & LEAF_PROTNONE) !== 0;
  if (!USABLE.has(kind) || isHinting) return { bits, pfn: -1, isPmd };
  const pfn = isPmd ? pageTable.slotVal(page) + pageTable.indexInBlock(page) : pageTable.val(page);
  return { bits, pfn, isPmd };
}

/**
 * The documented cases. A page that another file migrated comes back by a fault of this file's own
 * process: this file ignores the event, and the driver erases the other file's entry only. And a
 * kernel with the frame offset defect names wrong pages of a huge device folio.
 */
function mayBeStale(file: Dmirror, leaf: LeafFrame, pfn: number): boolean {
  const { device } = file;
  const { frames, kernel } = device.world;
  const chunk = device.memory.chunks.find(
    ({ firstPfn, nrPages }) => pfn >= firstPfn && pfn < firstPfn + nrPages,
  );
  if (chunk === undefined) return false;
  if (device.nrFilesOpened > 1) return true;
  if (!kernel.defects.absentPmdFrameOffset || !leaf.isPmd || leaf.pfn < 0) return false;
  return frames.head(pfn) === frames.head(leaf.pfn);
}
