// Moving a whole huge leaf for UFFDIO_MOVE. Mirrors mm/huge_memory.c move_pages_huge_pmd.
import {
  EBUSY,
  EFFORT_PTE_SET,
  EFFORT_TLB_FLUSH,
  ENOENT,
  LEAF_DIRTY,
  LEAF_MIGRATION,
  LEAF_NONE,
  LEAF_PRESENT,
  LEAF_WRITE,
  LEAF_YOUNG,
  leafKind,
  MMU_NOTIFY_CLEAR,
  type World,
} from "@faultline/core";
import {
  mmuNotifierInvalidateRangeEnd,
  mmuNotifierInvalidateRangeStart,
  settle,
} from "../notify.ts";
import type { Verb } from "../verb.ts";
import { reindexAnonFolio } from "./move-ptes.ts";
import { type UffdMove, waitForMigration } from "./uffd-move.ts";

/**
 * Moves the block at the cursor. A moved folio is writable at its new place; write-protection by
 * the monitor does not move along.
 * @returns 0; -ENOENT for a device-private leaf; -EBUSY for a shared or pinned folio; MOVE_WAIT.
 * @kernel mm/huge_memory.c move_pages_huge_pmd (v7.2)
 */
export function* movePagesHugePmd(world: World, move: UffdMove): Verb {
  const { mm, src, dst } = move;
  const table = mm.pageTable;
  const { frames, blockPages } = world;
  const kind = leafKind(table.slotBits(src));
  const head = table.slotVal(src);
  if (kind === LEAF_MIGRATION) return waitForMigration(world, head);
  if (kind !== LEAF_PRESENT) return -ENOENT;
  const isZero = head === world.hugeZeroPfn;
  if (!isZero && !frames.isAnonExclusive(head)) return -EBUSY;
  const range = mmuNotifierInvalidateRangeStart(world, mm, MMU_NOTIFY_CLEAR, src, src + blockPages);
  yield* settle(range);
  const isPinned = !isZero && frames.pinCount(head) > 0;
  if (!isPinned) {
    table.setSlot(src, LEAF_NONE, 0);
    const right = isZero ? 0 : LEAF_DIRTY | LEAF_WRITE;
    table.setSlot(dst, LEAF_PRESENT | LEAF_YOUNG | right, head);
    if (!isZero) reindexAnonFolio(world, head, move.dstVma, dst);
    world.effort.add(EFFORT_PTE_SET, 2);
    world.effort.add(EFFORT_TLB_FLUSH, 1, world.geometry.pmdOrder, mm.cpumask);
    move.src += blockPages;
    move.dst += blockPages;
  }
  mmuNotifierInvalidateRangeEnd(range);
  return isPinned ? -EBUSY : 0;
}
