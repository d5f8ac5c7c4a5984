// userfaultfd: one descriptor per process, opened by the first registration.

import type { UserfaultfdCtx } from "@faultline/core";
import {
  createUserfaultfd,
  userfaultfdClose,
  userfaultfdCopy,
  userfaultfdMove,
  userfaultfdPoison,
  userfaultfdRegister,
  userfaultfdUnregister,
  userfaultfdWriteprotect,
  userfaultfdZeropage,
  type Verb,
} from "@faultline/engine";
import type { OpOutcome } from "../kernel-under-test.ts";
import { type OpHandlers, type OpScene, outcomeOf, tokenOf, windowPage } from "./op-handler.ts";

/** Runs a command on the process's descriptor. */
function command(scene: OpScene, run: (ctx: UserfaultfdCtx) => Verb): OpOutcome {
  const ctx = scene.process.userfaultfd;
  return ctx === null ? { e: "EBADF" } : outcomeOf(scene.machine.run(run(ctx)));
}

export const USERFAULTFD_OPERATIONS: OpHandlers<
  "uffd" | "uffdun" | "uffdwp" | "uffdcopy" | "uffdzero" | "uffdpoison" | "uffdmove" | "uffdclose"
> = {
  uffd: (scene, op) => {
    const { machine, process, task } = scene;
    process.userfaultfd ??= createUserfaultfd(machine.world, {
      sigbus: op.feature === 0,
      wpAsync: op.feature === 1,
      wpUnpopulated: true,
    });
    return command(scene, (ctx) =>
      userfaultfdRegister(machine.world, task, ctx, windowPage(op.start), op.len, op.mode),
    );
  },
  uffdun: (scene, op) =>
    command(scene, (ctx) =>
      userfaultfdUnregister(scene.machine.world, scene.task, ctx, windowPage(op.start), op.len),
    ),
  uffdwp: (scene, op) => {
    const { machine, task } = scene;
    return command(scene, () =>
      userfaultfdWriteprotect(machine.world, task, windowPage(op.start), op.len, op.on === 1),
    );
  },
  uffdcopy: (scene, op) => {
    const { machine, task, opIndex } = scene;
    const tokens = Array.from({ length: op.len }, (_, i) => tokenOf(opIndex, op.start + i));
    return command(scene, () =>
      userfaultfdCopy(machine.world, task, windowPage(op.start), tokens, op.wp === 1),
    );
  },
  uffdzero: (scene, op) =>
    command(scene, () =>
      userfaultfdZeropage(scene.machine.world, scene.task, windowPage(op.start), op.len),
    ),
  uffdpoison: (scene, op) =>
    command(scene, () =>
      userfaultfdPoison(scene.machine.world, scene.task, windowPage(op.start), op.len),
    ),
  uffdmove: (scene, op) => {
    const { machine, task } = scene;
    const [dst, src] = [windowPage(op.start), windowPage(op.source)];
    return command(scene, (ctx) =>
      userfaultfdMove(machine.world, task, ctx, dst, src, op.len, op.mode),
    );
  },
  uffdclose: (scene) => {
    closeUserfaultfd(scene);
    return { r: 0 };
  },
};

/** Closes the process's descriptor if it has one; a dead address space has nothing to let go. */
export function closeUserfaultfd({ machine, process, task }: OpScene): void {
  const ctx = process.userfaultfd;
  process.userfaultfd = null;
  if (ctx !== null && task.mm.isAlive) {
    machine.run(userfaultfdClose(machine.world, task.mm, ctx));
  }
}
