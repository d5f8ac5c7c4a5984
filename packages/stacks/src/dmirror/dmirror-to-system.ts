// Device pages coming back to system memory, on request (HMM_DMIRROR_MIGRATE_TO_SYS). The part that
// allocates and copies also serves CPU faults. Mirrors lib/test_hmm.c.
import { EINVAL, ENOMEM, type TaskStruct, VM_READ, type World } from "@faultline/core";
import {
  allocFolioFor,
  createMigrateVma,
  MIGRATE_VMA_SELECT_COMPOUND,
  MIGRATE_VMA_SELECT_DEVICE_COHERENT,
  MIGRATE_VMA_SELECT_DEVICE_PRIVATE,
  type MigrateVma,
  migrateVmaFinalize,
  migrateVmaPages,
  migrateVmaSetup,
  mmapReadLock,
  mmapReadUnlock,
  type Verb,
  withMm,
} from "@faultline/engine";
import { fillSystemTargets, MIGRATES } from "../device/fill-targets.ts";
import type { Dmirror } from "./dmirror.ts";
import { checkDmirrorCmd, type DmirrorCmd } from "./dmirror-cmd.ts";

/** The kind of device memory that a file's migrations select. */
export function selectDevice(dmirror: Dmirror): number {
  return dmirror.device.isCoherent
    ? MIGRATE_VMA_SELECT_DEVICE_COHERENT
    : MIGRATE_VMA_SELECT_DEVICE_PRIVATE;
}

/**
 * Moves the device's pages of the range to system memory. `cpages` counts entries that moved: a
 * huge folio is one.
 * @kernel lib/test_hmm.c dmirror_migrate_to_system (v7.2)
 */
export function* dmirrorMigrateToSystem(
  world: World,
  task: TaskStruct,
  dmirror: Dmirror,
  cmd: DmirrorCmd,
): Verb {
  const refused = checkDmirrorCmd(cmd);
  if (refused !== 0) return refused;
  return yield* withMm(world, dmirror.mm, -EINVAL, migrateToSystem(world, task, dmirror, cmd));
}

function* migrateToSystem(world: World, task: TaskStruct, dmirror: Dmirror, cmd: DmirrorCmd): Verb {
  const { mm } = dmirror;
  const end = cmd.start + cmd.nrPages;
  yield* mmapReadLock(world, mm);
  let result = 0;
  for (let page = cmd.start; page < end && result === 0; ) {
    const vma = mm.vmaAt(page);
    if (vma === null || (vma.vmFlags & VM_READ) === 0) {
      result = -EINVAL;
      break;
    }
    const next = Math.min(end, page + world.blockPages, vma.vmEnd);
    const args = createMigrateVma({
      vma,
      start: page,
      end: next,
      flags: selectDevice(dmirror) | MIGRATE_VMA_SELECT_COMPOUND,
      pgmapOwner: dmirror.device.owner,
    });
    result = yield* migrateChunk(world, task, dmirror, args, cmd);
    page = next;
  }
  mmapReadUnlock(mm);
  return result;
}

function* migrateChunk(
  world: World,
  task: TaskStruct,
  dmirror: Dmirror,
  args: MigrateVma,
  cmd: DmirrorCmd,
): Verb {
  const refused = migrateVmaSetup(world, args);
  if (refused !== 0) return refused;
  if (!dmirrorDevmemFaultAllocAndCopy(world, task, dmirror, args)) {
    migrateVmaFinalize(world, args);
    return -ENOMEM;
  }
  yield { reason: "copy", object: args };
  migrateVmaPages(world, args);
  for (const flags of args.srcFlags) if ((flags & MIGRATES) === MIGRATES) cmd.cpages++;
  migrateVmaFinalize(world, args);
  return 0;
}

/**
 * Gives every collected device page a copy in system memory and forgets it in the file's mirror.
 * @returns false when a single page found no memory; nothing is to be moved then.
 * @kernel lib/test_hmm.c dmirror_devmem_fault_alloc_and_copy (v7.2)
 */
export function dmirrorDevmemFaultAllocAndCopy(
  world: World,
  task: TaskStruct,
  dmirror: Dmirror,
  args: MigrateVma,
): boolean {
  const { device, mirror } = dmirror;
  const isOurs = (pfn: number): boolean => world.frames.pgmapOf(pfn) === device.pgmap;
  const take = (order: number): number =>
    dmirror.takeAllocFailure() ? 0 : allocFolioFor(world, task, args.vma, order);
  return fillSystemTargets(world, task, args, isOurs, take, (i, nrPages) =>
    mirror.erase(args.start + i, args.start + i + nrPages - 1),
  );
}
