// Long-term pins through the kernel's gup_test interface. It keeps one set of pinned pages for the
// whole machine: any descriptor of it can drop the set, and closing one does.

import { EINVAL, errnoName } from "@faultline/core";
import { pinUserPages, unpinUserPages } from "@faultline/engine";
import type { OpOutcome } from "../kernel-under-test.ts";
import { type OpHandlers, type OpScene, outcomeOf, windowPage } from "./op-handler.ts";

export const PIN_OPERATIONS: OpHandlers<"pin" | "unpin"> = {
  pin: (scene, op) => {
    scene.process.hasPinDescriptor = true;
    return pin(scene, windowPage(op.start), op.len, (op.flags & 1) !== 0);
  },
  unpin: (scene) => {
    if (!scene.process.hasPinDescriptor) return { e: "EBADF" };
    dropPins(scene);
    return { r: 0 };
  },
};

/** Pins in as many calls as it takes; one page that cannot be pinned drops them all. */
function pin({ machine, task }: OpScene, start: number, len: number, write: boolean): OpOutcome {
  const { world } = machine;
  if (machine.pinnedPfns !== null) return { e: errnoName(EINVAL) };
  const pinned: number[] = [];
  const request = { write, longterm: true };
  while (pinned.length < len) {
    const from = start + pinned.length;
    const { rc, pfns } = pinUserPages(world, task, task.mm, from, len - pinned.length, request);
    if (rc < 0) {
      unpinUserPages(world, pinned);
      return outcomeOf(rc);
    }
    pinned.push(...pfns);
  }
  machine.pinnedPfns = pinned;
  return { r: 0 };
}

/** Closes the process's descriptor, if it has one, and with it the pins of whoever made them. */
export function closePinDescriptor(scene: OpScene): void {
  if (scene.process.hasPinDescriptor) dropPins(scene);
  scene.process.hasPinDescriptor = false;
}

function dropPins({ machine }: OpScene): void {
  if (machine.pinnedPfns !== null) unpinUserPages(machine.world, machine.pinnedPfns);
  machine.pinnedPfns = null;
}
