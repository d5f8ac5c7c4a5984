// How an operation of a case is carried out, and small helpers that all of them share.

import { errnoName, type TaskStruct } from "@faultline/core";
import type { OpOutcome } from "../kernel-under-test.ts";
import type { OperationName, OperationOf, Protection } from "../operation.ts";
import { type CaseMachine, WINDOW_START } from "./case-machine.ts";
import type { CaseProcess } from "./case-process.ts";

/** Everything an operation may need to know. */
export interface OpScene {
  readonly machine: CaseMachine;
  readonly process: CaseProcess;
  readonly task: TaskStruct;
  /** Position of the operation in its case; part of the tokens it writes. */
  readonly opIndex: number;
}

/** Carries out one kind of operation. */
export type OpHandler<Name extends OperationName> = (
  scene: OpScene,
  op: OperationOf<Name>,
) => OpOutcome;

/** Handlers of some operations. */
export type OpHandlers<Name extends OperationName> = {
  readonly [N in Name]: OpHandler<N>;
};

/** The outcome of a kernel result. */
export function outcomeOf(result: number): OpOutcome {
  return result < 0 ? { e: errnoName(result) } : { r: result };
}

/** The page number of a window page. */
export function windowPage(page: number): number {
  return WINDOW_START + page;
}

/** What `wr`, `dwrite` and others write into a page. */
export function tokenOf(opIndex: number, page: number): number {
  return (((opIndex + 1) << 16) | page) >>> 0;
}

/** What `wc` and `dwc` write: a tagged constant, or nothing but zeros. */
export function constantToken(value: number): number {
  return value === 0 ? 0 : (0xc0000000 | value) >>> 0;
}

const PROT_BITS: Readonly<Record<Protection, number>> = { n: 0, r: 1, rw: 3, w: 2 };

/** PROT_* bits of a case's protection letters. */
export function protOf(protection: Protection): number {
  return PROT_BITS[protection];
}
