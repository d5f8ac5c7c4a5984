// How the open kernel modules of NVIDIA's driver serve a first touch on a machine with ATS: they
// migrate the page that is not there yet to where it should be, one at a time.
import {
  LEAF_NONE,
  LEAF_TABLE,
  leafKind,
  type MmStruct,
  STAGE_UNMAP,
  type TaskStruct,
  type World,
} from "@faultline/core";
import {
  type AttachedDevice,
  allocFolio,
  allocFolioFor,
  type DeviceSystem,
  MIGRATE_PFN_MIGRATE,
  MIGRATE_PFN_VALID,
  MIGRATE_VMA_SELECT_SYSTEM,
  type MigrateVma,
  migrateVmaFinalize,
  migrateVmaPages,
  migrateVmaSetup,
  mmapReadLock,
  mmapReadUnlock,
  type Verb,
  zeroFolio,
} from "@faultline/engine";
import { noteWork } from "../device/driver-work.ts";

/**
 * Gives a page of anonymous memory that nothing is mapped at a zeroed page of system memory, by a
 * migration. Other memory stays for an ordinary fault.
 */
export function* fillByMigration(
  { world, worksheets }: DeviceSystem,
  attached: AttachedDevice,
  task: TaskStruct,
  page: number,
): Verb<void> {
  const { mm } = task;
  if (!mm.isAlive || !isAbsent(mm, page)) return;
  yield* mmapReadLock(world, mm);
  const vma = mm.vmaAt(page);
  if (vma !== null && vma.isAnonymous && isAbsent(mm, page)) {
    const stage = world.effort.enterStage(STAGE_UNMAP);
    const terms = { pgmapOwner: attached.owner };
    const args = worksheets.open(vma, page, page + 1, MIGRATE_VMA_SELECT_SYSTEM, terms);
    if (migrateVmaSetup(world, args) === 0) {
      if (giveTarget(world, attached, task, args)) noteWork(world, attached, STAGE_UNMAP, 1, 0);
      migrateVmaPages(world, args);
      migrateVmaFinalize(world, args);
    }
    worksheets.close(args);
    world.effort.enterStage(stage);
  }
  mmapReadUnlock(mm);
}

/** @returns whether the page is a hole and there is memory for it. */
function giveTarget(
  world: World,
  { device }: AttachedDevice,
  task: TaskStruct,
  args: MigrateVma,
): boolean {
  if (args.srcFlags[0] !== MIGRATE_PFN_MIGRATE) return false;
  // Without a policy the page belongs on the device's own node.
  const isFree = (args.vma.vmPolicy ?? task.mempolicy) === null;
  const node = isFree ? device.memory?.node : undefined;
  const target =
    node === undefined ? allocFolioFor(world, task, args.vma, 0) : allocFolio(world, 0, node);
  if (target === 0) return false;
  zeroFolio(world, target);
  args.dstPfn[0] = target;
  args.dstFlags[0] = MIGRATE_PFN_VALID;
  return true;
}

function isAbsent({ pageTable }: MmStruct, page: number): boolean {
  const slot = pageTable.slotBits(page);
  if (leafKind(slot) !== LEAF_TABLE) return leafKind(slot) === LEAF_NONE;
  return pageTable.bits(page) === LEAF_NONE;
}
