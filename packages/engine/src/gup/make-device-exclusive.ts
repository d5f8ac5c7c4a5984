// Giving a device atomic access to a page: the CPU's entry becomes a device-exclusive one, and any
// CPU access takes it back. Mirrors make_device_exclusive of mm/rmap.c.
import {
  EFFORT_PTE_SET,
  EFFORT_TLB_FLUSH,
  EOPNOTSUPP,
  FRAME_DIRTY,
  LEAF_DEVICE_EXCLUSIVE,
  LEAF_DIRTY,
  LEAF_PRESENT,
  LEAF_TABLE,
  LEAF_UFFD_WP,
  LEAF_WRITE,
  leafKind,
  type MmStruct,
  MMU_NOTIFY_EXCLUSIVE,
  type OwnerSpace,
  type TaskStruct,
  type World,
} from "@faultline/core";
import { folioPut } from "../folio/folio-alloc.ts";
import { folioIsAnon } from "../folio/folio-count.ts";
import { mmuNotifierInvalidateRangeEnd, mmuNotifierInvalidateRangeStart } from "../notify.ts";
import { getUserPages } from "./get-user-pages.ts";
import { FOLL_GET, FOLL_REMOTE, FOLL_SPLIT_PMD, FOLL_WRITE, GUP_WAIT } from "./gup-flags.ts";

/** Rounds of fault and re-check before the page counts as contended. */
const PATIENCE = 16;

/**
 * Replaces the page's entry by a device-exclusive one. The page is faulted in for writing first,
 * and a huge leaf over it is split; mapcount, references and content stay.
 * @returns the page's frame, a negative errno, or GUP_WAIT. The folio lock and the reference that
 * the kernel hands to the driver are already released.
 * @kernel mm/rmap.c make_device_exclusive (v7.2)
 */
export function makeDeviceExclusive(
  world: World,
  task: TaskStruct,
  mm: MmStruct,
  page: number,
  owner: OwnerSpace | null,
): number {
  const flags = FOLL_GET | FOLL_WRITE | FOLL_SPLIT_PMD | FOLL_REMOTE;
  for (let attempt = 0; attempt < PATIENCE; attempt++) {
    const pfns: number[] = [];
    const rc = getUserPages(world, task, mm, page, 1, flags, pfns);
    if (rc < 0) return rc;
    const pfn = pfns[0] as number;
    const head = world.frames.head(pfn);
    const isUsable = folioIsAnon(world, head);
    const isDone = isUsable && installExclusive(world, mm, page, pfn, owner);
    folioPut(world, head);
    if (!isUsable) return -EOPNOTSUPP;
    if (isDone) return pfn;
  }
  world.pendingWait = { reason: "notifier", object: mm };
  return GUP_WAIT;
}

/** Announces the change and installs the entry, unless the page changed hands meanwhile. */
function installExclusive(
  world: World,
  mm: MmStruct,
  page: number,
  pfn: number,
  owner: OwnerSpace | null,
): boolean {
  const range = mmuNotifierInvalidateRangeStart(
    world,
    mm,
    MMU_NOTIFY_EXCLUSIVE,
    page,
    page + 1,
    owner,
  );
  const { pageTable } = mm;
  const isTable = leafKind(pageTable.slotBits(page)) === LEAF_TABLE;
  const bits = pageTable.bits(page);
  const isSame = isTable && leafKind(bits) === LEAF_PRESENT && pageTable.val(page) === pfn;
  const isInstalled = isSame && (bits & LEAF_WRITE) !== 0;
  if (isInstalled) {
    if ((bits & LEAF_DIRTY) !== 0) world.frames.addFlags(world.frames.head(pfn), FRAME_DIRTY);
    pageTable.set(page, LEAF_DEVICE_EXCLUSIVE | (bits & LEAF_UFFD_WP), pfn);
    world.effort.add(EFFORT_PTE_SET, 1);
    world.effort.add(EFFORT_TLB_FLUSH, 1, 0, mm.cpumask);
    world.recorder?.note("exclusive-install", mm.mmId, page, 1);
  }
  mmuNotifierInvalidateRangeEnd(range);
  return isInstalled;
}
