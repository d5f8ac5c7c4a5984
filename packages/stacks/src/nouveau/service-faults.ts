// Serving a whole fault buffer at once, with one replay at its end. Mirrors nouveau_svm_fault of
// drivers/gpu/drm/nouveau/nouveau_svm.c. Faults never migrate to the device: pages are mapped where
// they are, in system memory.
import { EFAULT, LEAF_PRESENT, leafKind, type MmStruct, type TaskStruct } from "@faultline/core";
import type { HmmRange, Verb } from "@faultline/engine";
import type { DeviceMirror } from "../device/device-mirror.ts";
import type { PageRange } from "../device/device-stack.ts";
import { mapExclusive } from "../device/map-exclusive.ts";
import { mapRange } from "../device/map-range.ts";
import { mirrorRange, requestFlags } from "../device/mirror-range.ts";
import { accessOrder, type NouveauAccess, type NouveauFault, sortFaults } from "./fault-entry.ts";
import type { NouveauStack } from "./nouveau-stack.ts";

/** What came of a batch. */
export interface NouveauBatch {
  /** Entries that were served. */
  readonly nrServed: number;
  /** Entries that were left for the replay, because an entry before them had mapped their page. */
  readonly nrSkipped: number;
  /** Address spaces whose channel was killed, because an entry could not be served. */
  readonly killed: ReadonlySet<MmStruct>;
}

/**
 * Serves every entry of the buffer. It is read whole, unless `nouveau.batch` cuts it: what has been
 * read is sorted and replayed before the rest is read.
 * @param taskOf the process of an address space; null for an instance that nobody knows.
 */
export function* serviceBuffer(
  stack: NouveauStack,
  buffer: readonly NouveauFault[],
  taskOf: (mm: MmStruct) => TaskStruct | null,
): Verb<NouveauBatch> {
  const size = stack.knobs["nouveau.batch"] || Math.max(1, buffer.length);
  const killed = new Set<MmStruct>();
  let nrServed = 0;
  let nrSkipped = 0;
  for (let from = 0; from < buffer.length; from += size) {
    const batch = yield* nouveauSvmFault(stack, buffer.slice(from, from + size), taskOf);
    for (const mm of batch.killed) killed.add(mm);
    nrServed += batch.nrServed;
    nrSkipped += batch.nrSkipped;
  }
  return { nrServed, nrSkipped, killed };
}

/**
 * Serves the entries that were read, in their order, and replays once.
 * @param taskOf the process of an address space; null for an instance that nobody knows.
 * @kernel drivers/gpu/drm/nouveau/nouveau_svm.c nouveau_svm_fault (v7.2)
 */
export function* nouveauSvmFault(
  stack: NouveauStack,
  entries: readonly NouveauFault[],
  taskOf: (mm: MmStruct) => TaskStruct | null,
): Verb<NouveauBatch> {
  const { stats } = stack;
  const faults = sortFaults(entries);
  const killed = new Set<MmStruct>();
  let nrServed = 0;
  let nrSkipped = 0;
  let nrCancelled = 0;
  let isMarkedAtomic = false;
  for (let i = 0; i < faults.length; ) {
    const first = faults[i] as NouveauFault;
    const task = taskOf(first.mm);
    if (!stack.system.world.kernel.defects.nouveauAtomicMark) isMarkedAtomic = false;
    if (first.access === "atomic") isMarkedAtomic = true;
    const window = windowOf(first);
    const rc = task === null ? -EFAULT : yield* serve(stack, task, first, window, isMarkedAtomic);
    if (rc === 0) nrServed++;
    else {
      nrCancelled++;
      killed.add(first.mm);
    }
    i++;
    // What follows inside the window is skipped if the FIRST entry's access is satisfied, whatever
    // it asks itself: a write behind a read faults again after the replay.
    const isSatisfied = rc === 0 && allows(stack.open(first.mm), first.page, first.access);
    for (; isSatisfied && i < faults.length && isInside(faults[i], first.mm, window); i++) {
      nrSkipped++;
    }
  }
  stats.batches++;
  stats.fault_entries += faults.length;
  stats.faults_served += nrServed;
  stats.faults_skipped += nrSkipped;
  stats.faults_cancelled += nrCancelled;
  if (nrServed > 0) stats.replays++;
  return { nrServed, nrSkipped, killed };
}

/** One page, or the block that the CPU maps by one leaf. */
function windowOf({ mm, page }: NouveauFault): PageRange {
  const { pageTable } = mm;
  const isHuge = leafKind(pageTable.slotBits(page)) === LEAF_PRESENT;
  if (!isHuge) return { start: page, nrPages: 1 };
  return { start: pageTable.blockStart(page), nrPages: pageTable.blockPages };
}

function isInside(fault: NouveauFault | undefined, mm: MmStruct, window: PageRange): boolean {
  if (fault === undefined || fault.mm !== mm) return false;
  return fault.page >= window.start && fault.page < window.start + window.nrPages;
}

/** Whether the device's entry satisfies an access now. */
function allows(mirror: DeviceMirror, page: number, access: NouveauAccess): boolean {
  const leaf = mirror.lookup(page);
  if (leaf === null) return access === "prefetch";
  return accessOrder(access) < accessOrder("write") || leaf.writable;
}

/**
 * An atomic operation takes its page from the CPU instead of asking HMM.
 * @kernelpart drivers/gpu/drm/nouveau/nouveau_svm.c nouveau_atomic_range_fault (v7.2) beside the
 * ordinary nouveau_range_fault
 */
function* serve(
  stack: NouveauStack,
  task: TaskStruct,
  { mm, page, access }: NouveauFault,
  window: PageRange,
  isAtomic: boolean,
): Verb {
  const mirror = stack.open(mm);
  if (isAtomic) {
    mirror.note("nouveau-exclusive", page, 1);
    return yield* mapExclusive(mirror, task, page, stack.paths);
  }
  mirror.note("nouveau-window", window.start, window.nrPages);
  const isWrite = access === "write";
  const asked = access === "prefetch" ? 0 : requestFlags(isWrite);
  // A notifier that lives as long as the fault is served covers its window.
  const request = { ...window, request: asked, owner: stack.attached.owner, notified: window };
  const store = (range: HmmRange): number => mapRange(mirror, range, { paths: stack.paths });
  const rc = yield* mirrorRange(stack.host, mirror, task, request, store);
  const isReadOnly = isWrite && mirror.lookup(page)?.writable === false;
  if (rc !== 0 || !isReadOnly || stack.system.world.kernel.defects.nouveauOwnReadOnly) return rc;
  // HMM never faults an own page, not for a write either. As a foreign one it is copied.
  const alone = { start: page, nrPages: 1, request: asked, owner: null, notified: window };
  return yield* mirrorRange(stack.host, mirror, task, alone, store);
}
