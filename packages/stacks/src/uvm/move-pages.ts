// Moving pages of a VA space between processors: collected through migrate_vma, copied, and what
// finds no room stays where it is. Where a GPU is full, root chunks are evicted first. Mirrors
// uvm_va_block_make_resident of uvm_va_block.c in what moves, not in how.
import {
  MIGRATE_VMA_SELECT_COMPOUND,
  MIGRATE_VMA_SELECT_DEVICE_COHERENT,
  MIGRATE_VMA_SELECT_DEVICE_PRIVATE,
  MIGRATE_VMA_SELECT_SYSTEM,
  type Verb,
} from "@faultline/engine";
import { forEachVma, type MovePiece } from "../device/for-each-vma.ts";
import { leaveOwnPages } from "../device/leave-own-pages.ts";
import { migrateToDevice, migrateToSystem } from "../device/migrate-range.ts";
import { mirrorRange, requestFlags } from "../device/mirror-range.ts";
import { makeRoom } from "./make-room.ts";
import { UVM_ID_CPU, type UvmProcessor } from "./select-residency.ts";
import { runsOf, type UvmMove } from "./uvm-move.ts";
import type { UvmStack } from "./uvm-stack.ts";

/**
 * Moves them, as far as they can.
 * @returns pages that are in a new place.
 */
export function* movePages(asker: UvmStack, move: UvmMove): Verb {
  const target = asker.driver.stackOf(move.to);
  if (target === undefined) return yield* toSystem(asker, move);
  return yield* toGpu(asker, target, move);
}

function* toSystem({ driver, system }: UvmStack, move: UvmMove): Verb {
  const { block, task } = move;
  let nrMoved = 0;
  for (const from of driver.stacks) {
    const held = move.pages.filter((page) => block.processorOf(page) === from.processor);
    const piece: MovePiece = (vma, start, end) =>
      migrateToSystem(system, { from: from.attached, task, range: { vma, start, end } });
    for (const run of runsOf(held)) {
      const moved = yield* forEachVma(system.world, block.space.mm, run, block.nrLeaves, piece);
      if (moved.nrMoved > 0) from.noteMove(move, run, from.processor);
      nrMoved += moved.nrMoved;
    }
  }
  return nrMoved;
}

function* toGpu(asker: UvmStack, target: UvmStack, move: UvmMove): Verb {
  const { system, attached } = target;
  const { block } = move;
  const { mm } = block.space;
  yield* fetchAway(asker, move);
  const distant = move.pages.filter((page) => !canCopyFrom(target, block.processorOf(page)));
  yield* toSystem(asker, { ...move, pages: distant, to: UVM_ID_CPU });
  const wanted = move.pages.filter((page) => block.processorOf(page) !== target.processor);
  yield* makeRoom(target, move, wanted.length);
  const sources = new Map(wanted.map((page) => [page, block.processorOf(page)]));
  const piece: MovePiece = (vma, start, end) =>
    migrateToDevice(system, {
      vma,
      start,
      end,
      flags: selectFor(target, start, end),
      pgmapOwner: attached.owner,
      target: attached,
      accept: (args) => leaveOwnPages(system.world, args, attached.pgmap),
      take: (order) => target.chunks.take(attached, order),
    });
  let nrMoved = 0;
  for (const run of runsOf(wanted)) {
    const moved = yield* forEachVma(system.world, mm, run, block.nrLeaves, piece);
    if (moved.nrMoved > 0) target.noteMove(move, run, sources.get(run.start) ?? null);
    nrMoved += moved.nrMoved;
  }
  return nrMoved;
}

/** Whether a GPU copies from a processor; between GPUs without a link pages go through the CPU. */
function canCopyFrom({ driver, processor }: UvmStack, from: UvmProcessor | null): boolean {
  return from === null || from === UVM_ID_CPU || driver.canAccess(processor, from);
}

/** What is in swap, or on a device that is not UVM's, is faulted to system memory first. */
function* fetchAway({ attached, host }: UvmStack, move: UvmMove): Verb<void> {
  const away = move.pages.filter((page) => move.block.homeOf(page).isAway);
  const { range: notified } = move.block;
  for (const run of runsOf(away)) {
    const request = { ...run, request: requestFlags(false), owner: attached.owner, notified };
    yield* mirrorRange(host, move.mirror, move.task, request, () => 0);
  }
}

/** Large folios move whole only where whole blocks of the page table do. */
function selectFor({ attached, system }: UvmStack, start: number, end: number): number {
  const { blockPages } = system.world;
  const isWhole = start % blockPages === 0 && end % blockPages === 0;
  const kind =
    attached.device.memory?.isCpuCoherent === true
      ? MIGRATE_VMA_SELECT_DEVICE_COHERENT
      : MIGRATE_VMA_SELECT_DEVICE_PRIVATE;
  const compound = isWhole ? MIGRATE_VMA_SELECT_COMPOUND : 0;
  return MIGRATE_VMA_SELECT_SYSTEM | kind | compound;
}
