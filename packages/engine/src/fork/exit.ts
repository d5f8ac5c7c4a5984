// exit: a process leaves its address space. Mirrors kernel/exit.c exit_mm. Descriptors are the
// caller's: they are closed after the address space is gone.
import type { TaskStruct, World } from "@faultline/core";
import { checkTask } from "../check-arguments.ts";
import type { Verb } from "../verb.ts";
import { mmput } from "./mm-users.ts";

/**
 * Ends a process; the address space goes with its last user.
 * @returns 0.
 * @kernel kernel/exit.c exit_mm (v7.2)
 */
export function* sysExit(world: World, task: TaskStruct): Verb {
  checkTask(world, task);
  world.tasks.delete(task.pid);
  yield* mmput(world, task.mm);
  return 0;
}
