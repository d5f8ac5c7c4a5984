// UFFDIO_MOVE: pages change their address without being copied. Mirrors mm/userfaultfd.c
// move_pages.
import {
  EAGAIN,
  EBUSY,
  EEXIST,
  EINVAL,
  ENOENT,
  LEAF_MIGRATION,
  LEAF_NONE,
  LEAF_PRESENT,
  leafKind,
  type MmStruct,
  type TaskStruct,
  type UserfaultfdCtx,
  VM_ACCESS_FLAGS,
  VM_HUGETLB,
  VM_IO,
  VM_LOCKED,
  VM_MIXEDMAP,
  VM_PFNMAP,
  VM_SHARED,
  VM_WRITE,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { checkCall, checkRange } from "../check-arguments.ts";
import { mmapReadLock, mmapReadUnlock } from "../mmap-lock.ts";
import { anonVmaPrepare } from "../rmap/anon-vma.ts";
import { isPmdLeaf, splitHugePmd } from "../thp/split-pmd.ts";
import type { Verb } from "../verb.ts";
import { movePagesHugePmd } from "./move-huge-pmd.ts";
import { movePagesPtes } from "./move-ptes.ts";
import { MOVE_WAIT, type UffdMove, waitForMigration } from "./uffd-move.ts";

/**
 * Do not wake whoever waits for the destination; nobody waits in the modelled ways of answering.
 */
export const UFFDIO_MOVE_MODE_DONTWAKE = 1;
/** Pages that are absent at the source are passed over. */
export const UFFDIO_MOVE_MODE_ALLOW_SRC_HOLES = 2;
const MOVE_MODES = UFFDIO_MOVE_MODE_DONTWAKE | UFFDIO_MOVE_MODE_ALLOW_SRC_HOLES;

/**
 * Moves `nrPages` pages from `src` to `dst`, where nothing may be mapped; `mode` is a sum of
 * UFFDIO_MOVE_MODE_*.
 * @returns pages moved; -EAGAIN when only some were; the error of the first page otherwise.
 * @kernelpart mm/userfaultfd.c move_pages (v7.2) the ioctl with its checks and the loop below it
 */
export function* userfaultfdMove(
  world: World,
  task: TaskStruct,
  ctx: UserfaultfdCtx,
  dst: number,
  src: number,
  nrPages: number,
  mode: number,
): Verb {
  checkCall(world, task, src, nrPages);
  checkRange(dst, nrPages, "dst");
  if (nrPages <= 0 || (mode & ~MOVE_MODES) !== 0) return -EINVAL;
  const { mm } = task;
  yield* mmapReadLock(world, mm);
  const vmas = moveVmas(world, mm, ctx, dst, src, nrPages);
  let rc = typeof vmas === "number" ? vmas : 0;
  let nrMoved = 0;
  if (typeof vmas !== "number") {
    const allowsHoles = (mode & UFFDIO_MOVE_MODE_ALLOW_SRC_HOLES) !== 0;
    const move: UffdMove = { mm, ...vmas, dst, src, srcEnd: src + nrPages, allowsHoles };
    while (move.src < move.srcEnd) {
      rc = yield* moveStep(world, move);
      if (rc < 0) break;
      if (rc === MOVE_WAIT && world.pendingWait !== null) yield world.pendingWait;
    }
    nrMoved = move.src - src;
    if (nrMoved > 0) world.recorder?.note("uffd-move", mm.mmId, dst, nrMoved);
  }
  mmapReadUnlock(mm);
  if (nrMoved === 0) return rc;
  return nrMoved === nrPages ? nrMoved : -EAGAIN;
}

/**
 * Moves what one step of the walk can: a whole huge leaf, or pages up to the next block border on
 * either side. The cursor advances by what was moved.
 */
function* moveStep(world: World, move: UffdMove): Verb {
  const table = move.mm.pageTable;
  const dstSlot = table.slotBits(move.dst);
  const srcSlot = table.slotBits(move.src);
  if (isPmdLeaf(dstSlot)) return -EEXIST;
  if (isPmdLeaf(srcSlot)) {
    if (!splitsHugePmd(world, move) && dstSlot === LEAF_NONE)
      return yield* movePagesHugePmd(world, move);
    if (leafKind(srcSlot) === LEAF_PRESENT) {
      const head = table.slotVal(move.src);
      if (head !== world.hugeZeroPfn && !world.frames.isAnonExclusive(head)) return -EBUSY;
    }
    if (leafKind(srcSlot) === LEAF_MIGRATION)
      return waitForMigration(world, table.slotVal(move.src));
    splitHugePmd(world, move.srcVma, move.src, true);
    return 0;
  }
  if (srcSlot === LEAF_NONE) {
    if (!move.allowsHoles) return -ENOENT;
    table.ensureLeafTable(move.src);
  }
  table.ensureLeafTable(move.dst);
  return yield* movePagesPtes(world, move);
}

/** @kernel mm/userfaultfd.c move_splits_huge_pmd (v7.2) */
function splitsHugePmd(world: World, move: UffdMove): boolean {
  const { blockPages } = world;
  const isAligned = move.src % blockPages === 0 && move.dst % blockPages === 0;
  return !isAligned || move.srcEnd - move.src < blockPages;
}

/**
 * Both VMAs of a move, or why it is refused. The destination gets its anon_vma even then.
 * @kernel mm/userfaultfd.c uffd_move_lock, validate_move_areas (v7.2)
 */
function moveVmas(
  world: World,
  mm: MmStruct,
  ctx: UserfaultfdCtx,
  dst: number,
  src: number,
  nrPages: number,
): { dstVma: VmAreaStruct; srcVma: VmAreaStruct } | number {
  const dstVma = mm.vmaAt(dst);
  if (dstVma === null) return -ENOENT;
  if ((dstVma.vmFlags & VM_SHARED) === 0) anonVmaPrepare(world, dstVma);
  const srcVma = mm.vmaAt(src);
  if (srcVma === null) return -ENOENT;
  if (src + nrPages > srcVma.vmEnd || dst + nrPages > dstVma.vmEnd) return -EINVAL;
  return areMoveCompatible(srcVma, dstVma, ctx) ? { dstVma, srcVma } : -EINVAL;
}

const IMMOVABLE = VM_SHARED | VM_PFNMAP | VM_IO | VM_HUGETLB | VM_MIXEDMAP;
const MUST_AGREE = VM_ACCESS_FLAGS | VM_LOCKED;

function areMoveCompatible(src: VmAreaStruct, dst: VmAreaStruct, ctx: UserfaultfdCtx): boolean {
  if (((src.vmFlags | dst.vmFlags) & IMMOVABLE) !== 0) return false;
  if (((src.vmFlags ^ dst.vmFlags) & MUST_AGREE) !== 0) return false;
  if ((src.vmFlags & VM_WRITE) === 0 || dst.uffdCtx !== ctx) return false;
  return src.isAnonymous && dst.isAnonymous;
}
