// migrate_vma in a driver's hands: collect, find targets and copy, let the copy engine run, finish.
// The same phases for every driver; which pages, from whom, and what counts as success differ.
import {
  EINVAL,
  ENOMEM,
  type OwnerSpace,
  STAGE_UNMAP,
  type TaskStruct,
  type World,
} from "@faultline/core";
import {
  type AttachedDevice,
  type DeviceSystem,
  MIGRATE_PFN_COMPOUND,
  MIGRATE_PFN_MIGRATE,
  MIGRATE_VMA_SELECT_COMPOUND,
  MIGRATE_VMA_SELECT_DEVICE_COHERENT,
  MIGRATE_VMA_SELECT_DEVICE_PRIVATE,
  type MigrateVma,
  type MigrateVmaSpec,
  type MigrateWords,
  migrateVmaFinalize,
  worksheetOn,
  migrateVmaPages,
  migrateVmaSetup,
  reachesMemory,
  type Verb,
} from "@faultline/engine";
import { takeDeviceFolio } from "./device-folio.ts";
import { noteCollected } from "./driver-work.ts";
import { abandonTargets, fillDeviceTargets, fillSystemTargets } from "./fill-targets.ts";

/** What a migration came to. */
export interface MoveOutcome {
  /** 0, or a negative errno: then nothing moved. */
  readonly rc: number;
  /** Pages that are in their new place. */
  readonly nrMoved: number;
}

/** What moves to a device: part of one VMA, under the mmap lock, which the caller holds. */
export interface ToDeviceRequest extends MigrateVmaSpec {
  readonly target: AttachedDevice;
  /** Judges what was collected, before anything is copied. 0 goes on. @defaultValue always 0 */
  readonly accept?: (args: MigrateVma) => number;
  /** Takes a target. @defaultValue from the target's allocator */
  readonly take?: (order: number) => number;
  /** Every collected page must find room, or nothing moves (-ENOMEM). @defaultValue false */
  readonly needsAll?: boolean;
  /**
   * Called when every source has its target, before the copy engine runs.
   * @returns 0, or a negative errno: then nothing moves.
   */
  readonly onCopy?: (args: MigrateVma) => number;
}

/** A migration that has got as far as its copy. */
export interface BegunMove {
  /** 0, or a negative errno: then all is where it was. */
  readonly rc: number;
  readonly args: MigrateVma;
  readonly words: MigrateWords;
}

/** Moves pages of a range into a device's memory. */
export function migrateToDevice(
  system: DeviceSystem,
  request: ToDeviceRequest,
): Verb<MoveOutcome> {
  return move(system, beginToDevice, request);
}

function* move<Request>(
  system: DeviceSystem,
  begin: (system: DeviceSystem, request: Request) => BegunMove,
  request: Request,
): Verb<MoveOutcome> {
  const { effort } = system.world;
  const stage = effort.enterStage(STAGE_UNMAP);
  const begun = begin(system, request);
  if (begun.rc === 0) yield { reason: "copy", object: begun.args };
  const nrMoved = endMove(system, begun);
  effort.enterStage(stage);
  return { rc: begun.rc, nrMoved };
}

/** What precedes the copy of `migrateToDevice`; `endMove` follows it. */
export function beginToDevice(system: DeviceSystem, request: ToDeviceRequest): BegunMove {
  const { world } = system;
  const { device } = request.target;
  const isSystemOnly = world.designs["policy.onlySystemPages"] === "on";
  const left = isSystemOnly ? MIGRATE_VMA_SELECT_DEVICE_PRIVATE : 0;
  const { vma, start, end, pgmapOwner, faultPage = 0 } = request;
  const words = system.migrateWords.take(end - start);
  const args = worksheetOn(words, {
    vma,
    start,
    end,
    flags: request.flags & ~left,
    pgmapOwner,
    faultPage,
    p2pAllow: (pgmap) => reachesMemory(system, device, system.deviceOf(pgmap).device),
  });
  return { rc: prepareForDevice(system, request, args), args, words };
}

/** What follows the copy, if it came to one. @returns pages that are in their new place */
export function endMove({ world, migrateWords }: DeviceSystem, begun: BegunMove): number {
  const { rc, args, words } = begun;
  const nrMoved = rc === 0 ? finish(world, args) : 0;
  migrateWords.give(words);
  return nrMoved;
}

/** Everything up to the copy. @returns 0, or a negative errno: then all is where it was */
function prepareForDevice(
  system: DeviceSystem,
  request: ToDeviceRequest,
  args: MigrateVma,
): number {
  const { world } = system;
  const refused = migrateVmaSetup(world, args);
  if (refused !== 0) return refused;
  const verdict = request.accept?.(args) ?? 0;
  if (verdict !== 0) return abandon(world, args, verdict);
  const take = request.take ?? ((order) => takeDeviceFolio(system, request.target, order));
  const nrFilled = fillDeviceTargets(world, args, take);
  if (request.needsAll === true && nrFilled < args.cpages) return abandon(world, args, -ENOMEM);
  noteCollected(world, request.target, args);
  const unready = request.onCopy?.(args) ?? 0;
  return unready === 0 ? 0 : abandon(world, args, unready);
}

/** What moves to system memory: pages of `from` in part of one VMA, under the mmap lock. */
export interface ToSystemRequest {
  readonly from: AttachedDevice;
  readonly task: TaskStruct;
  readonly range: Pick<MigrateVmaSpec, "vma" | "start" | "end" | "faultPage">;
  /** @defaultValue the device's owner */
  readonly owner?: OwnerSpace;
  /** Which collected pages move. @defaultValue those in the memory of `from` */
  readonly isOurs?: (pfn: number) => boolean;
  /** Large folios move whole. @defaultValue true */
  readonly compound?: boolean;
  /** As in `ToDeviceRequest`. */
  readonly onCopy?: (args: MigrateVma) => number;
}

/** Brings device pages of a range back to system memory. */
export function migrateToSystem(
  system: DeviceSystem,
  request: ToSystemRequest,
): Verb<MoveOutcome> {
  return move(system, beginToSystem, request);
}

/** As `beginToDevice`. */
export function beginToSystem(system: DeviceSystem, request: ToSystemRequest): BegunMove {
  const { world, migrateWords } = system;
  const { from } = request;
  const { vma, start, end, faultPage = 0 } = request.range;
  const words = migrateWords.take(end - start);
  const args = worksheetOn(words, {
    vma,
    start,
    end,
    faultPage,
    flags: selectOf(from) | (request.compound === false ? 0 : MIGRATE_VMA_SELECT_COMPOUND),
    pgmapOwner: request.owner ?? from.owner,
  });
  const rc = from.pgmap === null ? -EINVAL : prepareForSystem(world, request, args);
  return { rc, args, words };
}

/** As `prepareForDevice`. */
function prepareForSystem(
  world: World,
  {
    from,
    task,
    isOurs = (pfn) => world.frames.pgmapOf(pfn) === from.pgmap,
    onCopy,
  }: ToSystemRequest,
  args: MigrateVma,
): number {
  const refused = migrateVmaSetup(world, args);
  if (refused !== 0) return refused;
  if (!fillSystemTargets(world, task, args, isOurs)) return abandon(world, args, -ENOMEM);
  noteCollected(world, from, args);
  const unready = onCopy?.(args) ?? 0;
  return unready === 0 ? 0 : abandon(world, args, unready);
}

/** The kind of device memory that migrations from a device select. */
function selectOf({ device }: AttachedDevice): number {
  return device.memory?.isCpuCoherent === true
    ? MIGRATE_VMA_SELECT_DEVICE_COHERENT
    : MIGRATE_VMA_SELECT_DEVICE_PRIVATE;
}

/** Puts everything back where it was. @returns `rc` */
function abandon(world: World, args: MigrateVma, rc: number): number {
  abandonTargets(world, args);
  migrateVmaFinalize(world, args);
  return rc;
}

/** What follows the copy. @returns pages that are in their new place */
function finish(world: World, args: MigrateVma): number {
  migrateVmaPages(world, args);
  let nrMoved = 0;
  for (let i = 0; i < args.nrPages; i++) {
    const flags = args.srcFlags[i] as number;
    if ((flags & MIGRATE_PFN_MIGRATE) === 0) continue;
    nrMoved += (flags & MIGRATE_PFN_COMPOUND) === 0 ? 1 : world.blockPages;
  }
  migrateVmaFinalize(world, args);
  return nrMoved;
}
