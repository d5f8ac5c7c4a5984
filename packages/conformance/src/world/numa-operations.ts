// Placement of memory: move_pages, policies and the NUMA scanner.

import { type Mempolicy, MPOL_BIND } from "@faultline/core";
import {
  MPOL_MF_MOVE,
  MPOL_MF_MOVE_ALL,
  STATUS_UNWRITTEN,
  sysMbind,
  sysMigratePages,
  sysMovePages,
  sysSetMempolicy,
  taskNumaWork,
} from "@faultline/engine";
import { type OpHandlers, outcomeOf, windowPage } from "./op-handler.ts";

/** The policy of a case's node number: bound to the node, or the default for -1. */
function policyOf(node: number): Mempolicy | null {
  return node < 0 ? null : { mode: MPOL_BIND, nodes: [node] };
}

export const NUMA_OPERATIONS: OpHandlers<"move" | "mpol" | "mbind" | "migpages" | "nscan"> = {
  move: ({ machine, task }, op) => {
    const pages = Array.from({ length: op.len }, (_, i) => windowPage(op.start + i));
    const status = new Int32Array(op.len).fill(STATUS_UNWRITTEN);
    const result = machine.run(
      sysMovePages(machine.world, task, {
        pages,
        nodes: op.node < 0 ? null : pages.map(() => op.node),
        flags: op.all === 1 ? MPOL_MF_MOVE_ALL : MPOL_MF_MOVE,
        status,
      }),
    );
    return result < 0 ? outcomeOf(result) : { r: result, mv: status };
  },
  mpol: ({ machine, task }, op) =>
    outcomeOf(sysSetMempolicy(machine.world, task, policyOf(op.node))),
  mbind: ({ machine, task }, op) => {
    const start = windowPage(op.start);
    return outcomeOf(
      machine.run(sysMbind(machine.world, task, start, op.len, policyOf(op.node), op.flags)),
    );
  },
  migpages: ({ machine, task }, op) =>
    outcomeOf(machine.run(sysMigratePages(machine.world, task, [op.from], [op.to]))),
  nscan: ({ machine, task }, op) => {
    machine.run(taskNumaWork(machine.world, task, op.advances));
    return { r: 0 };
  },
};
