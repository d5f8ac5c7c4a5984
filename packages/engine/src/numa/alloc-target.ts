// Where migrated folios go. Mirrors alloc_migration_target of mm/migrate.c and
// alloc_migration_target_by_mpol of mm/mempolicy.c.
import { MPOL_BIND, type Mempolicy, type TaskStruct, type World } from "@faultline/core";
import { allocFolio, allocFolioFor, freeFolio } from "../folio/folio-alloc.ts";

/** Makes room for one folio of the order; 0 when there is none. */
export type AllocTarget = (order: number) => number;

/** A folio of exactly this node, or 0. */
export function allocOnNode(world: World, order: number, node: number): number {
  const head = allocFolio(world, order, node);
  if (head === 0 || world.frames.nodeOf(head) === node) return head;
  freeFolio(world, head);
  return 0;
}

/**
 * Targets of the source's size on one node.
 * @kernelpart mm/migrate.c alloc_migration_target (v7.2) makes the function that migration calls
 * for each folio
 */
export function targetOnNode(world: World, node: number): AllocTarget {
  return (order) => allocOnNode(world, order, node);
}

/**
 * Targets of the source's size where a policy wants them; null is the task's own placement.
 * @kernelpart mm/mempolicy.c alloc_migration_target_by_mpol (v7.2) makes the function that
 * migration calls for each folio
 */
export function targetByPolicy(
  world: World,
  task: TaskStruct,
  policy: Mempolicy | null,
): AllocTarget {
  return (order) => {
    if (policy === null) return allocFolioFor(world, task, null, order);
    for (const node of policy.nodes) {
      const found = allocOnNode(world, order, node);
      if (found !== 0) return found;
    }
    return policy.mode === MPOL_BIND ? 0 : allocFolioFor(world, task, null, order);
  };
}
