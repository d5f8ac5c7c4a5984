// set_mempolicy: where a task's new pages come from. Mirrors do_set_mempolicy of mm/mempolicy.c.
import { EINVAL, type Mempolicy, type TaskStruct, type World } from "@faultline/core";
import { checkPolicy, checkTask } from "../check-arguments.ts";

/**
 * Sets the policy of a task; null is MPOL_DEFAULT.
 * @returns 0, or -EINVAL for a policy without a node that has memory.
 * @kernel mm/mempolicy.c do_set_mempolicy (v7.2)
 */
export function sysSetMempolicy(world: World, task: TaskStruct, policy: Mempolicy | null): number {
  checkTask(world, task);
  checkPolicy(policy);
  if (policy !== null && !hasMemory(world, policy)) return -EINVAL;
  task.mempolicy = policy;
  return 0;
}

/** A policy without a node that has memory could never be followed. */
export function hasMemory(world: World, { nodes }: Mempolicy): boolean {
  return nodes.some((node) => (world.nodes[node]?.nrPages ?? 0) > 0);
}
