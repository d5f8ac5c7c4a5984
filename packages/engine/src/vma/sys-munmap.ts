// munmap(2).
import { EINVAL, type TaskStruct, type World } from "@faultline/core";
import { checkCall } from "../check-arguments.ts";
import { mmapWriteLock, mmapWriteUnlock } from "../mmap-lock.ts";
import type { Verb } from "../verb.ts";
import { doMunmap } from "./do-munmap.ts";

/**
 * Unmaps `nrPages` from `start` on; holes are fine.
 * @kernel mm/mmap.c sys_munmap (v7.2)
 */
export function* sysMunmap(world: World, task: TaskStruct, start: number, nrPages: number): Verb {
  checkCall(world, task, start, nrPages);
  if (nrPages <= 0) return -EINVAL;
  yield* mmapWriteLock(world, task.mm);
  const rc = yield* doMunmap(world, task.mm, start, start + nrPages);
  mmapWriteUnlock(task.mm);
  return rc;
}
