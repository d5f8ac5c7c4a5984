// migrate_vma in a driver's hands: collect, find targets and copy, let the copy engine run, finish.
// The same phases for every driver; which pages, from whom, and what counts as success differ.
import {
  type DevPagemap,
  EINVAL,
  ENOMEM,
  type OwnerSpace,
  STAGE_UNMAP,
  type TaskStruct,
  type VmAreaStruct,
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
  migrateVmaFinalize,
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

/** How pages move to a device. */
export interface ToDeviceTerms extends Pick<MigrateVmaSpec, "flags" | "pgmapOwner" | "faultPage"> {
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

/** What moves to a device: part of one VMA, under the mmap lock, which the caller holds. */
export type ToDeviceRequest = ToDeviceTerms & Pick<MigrateVmaSpec, "vma" | "start" | "end">;

/** A migration that has got as far as its copy. */
export interface BegunMove {
  /** 0, or a negative errno: then all is where it was. */
  readonly rc: number;
  readonly args: MigrateVma;
}

/** Moves pages of a range into a device's memory. */
export function migrateToDevice(system: DeviceSystem, request: ToDeviceRequest): Verb<MoveOutcome> {
  const { vma, start, end } = request;
  return migrate(system, () => beginToDevice(system, request, vma, start, end));
}

/** One migration by itself: its copy is waited for. */
function* migrate(system: DeviceSystem, begin: () => BegunMove): Verb<MoveOutcome> {
  const { effort } = system.world;
  const stage = effort.enterStage(STAGE_UNMAP);
  const begun = begin();
  if (begun.rc === 0) yield { reason: "copy", object: begun.args };
  const nrMoved = endMove(system, begun);
  effort.enterStage(stage);
  return { rc: begun.rc, nrMoved };
}

/** What precedes the copy of `[start, end)` of one VMA; `endMove` follows it. */
export function beginToDevice(
  system: DeviceSystem,
  terms: ToDeviceTerms,
  vma: VmAreaStruct,
  start: number,
  end: number,
): BegunMove {
  const { designs } = system.world;
  const isSystemOnly = designs["policy.onlySystemPages"] === "on";
  const flags = isSystemOnly ? terms.flags & ~MIGRATE_VMA_SELECT_DEVICE_PRIVATE : terms.flags;
  const isAsked = designs["hmm.p2pAllow"] === "on";
  const how = isAsked ? { ...terms, p2pAllow: reachesFrom(system, terms.target) } : terms;
  const args = system.worksheets.open(vma, start, end, flags, how);
  return { rc: prepareForDevice(system, terms, args), args };
}

/** The RFC's p2p_allow(): what the target reaches. */
function reachesFrom(
  system: DeviceSystem,
  { device }: AttachedDevice,
): (pgmap: DevPagemap) => boolean {
  return (pgmap) => reachesMemory(system, device, system.deviceOf(pgmap).device);
}

/** What follows the copy, if it came to one. @returns pages that are in their new place */
export function endMove({ world, worksheets }: DeviceSystem, { rc, args }: BegunMove): number {
  const nrMoved = rc === 0 ? finish(world, args) : 0;
  worksheets.close(args);
  return nrMoved;
}

/** Everything up to the copy. @returns 0, or a negative errno: then all is where it was */
function prepareForDevice(system: DeviceSystem, terms: ToDeviceTerms, args: MigrateVma): number {
  const { world } = system;
  const refused = migrateVmaSetup(world, args);
  if (refused !== 0) return refused;
  const verdict = terms.accept?.(args) ?? 0;
  if (verdict !== 0) return abandon(world, args, verdict);
  const take = terms.take ?? ((order) => takeDeviceFolio(system, terms.target, order));
  const nrFilled = fillDeviceTargets(world, args, take);
  if (terms.needsAll === true && nrFilled < args.cpages) return abandon(world, args, -ENOMEM);
  noteCollected(world, terms.target, args);
  const unready = terms.onCopy?.(args) ?? 0;
  return unready === 0 ? 0 : abandon(world, args, unready);
}

/** How pages of `from` move to system memory. */
export interface ToSystemTerms {
  readonly from: AttachedDevice;
  readonly task: TaskStruct;
  /** @defaultValue the device's owner */
  readonly owner?: OwnerSpace;
  /** Which collected pages move. @defaultValue those in the memory of `from` */
  readonly isOurs?: (pfn: number) => boolean;
  /** Large folios move whole. @defaultValue true */
  readonly compound?: boolean;
  /** As in `ToDeviceTerms`. */
  readonly onCopy?: (args: MigrateVma) => number;
}

/** What moves to system memory: part of one VMA, under the mmap lock. */
export interface ToSystemRequest extends ToSystemTerms {
  readonly range: Pick<MigrateVmaSpec, "vma" | "start" | "end" | "faultPage">;
}

/** Brings device pages of a range back to system memory. */
export function migrateToSystem(system: DeviceSystem, request: ToSystemRequest): Verb<MoveOutcome> {
  const { vma, start, end, faultPage } = request.range;
  return migrate(system, () => beginToSystem(system, request, vma, start, end, faultPage));
}

/** As `beginToDevice`. */
export function beginToSystem(
  { world, worksheets }: DeviceSystem,
  terms: ToSystemTerms,
  vma: VmAreaStruct,
  start: number,
  end: number,
  faultPage = 0,
): BegunMove {
  const { from, compound, owner: pgmapOwner = from.owner } = terms;
  const flags = selectOf(from) | (compound === false ? 0 : MIGRATE_VMA_SELECT_COMPOUND);
  const args = worksheets.open(vma, start, end, flags, { pgmapOwner, faultPage });
  const rc = from.pgmap === null ? -EINVAL : prepareForSystem(world, terms, args);
  return { rc, args };
}

/** As `prepareForDevice`. */
function prepareForSystem(
  world: World,
  { from, task, isOurs = (pfn) => world.frames.pgmapOf(pfn) === from.pgmap, onCopy }: ToSystemTerms,
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
export function selectOf({ device }: AttachedDevice): number {
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
