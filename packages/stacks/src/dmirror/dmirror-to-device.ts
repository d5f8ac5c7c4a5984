// HMM_DMIRROR_MIGRATE_TO_DEV. Mirrors dmirror_migrate_to_device of lib/test_hmm.c: chunks counted
// from the first page of the request, never aligned to blocks. Its answer tells about the mirror,
// not about where pages are.
import { EINVAL, ENOENT, type TaskStruct, VM_READ, type World } from "@faultline/core";
import {
  createMigrateVma,
  MIGRATE_PFN_COMPOUND,
  MIGRATE_PFN_MIGRATE,
  MIGRATE_PFN_WRITE,
  MIGRATE_VMA_SELECT_COMPOUND,
  MIGRATE_VMA_SELECT_SYSTEM,
  type MigrateVma,
  migrateVmaFinalize,
  migrateVmaPages,
  migrateVmaSetup,
  mmapReadLock,
  mmapReadUnlock,
  type Verb,
  withMm,
} from "@faultline/engine";
import { fillDeviceTargets } from "../device/fill-targets.ts";
import type { Dmirror } from "./dmirror.ts";
import { checkDmirrorCmd, type DmirrorCmd } from "./dmirror-cmd.ts";
import { dmirrorDoRead } from "./dmirror-read-write.ts";
import { DPT_READ, DPT_WRITE } from "./mirror-table.ts";

/**
 * Moves what it can of the range to the device, then reads the range through the mirror.
 * @returns 0 when every page has a mirror entry, wherever it is, else -ENOENT; -EINVAL at a gap or
 * an unreadable mapping, with the chunks before it moved.
 * @kernel lib/test_hmm.c dmirror_migrate_to_device (v7.2)
 */
export function* dmirrorMigrateToDevice(
  world: World,
  _task: TaskStruct,
  dmirror: Dmirror,
  cmd: DmirrorCmd,
): Verb {
  const refused = checkDmirrorCmd(cmd);
  if (refused !== 0) return refused;
  return yield* withMm(world, dmirror.mm, -EINVAL, migrateToDevice(world, dmirror, cmd));
}

function* migrateToDevice(world: World, dmirror: Dmirror, cmd: DmirrorCmd): Verb {
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
      flags: MIGRATE_VMA_SELECT_SYSTEM | MIGRATE_VMA_SELECT_COMPOUND,
      pgmapOwner: dmirror.device.owner,
    });
    result = migrateVmaSetup(world, args);
    if (result === 0) {
      allocAndCopy(world, dmirror, args);
      yield { reason: "copy", object: args };
      migrateVmaPages(world, args);
      mapMigrated(world, dmirror, args);
      migrateVmaFinalize(world, args);
    }
    page = next;
  }
  mmapReadUnlock(mm);
  if (result !== 0) return result;
  return dmirrorDoRead(world, dmirror, cmd) ? 0 : -ENOENT;
}

/** @kernel lib/test_hmm.c dmirror_migrate_alloc_and_copy (v7.2) */
function allocAndCopy(world: World, dmirror: Dmirror, args: MigrateVma): void {
  const { memory } = dmirror.device;
  const take = (order: number): number =>
    dmirror.takeAllocFailure() ? 0 : memory.alloc(order, dmirror.id);
  fillDeviceTargets(world, args, take);
}

/**
 * Puts what moved into the mirror. A hole has no writable source, so it is mirrored read-only even
 * where the CPU's entry is writable.
 * @kernel lib/test_hmm.c dmirror_migrate_finalize_and_map (v7.2)
 */
function mapMigrated(world: World, dmirror: Dmirror, args: MigrateVma): void {
  for (let i = 0; i < args.nrPages; i++) {
    const flags = args.dstFlags[i] as number;
    if (((args.srcFlags[i] as number) & MIGRATE_PFN_MIGRATE) === 0 || flags === 0) continue;
    const tag = (flags & MIGRATE_PFN_WRITE) !== 0 ? DPT_WRITE : DPT_READ;
    const nrPages = (flags & MIGRATE_PFN_COMPOUND) !== 0 ? world.blockPages : 1;
    const pfn = args.dstPfn[i] as number;
    for (let k = 0; k < nrPages; k++) dmirror.mirror.store(args.start + i + k, pfn + k, tag);
  }
}
