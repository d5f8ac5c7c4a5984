// The simulated kernel as the replayer drives it: core, engine and the test driver behind the
// operations of a case.

import type { KernelSetup, KernelUnderTest, OpOutcome, ProcessView } from "./kernel-under-test.ts";
import type { CaseOp } from "./operation.ts";
import { CaseMachine } from "./world/case-machine.ts";
import type { CaseProcess } from "./world/case-process.ts";
import { ProcessViewer } from "./world/process-view.ts";
import { runOperation } from "./world/run-operation.ts";

class WorldUnderTest implements KernelUnderTest {
  readonly #machine: CaseMachine;
  readonly #viewers = new WeakMap<CaseProcess, ProcessViewer>();

  constructor(setup: KernelSetup) {
    this.#machine = new CaseMachine(setup);
  }

  execute(op: CaseOp, opIndex: number): OpOutcome {
    const process = this.#machine.processes[op.process] ?? null;
    if (process === null) return { e: "DEAD" };
    const outcome = runOperation(
      { machine: this.#machine, process, task: process.task, opIndex },
      op,
    );
    // Nobody prices the work of a replay, so its log is not kept.
    this.#machine.world.effort.clear();
    return outcome;
  }

  observe(process: number): ProcessView | null {
    const found = this.#machine.processes[process] ?? null;
    if (found === null) return null;
    let viewer = this.#viewers.get(found);
    if (viewer === undefined) {
      viewer = new ProcessViewer(this.#machine.world, found, this.#machine.conformanceCase);
      this.#viewers.set(found, viewer);
    }
    return viewer.view();
  }
}

/** Creates the simulated kernel for one case. */
export function createWorldUnderTest(setup: KernelSetup): KernelUnderTest {
  return new WorldUnderTest(setup);
}
