// Moving pages of a VA space between processors: collected through migrate_vma, copied, and what
// finds no room stays where it is. Where a GPU is full, root chunks are evicted first. Mirrors
// uvm_va_block_make_resident of uvm_va_block.c in what moves, not in how.
import {
  MIGRATE_VMA_SELECT_COMPOUND,
  MIGRATE_VMA_SELECT_SYSTEM,
  type Verb,
} from "@faultline/engine";
import { noteCopyJobs } from "../device/driver-work.ts";
import { leaveOwnPages } from "../device/leave-own-pages.ts";
import {
  beginToDevice,
  beginToSystem,
  selectOf,
  type ToDeviceTerms,
  type ToSystemTerms,
} from "../device/migrate-range.ts";
import { mirrorRange, requestFlags } from "../device/mirror-range.ts";
import { makeRoom, needsRoom } from "./make-room.ts";
import { type BeginPiece, moveRuns, type RunMoved } from "./move-runs.ts";
import { UVM_ID_CPU, type UvmProcessor } from "./select-residency.ts";
import { runsOf, type UvmMove } from "./uvm-move.ts";
import type { UvmStack } from "./uvm-stack.ts";

/**
 * Moves them, as far as they can.
 * @returns pages that are in a new place.
 */
export function movePages(asker: UvmStack, move: UvmMove): Verb {
  const target = asker.driver.stackOf(move.to);
  return target === undefined ? toSystem(asker, move) : toGpu(asker, target, move);
}

function* toSystem({ driver, system }: UvmStack, move: UvmMove): Verb {
  const { block, task } = move;
  let nrMoved = 0;
  for (const from of driver.stacks) {
    const held = move.pages.filter((page) => block.processorOf(page) === from.processor);
    if (held.length === 0) continue;
    const terms: ToSystemTerms = { from: from.attached, task, onCopy: () => pushRun(from) };
    const begin: BeginPiece = (vma, start, end) => beginToSystem(system, terms, vma, start, end);
    const note: RunMoved = (run, nrHere) => {
      if (nrHere > 0) from.noteMove(move, run, from.processor);
    };
    nrMoved += yield* moveRuns(system, block.space.mm, runsOf(held), begin, note);
  }
  return nrMoved;
}

function* toGpu(asker: UvmStack, target: UvmStack, move: UvmMove): Verb {
  const { block } = move;
  if (!isWithinReach(target, move)) yield* bringNear(asker, target, move);
  const wanted: number[] = [];
  const sources: (UvmProcessor | null)[] = [];
  for (const page of move.pages) {
    const source = block.processorOf(page);
    if (source === target.processor) continue;
    wanted.push(page);
    sources.push(source);
  }
  if (needsRoom(target, wanted.length)) yield* makeRoom(target, move, wanted.length);
  let first = 0;
  const note: RunMoved = (run, nrMoved) => {
    if (nrMoved > 0) target.noteMove(move, run, sources[first] ?? null);
    first += run.nrPages;
  };
  return yield* moveRuns(target.system, block.space.mm, runsOf(wanted), beginTo(target), note);
}

/** Takes part of one VMA to a GPU; large folios move whole where whole blocks do. */
function beginTo(target: UvmStack): BeginPiece {
  const { system, attached, chunks } = target;
  const terms: ToDeviceTerms = {
    flags: MIGRATE_VMA_SELECT_SYSTEM | MIGRATE_VMA_SELECT_COMPOUND | selectOf(attached),
    pgmapOwner: attached.owner,
    target: attached,
    accept: (args) => leaveOwnPages(system.world, args, attached.pgmap),
    take: (order) => chunks.take(attached, order),
    onCopy: () => pushRun(target),
  };
  return (vma, start, end) => beginToDevice(system, terms, vma, start, end);
}

/** The copy engine gets a job for each run of pages. @returns 0 */
function pushRun({ system, attached }: UvmStack): number {
  noteCopyJobs(system.world, attached, 1);
  return 0;
}

/** Whether every page is where the GPU can copy it from. */
function isWithinReach(target: UvmStack, { block, pages }: UvmMove): boolean {
  for (const page of pages) {
    if (block.isAway(page) || !canCopyFrom(target, block.processorOf(page))) return false;
  }
  return true;
}

/** Pages that the GPU cannot copy from where they are go to system memory first. */
function* bringNear(asker: UvmStack, target: UvmStack, move: UvmMove): Verb<void> {
  yield* fetchAway(asker, move);
  const { block } = move;
  const distant = move.pages.filter((page) => !canCopyFrom(target, block.processorOf(page)));
  yield* toSystem(asker, { ...move, pages: distant, to: UVM_ID_CPU });
}

/** Whether a GPU copies from a processor; between GPUs without a link pages go through the CPU. */
function canCopyFrom({ driver, processor }: UvmStack, from: UvmProcessor | null): boolean {
  return from === null || from === UVM_ID_CPU || driver.canAccess(processor, from);
}

/** What is in swap, or on a device that is not UVM's, is faulted to system memory first. */
function* fetchAway({ attached, host }: UvmStack, move: UvmMove): Verb<void> {
  const away = move.pages.filter((page) => move.block.isAway(page));
  const { range: notified } = move.block;
  for (const run of runsOf(away)) {
    const request = { ...run, request: requestFlags(false), owner: attached.owner, notified };
    yield* mirrorRange(host, move.mirror, move.task, request, () => 0);
  }
}
