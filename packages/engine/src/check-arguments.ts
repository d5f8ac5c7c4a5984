// What the public functions ask of their arguments before they do anything. A kernel's own refusals
// (an empty range, a hole, a missing right) are not the business of these checks.
import {
  checkArgument,
  checkWholeNumber,
  MAX_PAGES,
  type Mempolicy,
  type TaskStruct,
  type World,
} from "@faultline/core";

/** The task must be alive in this world and run on a CPU that the world has. */
export function checkTask(world: World, task: TaskStruct): void {
  const isAlive = world.tasks.get(task.pid) === task;
  checkArgument(isAlive, "task", `process ${task.pid} has exited or is of another world`);
  world.cpuNode(task.cpu);
}

/** `[start, start + nrPages)` must be page numbers; it may be empty. */
export function checkRange(
  start: number,
  nrPages: number,
  startName = "start",
  nrPagesName = "nrPages",
): void {
  checkWholeNumber(start, startName);
  checkWholeNumber(nrPages, nrPagesName, 0, MAX_PAGES - start);
}

/** A task, and a range of its address space. */
export function checkCall(world: World, task: TaskStruct, start: number, nrPages: number): void {
  checkTask(world, task);
  checkRange(start, nrPages);
}

/** Nodes must be numbers of nodes; the kernel itself refuses those that do not exist. */
export function checkNodes(nodes: readonly number[], argument: string): void {
  for (const node of nodes) checkWholeNumber(node, argument);
}

/** As {@link checkNodes}, for the nodes of a policy. */
export function checkPolicy(policy: Mempolicy | null): void {
  if (policy !== null) checkNodes(policy.nodes, "policy.nodes");
}
