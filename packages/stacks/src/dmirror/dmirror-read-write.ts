// HMM_DMIRROR_READ and HMM_DMIRROR_WRITE: the device copies through its mirror and faults on what
// is missing there. Mirrors dmirror_read and dmirror_write of lib/test_hmm.c.
import { FRAME_CHUNK_SHIFT, type TaskStruct, type World } from "@faultline/core";
import type { Verb } from "@faultline/engine";
import type { Dmirror } from "./dmirror.ts";
import { checkDmirrorCmd, type DmirrorCmd } from "./dmirror-cmd.ts";
import { dmirrorFault } from "./dmirror-fault.ts";
import { DPT_WRITE } from "./mirror-table.ts";

/**
 * Reads the range into the command's data.
 * @kernel lib/test_hmm.c dmirror_read (v7.2)
 */
export function* dmirrorRead(
  world: World,
  task: TaskStruct,
  dmirror: Dmirror,
  cmd: DmirrorCmd,
): Verb {
  const refused = checkDmirrorCmd(cmd);
  if (refused !== 0) return refused;
  const end = cmd.start + cmd.nrPages;
  while (!dmirrorDoRead(world, dmirror, cmd)) {
    const from = cmd.start + cmd.cpages;
    const result = yield* dmirrorFault(world, task, dmirror, from, end, false);
    if (result !== 0) return result;
    cmd.faults++;
  }
  return 0;
}

/**
 * Writes the command's data to the range. What was written before a failing fault stays written.
 * @kernel lib/test_hmm.c dmirror_write (v7.2)
 */
export function* dmirrorWrite(
  world: World,
  task: TaskStruct,
  dmirror: Dmirror,
  cmd: DmirrorCmd,
): Verb {
  const refused = checkDmirrorCmd(cmd);
  if (refused !== 0) return refused;
  const end = cmd.start + cmd.nrPages;
  while (!writeThroughMirror(world, dmirror, cmd)) {
    const from = cmd.start + cmd.cpages;
    const result = yield* dmirrorFault(world, task, dmirror, from, end, true);
    if (result !== 0) return result;
    cmd.faults++;
  }
  return 0;
}

/**
 * Copies pages into the command's data, from `cpages` on, until a page has no mirror entry.
 * @returns whether the whole range was read.
 * @kernel lib/test_hmm.c dmirror_do_read (v7.2)
 */
export function dmirrorDoRead(world: World, dmirror: Dmirror, cmd: DmirrorCmd): boolean {
  const { mirror } = dmirror;
  for (; cmd.cpages < cmd.nrPages; cmd.cpages++) {
    const page = cmd.start + cmd.cpages;
    if (mirror.tag(page) < 0) return false;
    const pfn = mirror.pfn(page);
    cmd.data[cmd.cpages] = isBacked(world, pfn) ? world.frames.content(pfn) : 0;
  }
  return true;
}

/** @kernel lib/test_hmm.c dmirror_do_write (v7.2) */
function writeThroughMirror(world: World, dmirror: Dmirror, cmd: DmirrorCmd): boolean {
  const { mirror } = dmirror;
  for (; cmd.cpages < cmd.nrPages; cmd.cpages++) {
    const page = cmd.start + cmd.cpages;
    if (mirror.tag(page) !== DPT_WRITE) return false;
    const pfn = mirror.pfn(page);
    if (isBacked(world, pfn)) world.frames.setContent(pfn, cmd.data[cmd.cpages] as number);
  }
  return true;
}

/** The driver holds no references, so an entry may outlive the device memory it names. */
function isBacked(world: World, pfn: number): boolean {
  return (world.frames.chunks[pfn >>> FRAME_CHUNK_SHIFT] ?? null) !== null;
}
