// struct collapse_control: on whose behalf blocks are collapsed, under which limits, and where the
// source pages of the block at hand live. Mirrors mm/khugepaged.c.
import {
  MPOL_BIND,
  type TaskStruct,
  THP_COLLAPSE_ALLOC,
  THP_COLLAPSE_ALLOC_FAILED,
  type World,
} from "@faultline/core";
import { allocFolioFor } from "../folio/folio-alloc.ts";

/** State of one collapsing actor; the node counts belong to the block at hand. */
export interface CollapseControl {
  /** khugepaged obeys the limits and wants young pages; MADV_COLLAPSE does neither. */
  readonly isKhugepaged: boolean;
  /** The current task: pages brought in from devices or swap go where its policy says. */
  readonly task: TaskStruct;
  readonly maxPtesNone: number;
  readonly maxPtesSwap: number;
  readonly maxPtesShared: number;
  /** Present source pages per node, from the first scan. */
  readonly nodeLoad: Int32Array;
}

/** A control for one run over any number of blocks. */
export function createCollapseControl(
  world: World,
  task: TaskStruct,
  isKhugepaged: boolean,
): CollapseControl {
  const { maxPtesNone, maxPtesSwap, maxPtesShared } = world.settings;
  return {
    isKhugepaged,
    task,
    maxPtesNone: isKhugepaged ? maxPtesNone : Infinity,
    maxPtesSwap: isKhugepaged ? maxPtesSwap : Infinity,
    maxPtesShared: isKhugepaged ? maxPtesShared : Infinity,
    nodeLoad: new Int32Array(world.nodes.length),
  };
}

/**
 * Allocates the huge folio on a node that holds most of the source pages. Several nodes may share
 * that place: the lowest goes first, and no other node will do.
 * @returns the head pfn, or 0.
 * @kernelpart mm/khugepaged.c alloc_charge_folio (v7.2) the allocation; no memory cgroup is charged
 */
export function allocCollapseFolio(world: World, cc: CollapseControl): number {
  const most = Math.max(...cc.nodeLoad);
  const nodes: number[] = [];
  cc.nodeLoad.forEach((load, node) => {
    if (load === most) nodes.push(node);
  });
  const placed: TaskStruct = { ...cc.task, mempolicy: { mode: MPOL_BIND, nodes } };
  const head = allocFolioFor(world, placed, null, world.geometry.pmdOrder);
  world.vmEvents.count(head === 0 ? THP_COLLAPSE_ALLOC_FAILED : THP_COLLAPSE_ALLOC);
  return head;
}
