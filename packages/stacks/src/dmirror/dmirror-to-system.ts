// Device pages coming back to system memory, on request (HMM_DMIRROR_MIGRATE_TO_SYS). The part that
// allocates and copies also serves CPU faults. Mirrors lib/test_hmm.c.
import { EINVAL, ENOMEM, type TaskStruct, VM_READ, type World } from "@faultline/core";
import {
  allocFolioFor,
  copyFolioContent,
  copyPageContent,
  createMigrateVma,
  folioReleaseIfUnused,
  MIGRATE_PFN_COMPOUND,
  MIGRATE_PFN_MIGRATE,
  MIGRATE_PFN_VALID,
  MIGRATE_PFN_WRITE,
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
import type { Dmirror } from "./dmirror.ts";
import { checkDmirrorCmd, type DmirrorCmd } from "./dmirror-cmd.ts";

/** A source that migrates. */
const MIGRATES: number = MIGRATE_PFN_VALID | MIGRATE_PFN_MIGRATE;

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
  for (let i = 0; i < args.nrPages; ) {
    const flags = args.srcFlags[i] as number;
    const source = args.srcPfn[i] as number;
    const isOwn =
      (flags & MIGRATES) === MIGRATES && world.frames.pgmapOf(source) === dmirror.device.pgmap;
    if (!isOwn) {
      i++;
      continue;
    }
    const order = (flags & MIGRATE_PFN_COMPOUND) === 0 ? 0 : world.geometry.pmdOrder;
    const nrPages = 1 << order;
    const target = dmirror.takeAllocFailure() ? 0 : allocFolioFor(world, task, args.vma, order);
    if (target !== 0) {
      copyFolioContent(world, target, source);
      args.dstPfn[i] = target;
      args.dstFlags[i] = MIGRATE_PFN_VALID | (flags & (MIGRATE_PFN_WRITE | MIGRATE_PFN_COMPOUND));
    } else if (order === 0 || !copyToSmallPages(world, task, args, i)) {
      abandonTargets(world, args);
      return false;
    }
    dmirror.mirror.erase(args.start + i, args.start + i + nrPages - 1);
    i += nrPages;
  }
  return true;
}

/** Without a huge folio the pages of one are copied to single pages. */
function copyToSmallPages(world: World, task: TaskStruct, args: MigrateVma, at: number): boolean {
  const write = (args.srcFlags[at] as number) & MIGRATE_PFN_WRITE;
  const source = args.srcPfn[at] as number;
  for (let k = 0; k < world.blockPages; k++) {
    const target = allocFolioFor(world, task, args.vma, 0);
    if (target === 0) return false;
    copyPageContent(world, target, source + k);
    args.dstPfn[at + k] = target;
    args.dstFlags[at + k] = MIGRATE_PFN_VALID | write;
  }
  return true;
}

function abandonTargets(world: World, args: MigrateVma): void {
  for (let i = 0; i < args.nrPages; i++) {
    if (args.dstFlags[i] === 0) continue;
    folioReleaseIfUnused(world, args.dstPfn[i] as number);
    args.dstFlags[i] = 0;
    args.dstPfn[i] = 0;
  }
}
