// Moving granules and ranges between system memory and GPUs, with the events that tell of it.
// Mirrors drivers/gpu/drm/amd/amdkfd/kfd_migrate.c: partial success is success.
import {
  EDEADLK,
  EINVAL,
  ENOSPC,
  leafKind,
  LEAF_DEVICE_PRIVATE,
  LEAF_PRESENT,
  LEAF_TABLE,
  type MmStruct,
  type TaskStruct,
} from "@faultline/core";
import {
  type AttachedDevice,
  type DeviceSystem,
  MIGRATE_VMA_SELECT_COMPOUND,
  MIGRATE_VMA_SELECT_DEVICE_COHERENT,
  MIGRATE_VMA_SELECT_DEVICE_PRIVATE,
  MIGRATE_VMA_SELECT_SYSTEM,
  type Verb,
} from "@faultline/engine";
import { forEachVma, type MovePiece } from "../device/for-each-vma.ts";
import { leaveOwnPages } from "../device/leave-own-pages.ts";
import { migrateToDevice, migrateToSystem } from "../device/migrate-range.ts";
import type { PageRange } from "../device/device-stack.ts";
import { isSameHive } from "./best-location.ts";
import type { KfdProcess } from "./kfd-process.ts";
import type { KfdStack } from "./kfd-stack.ts";
import type { SvmRange } from "./svm-range.ts";

const SELECT_RAM: number = MIGRATE_VMA_SELECT_SYSTEM | MIGRATE_VMA_SELECT_COMPOUND;
const SELECT_HIVE: number =
  SELECT_RAM | MIGRATE_VMA_SELECT_DEVICE_PRIVATE | MIGRATE_VMA_SELECT_DEVICE_COHERENT;

/** Tries of moving a whole range to system memory. */
const TRIES = 3;

/** A migration of part of a range. */
export interface SvmMove extends PageRange {
  readonly process: KfdProcess;
  readonly range: SvmRange;
  readonly task: TaskStruct;
  /** KFD_MIGRATE_TRIGGER_*. */
  readonly trigger: number;
}

/**
 * Moves pages to a GPU's memory; from another GPU by way of system memory, where the whole range
 * goes first, unless `kfd.vramToVram` has it otherwise.
 * @returns 0, also when nothing moved; -ENOSPC when the GPU has no room for the range.
 * @kernel drivers/gpu/drm/amd/amdkfd/kfd_migrate.c svm_migrate_to_vram (v7.2)
 */
export function* svmMigrateToVram(to: KfdStack, move: SvmMove): Verb {
  const { actualLoc } = move.range;
  if (actualLoc === null || actualLoc === to.attached) return yield* intoVram(to, move);
  const from = to.driver.stackOf(actualLoc);
  if (from === undefined) return -EINVAL;
  const mode = to.knobs["kfd.vramToVram"];
  if (mode === "direct" && isSameHive(actualLoc, to.attached)) return yield* intoVram(to, move);
  const { range } = move;
  const whole = { ...move, start: range.start, nrPages: range.nrPages };
  const first = mode === "bounceWholeRange" ? whole : move;
  const rc = yield* svmMigrateOut(from, first);
  return rc === 0 ? yield* intoVram(to, move) : rc;
}

/**
 * Brings a GPU's pages of part of a range back, in as many as three tries.
 * @returns 0; -EDEADLK when pages are still there; what the first failing try returned.
 */
export function* svmMigrateOut(from: KfdStack, move: SvmMove): Verb {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const rc = yield* svmMigrateVramToRam(from, move);
    if (rc !== 0) return rc;
    if (nrPagesOn(from, move.process.mm, move) === 0) return 0;
  }
  return -EDEADLK;
}

/**
 * The first page of a range takes room for the whole range, which keeps it until its last page has
 * left. With `direct`, memory of the hive is collected as well.
 * @kernel drivers/gpu/drm/amd/amdkfd/kfd_migrate.c svm_migrate_ram_to_vram (v7.2)
 */
function* intoVram(to: KfdStack, move: SvmMove): Verb {
  const { system, attached } = to;
  const { process, range, start, nrPages } = move;
  const hasRoom = range.actualLoc === attached || to.nrUnreserved >= range.nrPages;
  if (!hasRoom && !(yield* to.makeRoom(move))) return -ENOSPC;
  const isDirect = to.knobs["kfd.vramToVram"] === "direct" && attached.device.hive !== null;
  const holder = range.actualLoc === null ? undefined : to.driver.stackOf(range.actualLoc);
  const source = isDirect && holder !== undefined && holder !== to ? holder.gpuId : 0;
  const piece: MovePiece = function* (vma, from, end) {
    to.emitMove(move, { start: from, nrPages: end - from }, source, to.gpuId);
    const moved = yield* migrateToDevice(system, {
      vma,
      start: from,
      end,
      flags: isDirect ? SELECT_HIVE : SELECT_RAM,
      pgmapOwner: attached.owner,
      target: attached,
      accept: (args) => leaveOwnPages(system.world, args, attached.pgmap),
      onCopy: (args) => to.noteCopyJobs(args),
    });
    to.emitMoveEnd(move, { start: from, nrPages: end - from }, source, to.gpuId, moved.rc);
    return moved;
  };
  const { rc } = yield* forEachVma(system.world, process.mm, { start, nrPages }, MAX_PIECE, piece);
  updateLocation(to, process.mm, range);
  return rc;
}

/**
 * Brings a GPU's pages of part of a range back.
 * @kernel drivers/gpu/drm/amd/amdkfd/kfd_migrate.c svm_migrate_vram_to_ram (v7.2)
 */
export function* svmMigrateVramToRam(from: KfdStack, move: SvmMove): Verb {
  const { system, attached } = from;
  const { process, range, task, start, nrPages } = move;
  const piece: MovePiece = function* (vma, first, end) {
    from.emitMove(move, { start: first, nrPages: end - first }, from.gpuId, 0);
    const moved = yield* migrateToSystem(system, {
      from: attached,
      task,
      range: { vma, start: first, end },
      onCopy: (args) => from.noteCopyJobs(args),
    });
    from.emitMoveEnd(move, { start: first, nrPages: end - first }, from.gpuId, 0, moved.rc);
    return moved;
  };
  const { rc } = yield* forEachVma(system.world, process.mm, { start, nrPages }, MAX_PIECE, piece);
  updateLocation(from, process.mm, range);
  return rc;
}

/** Pieces are VMAs, whatever their size; a power of two above any. */
const MAX_PIECE = 2 ** 45;

/** A range is on a GPU as long as one of its pages is. */
export function updateLocation(stack: KfdStack, mm: MmStruct, range: SvmRange): void {
  const isThere = nrPagesOn(stack, mm, range) > 0;
  if (isThere) range.actualLoc = stack.attached;
  else if (range.actualLoc === stack.attached) range.actualLoc = null;
}

/** Pages of a span that are in the memory of a GPU. */
function nrPagesOn(
  { system, attached }: { readonly system: DeviceSystem; readonly attached: AttachedDevice },
  { pageTable }: MmStruct,
  { start, nrPages }: PageRange,
): number {
  const { frames } = system.world;
  let count = 0;
  for (let page = start; page < start + nrPages; page++) {
    const slot = pageTable.slotBits(page);
    const isTable = leafKind(slot) === LEAF_TABLE;
    const kind = leafKind(isTable ? pageTable.bits(page) : slot);
    if (kind !== LEAF_DEVICE_PRIVATE && kind !== LEAF_PRESENT) continue;
    const pfn = isTable ? pageTable.val(page) : pageTable.slotVal(page);
    if (frames.pgmapOf(pfn) === attached.pgmap) count++;
  }
  return count;
}
