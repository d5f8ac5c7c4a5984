// HMM_DMIRROR_EXCLUSIVE and HMM_DMIRROR_CHECK_EXCLUSIVE: atomic access of the device to system
// memory. Mirrors dmirror_exclusive and dmirror_check_atomic of lib/test_hmm.c.
import { EINVAL, ENOENT, EPERM, type TaskStruct, type World } from "@faultline/core";
import {
  GUP_WAIT,
  makeDeviceExclusive,
  mmapReadLock,
  mmapReadUnlock,
  type Verb,
  withMm,
} from "@faultline/engine";
import { takePendingWait } from "../device/mirror-range.ts";
import type { Dmirror } from "./dmirror.ts";
import { checkDmirrorCmd, type DmirrorCmd } from "./dmirror-cmd.ts";
import { dmirrorDoRead } from "./dmirror-read-write.ts";
import { DPT_ATOMIC } from "./mirror-table.ts";

/**
 * Makes every page of the range exclusive to the device, then reads it through the mirror.
 * The first error ends the command; the pages before it stay exclusive.
 * @kernel lib/test_hmm.c dmirror_exclusive (v7.2)
 */
export function* dmirrorExclusive(
  world: World,
  task: TaskStruct,
  dmirror: Dmirror,
  cmd: DmirrorCmd,
): Verb {
  const refused = checkDmirrorCmd(cmd);
  if (refused !== 0) return refused;
  return yield* withMm(world, dmirror.mm, -EINVAL, exclusive(world, task, dmirror, cmd));
}

function* exclusive(world: World, task: TaskStruct, dmirror: Dmirror, cmd: DmirrorCmd): Verb {
  const { mm } = dmirror;
  yield* mmapReadLock(world, mm);
  let result = 0;
  for (let page = cmd.start; page < cmd.start + cmd.nrPages; page++) {
    // The driver passes no owner, so that no subscription takes the event for its own.
    result = makeDeviceExclusive(world, task, mm, page, null);
    while (result === GUP_WAIT) {
      yield takePendingWait(world);
      result = makeDeviceExclusive(world, task, mm, page, null);
    }
    if (result < 0) break;
    dmirror.mirror.store(page, result, DPT_ATOMIC);
  }
  mmapReadUnlock(mm);
  if (result < 0) return result;
  return dmirrorDoRead(world, dmirror, cmd) ? 0 : -ENOENT;
}

/**
 * @returns -EPERM while some page of the range is held for atomic access, else 0.
 * @kernel lib/test_hmm.c dmirror_check_atomic (v7.2)
 */
export function dmirrorCheckAtomic(dmirror: Dmirror, cmd: DmirrorCmd): number {
  const refused = checkDmirrorCmd(cmd);
  if (refused !== 0) return refused;
  for (let page = cmd.start; page < cmd.start + cmd.nrPages; page++) {
    if (dmirror.mirror.tag(page) === DPT_ATOMIC) return -EPERM;
  }
  return 0;
}
