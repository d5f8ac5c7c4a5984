// Loads and stores of a process's CPU.

import {
  ACCESS_SEGV_ACCERR,
  ACCESS_SEGV_MAPERR,
  ACCESS_SIGBUS,
  cpuAccess,
  readPageContent,
  writePageContent,
} from "@faultline/engine";
import type { OpOutcome } from "../kernel-under-test.ts";
import type { Token } from "../run-length.ts";
import { constantToken, type OpHandlers, type OpScene, tokenOf, windowPage } from "./op-handler.ts";

/** The signal that an access ends with. */
const SIGNALS: ReadonlyMap<number, string> = new Map([
  [ACCESS_SEGV_MAPERR, "SM"],
  [ACCESS_SEGV_ACCERR, "SA"],
  [ACCESS_SIGBUS, "SB"],
]);

function signalOf(access: number): string {
  return SIGNALS.get(access) ?? "SO";
}

function storeEach(
  scene: OpScene,
  start: number,
  len: number,
  token: (page: number) => number,
): OpOutcome {
  const { machine, task } = scene;
  const tokens: Token[] = [];
  for (let page = start; page < start + len; page++) {
    const access = cpuAccess(machine.world, task, windowPage(page), true);
    if (access !== 0) {
      tokens.push(signalOf(access));
      continue;
    }
    const value = token(page);
    writePageContent(machine.world, task.mm, windowPage(page), value);
    tokens.push(value);
  }
  return { r: 0, t: tokens };
}

export const CPU_OPERATIONS: OpHandlers<"rd" | "wr" | "wc"> = {
  rd: ({ machine, task }, op) => {
    const tokens: Token[] = [];
    for (let page = op.start; page < op.start + op.len; page++) {
      const access = cpuAccess(machine.world, task, windowPage(page), false);
      const isRead = access === 0;
      tokens.push(
        isRead ? readPageContent(machine.world, task.mm, windowPage(page)) : signalOf(access),
      );
    }
    return { r: 0, t: tokens };
  },
  wr: (scene, op) => storeEach(scene, op.start, op.len, (page) => tokenOf(scene.opIndex, page)),
  wc: (scene, op) => storeEach(scene, op.start, op.len, () => constantToken(op.value)),
};
