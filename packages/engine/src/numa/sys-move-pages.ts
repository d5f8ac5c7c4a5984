// move_pages: moving the listed pages of a process, or asking where they are. Mirrors
// kernel_move_pages of mm/migrate.c. Pages of another process and cpusets are left out.
import {
  EACCES,
  EBUSY,
  EFAULT,
  EINVAL,
  ENODEV,
  ENOENT,
  EPERM,
  type MmStruct,
  type TaskStruct,
  VM_IO,
  VM_PFNMAP,
  type World,
} from "@faultline/core";
import { checkRange, checkTask } from "../check-arguments.ts";
import { folioMaybeMappedShared, isZoneDevicePfn } from "../folio/folio-count.ts";
import { migrateFolioList } from "../migrate/migrate-folio-list.ts";
import { mmapReadLock, mmapReadUnlock } from "../mmap-lock.ts";
import type { Verb } from "../verb.ts";
import { targetOnNode } from "./alloc-target.ts";
import { FolioList } from "./folio-isolation.ts";
import { NO_PFN, presentPfnAt } from "./walk-folio.ts";

/** mbind: fail with -EIO when a page is not where the policy wants it. */
export const MPOL_MF_STRICT = 1;
/** Move pages that this process alone maps. */
export const MPOL_MF_MOVE = 2;
/** Move pages that other processes map too. */
export const MPOL_MF_MOVE_ALL = 4;

/** Status of a page that the kernel never wrote. */
export const STATUS_UNWRITTEN = -999;

/** What move_pages is asked to do. */
export interface MovePagesRequest {
  /** Virtual page numbers. */
  readonly pages: readonly number[];
  /** Target node of each page; null only asks where the pages are. */
  readonly nodes: readonly number[] | null;
  /** MPOL_MF_MOVE or MPOL_MF_MOVE_ALL. @defaultValue MPOL_MF_MOVE */
  readonly flags?: number;
  /** Receives a node or a negative errno for each page; entries not written keep their value. */
  readonly status: Int32Array;
  /** CAP_SYS_NICE. @defaultValue true */
  readonly isCapable?: boolean;
}

/** The state of one call between flushes. */
interface MoveRun {
  readonly world: World;
  readonly task: TaskStruct;
  readonly request: MovePagesRequest;
  readonly list: FolioList;
  /** Target of the queued pages, or NO_NODE. */
  node: number;
  /** First page that the queue stands for. */
  start: number;
}

const NO_NODE = -1;
/** `addFolioForMigration` queued the folio. */
const QUEUED = 1;

/**
 * @returns 0; the number of pages not moved when migration failed midway; or a negative errno.
 * @kernel mm/migrate.c kernel_move_pages (v7.2)
 */
export function* sysMovePages(world: World, task: TaskStruct, request: MovePagesRequest): Verb {
  checkTask(world, task);
  for (const page of request.pages) checkRange(page, 1, "request.pages");
  const flags = request.flags ?? MPOL_MF_MOVE;
  if ((flags & ~(MPOL_MF_MOVE | MPOL_MF_MOVE_ALL)) !== 0) return -EINVAL;
  if ((flags & MPOL_MF_MOVE_ALL) !== 0 && request.isCapable === false) return -EPERM;
  yield* mmapReadLock(world, task.mm);
  const result =
    request.nodes === null
      ? doPagesStat(world, task.mm, request)
      : doPagesMove(world, task, request, request.nodes);
  mmapReadUnlock(task.mm);
  return result;
}

/** @kernel mm/migrate.c do_pages_stat_array (v7.2) */
function doPagesStat(world: World, mm: MmStruct, request: MovePagesRequest): number {
  request.pages.forEach((page, i) => {
    request.status[i] = statPage(world, mm, page);
  });
  return 0;
}

function statPage(world: World, mm: MmStruct, page: number): number {
  if (mm.vmaAt(page) === null) return -EFAULT;
  const pfn = presentPfnAt(mm, page);
  if (pfn === NO_PFN) return -ENOENT;
  if (isZeroPfn(world, pfn)) return -EFAULT;
  return isZoneDevicePfn(world, pfn) ? -ENOENT : world.frames.nodeOf(pfn);
}

function isZeroPfn(world: World, pfn: number): boolean {
  return pfn === world.zeroPfn || pfn === world.hugeZeroPfn;
}

/**
 * Queues pages in runs of equal target. A run is moved when the target changes and after each page
 * whose status is known at once.
 * @kernel mm/migrate.c do_pages_move (v7.2)
 */
function doPagesMove(
  world: World,
  task: TaskStruct,
  request: MovePagesRequest,
  nodes: readonly number[],
): number {
  const { pages, status } = request;
  const run = { world, task, request, list: new FolioList(), node: NO_NODE, start: 0 };
  let i = 0;
  for (; i < pages.length; i++) {
    const node = nodes[i] as number;
    if ((world.nodes[node]?.nrPages ?? 0) === 0) {
      moveAndStoreStatus(run, i);
      return -ENODEV;
    }
    if (run.node === NO_NODE) {
      run.node = node;
      run.start = i;
    } else if (node !== run.node) {
      const failed = moveAndStoreStatus(run, i);
      if (failed !== 0) return failed;
      run.start = i;
      run.node = node;
    }
    const added = addFolioForMigration(run, pages[i] as number);
    if (added === QUEUED) continue;
    status[i] = added === 0 ? run.node : added;
    const failed = moveAndStoreStatus(run, i);
    // The page itself has its status, so it is not among those not attempted.
    if (failed !== 0) return failed > 0 ? failed - 1 : failed;
    run.node = NO_NODE;
  }
  return moveAndStoreStatus(run, i);
}

/**
 * Moves what is queued and writes the status of the pages before `i`.
 * @returns 0, or the number of pages not moved together with those not attempted.
 * @kernel mm/migrate.c move_pages_and_store_status (v7.2)
 */
function moveAndStoreStatus(run: MoveRun, i: number): number {
  const { world, task, list, node, request } = run;
  if (list.size === 0) return 0;
  world.recorder?.note(
    "move-pages-flush",
    task.mm.mmId,
    request.pages[run.start] ?? 0,
    i - run.start,
  );
  const failed = migrateFolioList(world, list.takeAll(), targetOnNode(world, node));
  if (failed !== 0) return failed + request.pages.length - i;
  request.status.fill(node, run.start, i);
  return 0;
}

/**
 * @returns QUEUED, 0 when the page is on the node already, or a negative errno.
 * @kernel mm/migrate.c add_folio_for_migration (v7.2)
 */
function addFolioForMigration(run: MoveRun, page: number): number {
  const { world, task, node, request, list } = run;
  const vma = task.mm.vmaAt(page);
  if (vma === null || (vma.vmFlags & (VM_IO | VM_PFNMAP)) !== 0) return -EFAULT;
  const pfn = presentPfnAt(task.mm, page);
  if (pfn === NO_PFN) return -ENOENT;
  if (isZeroPfn(world, pfn)) return -EFAULT;
  if (isZoneDevicePfn(world, pfn)) return -ENOENT;
  const head = world.frames.head(pfn);
  if (world.frames.nodeOf(head) === node) return 0;
  const isMoveAll = ((request.flags ?? 0) & MPOL_MF_MOVE_ALL) !== 0;
  if (!isMoveAll && folioMaybeMappedShared(world, head)) return -EACCES;
  return list.isolate(world, head) ? QUEUED : -EBUSY;
}
