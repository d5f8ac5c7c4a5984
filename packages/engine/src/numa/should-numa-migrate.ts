// Whether a hint fault moves a folio: the policy names the node, and a two-stage filter keeps pages
// that several nodes use from bouncing. Mirrors mpol_misplaced of mm/mempolicy.c and
// should_numa_migrate_memory of kernel/sched/fair.c; memory tiers and numa groups are left out.
import type { TaskStruct, VmAreaStruct, World } from "@faultline/core";

/** No node: the folio stays. */
const NUMA_NO_NODE = -1;

/** Passes of the scanner after which a task is no longer young: two full filters. */
const EARLY_SCANS = 4;

/** A record packs the CPU below and the process above. */
const CPU_LIMIT = 65536;

/** True for a policy that lets hint faults move pages: only the default one does. */
export function policyAllowsHinting(task: TaskStruct, vma: VmAreaStruct): boolean {
  const file = vma.vmFile;
  const own = file?.isSwapBacked === true ? file.sharedPolicy.lookup(vma.vmPgoff) : vma.vmPolicy;
  return own === null && task.mempolicy === null;
}

/**
 * The node a hint fault should bring the folio to.
 * @returns the faulting CPU's node, or -1 when the folio is on it or is to stay.
 * @kernel mm/mempolicy.c mpol_misplaced (v7.2)
 */
export function mpolMisplaced(
  world: World,
  task: TaskStruct,
  vma: VmAreaStruct,
  head: number,
): number {
  if (!policyAllowsHinting(task, vma)) return NUMA_NO_NODE;
  const node = world.cpuNode(task.cpu);
  if (world.frames.nodeOf(head) === node) return NUMA_NO_NODE;
  return shouldNumaMigrateMemory(world, task, head, task.cpu) ? node : NUMA_NO_NODE;
}

/**
 * Records who faults on the folio and decides from who did last: a first fault moves, so does a
 * private one early in a task's life; later only the second fault in a row from the same node.
 * @kernel kernel/sched/fair.c should_numa_migrate_memory (v7.2)
 */
export function shouldNumaMigrateMemory(
  world: World,
  task: TaskStruct,
  head: number,
  cpu: number,
): boolean {
  const node = world.cpuNode(cpu);
  if ((world.nodes[node]?.nrPages ?? 0) === 0) return false;
  const last = world.lastCpupid.get(head);
  world.lastCpupid.set(head, task.pid * CPU_LIMIT + cpu);
  const rule = filterRule(world, task, node, last);
  world.recorder?.note(rule, task.mm.mmId, head, 1);
  return rule !== "numa-filter-other-node";
}

/** Names the stage of the filter that decides. */
function filterRule(
  world: World,
  task: TaskStruct,
  node: number,
  last: number | undefined,
): string {
  if (last === undefined) return "numa-filter-first";
  const isPrivate = Math.floor(last / CPU_LIMIT) === task.pid;
  const isEarly = task.numaPreferredNode === NUMA_NO_NODE || task.mm.numaScanSeq <= EARLY_SCANS;
  if (isPrivate && isEarly) return "numa-filter-private";
  const isSameNode = world.cpuNode(last % CPU_LIMIT) === node;
  return isSameNode ? "numa-filter-second" : "numa-filter-other-node";
}
