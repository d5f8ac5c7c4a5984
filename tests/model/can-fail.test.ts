// The checks of random sequences can fail: a world that is bent behind their back is noticed, and
// what they write is a scenario that runs.
import { LEAF_WRITE } from "@faultline/core";
import { loadScenario, runUntimedScenario, type ScenarioMachine } from "@faultline/scenario";
import { expect, test } from "vitest";
import { chooseMachine } from "./machines.ts";
import { type Failure, runSequence } from "./run-sequence.ts";
import { scenarioText } from "./scenario-text.ts";
import type { Command } from "./sequences.ts";

/** Writes the whole first mapping. */
const WRITE: Command = { op: 2, who: 0, at: 0, length: 2, detail: 0 };

/** The failure after the first page of the first process was bent. */
function bent(bend: (machine: ScenarioMachine, page: number) => void): Failure | null {
  const { failure } = runSequence({ machine: 1, commands: [WRITE] }, (machine, index) => {
    const mm = machine.processes.get("p0")?.task.mm;
    if (index === 1) bend(machine, mm?.vmas[0]?.vmStart ?? 0);
  });
  return failure;
}

test("nothing is found where nothing is wrong", () => {
  expect(bent(() => undefined)).toBeNull();
});

test("lost data is found and becomes a scenario that fails as long as it is lost", () => {
  const failure = bent(({ world, processes }, page) => {
    const table = processes.get("p0")?.task.mm.pageTable;
    world.frames.setContent(table?.val(page) || table?.slotVal(page) || 0, 12345);
  });
  expect(failure?.message).toMatch(/contains 12345, not 131072$/);
  expect(failure?.check).toMatchObject({ do: "check", at: "m0+0", value: 131072 });
  const steps = [...(failure?.steps ?? []), ...(failure?.check ? [failure.check] : [])];
  const { plan, diagnostics } = loadScenario(scenarioText(chooseMachine(1), steps), "t.yaml");
  expect(diagnostics).toEqual([]);
  // Here nobody bends the world, so the same scenario passes.
  expect(plan === null ? false : runUntimedScenario(plan).passed).toBe(true);
});

test("a count that is off is found", () => {
  const failure = bent(({ world }) => world.frames.addExtraRefs(world.zeroPfn, 1));
  expect(failure?.message).toMatch(/^refcount: references beside mappings is 2, not 1/);
});

test("a right that is taken away without telling anybody is found", () => {
  const failure = bent(({ processes }, page) => {
    const table = processes.get("p0")?.task.mm.pageTable;
    if (table === undefined) return;
    if (table.leafTable(page) === 0) {
      table.setSlot(page, table.slotBits(page) & ~LEAF_WRITE, table.slotVal(page));
    } else {
      table.set(page, table.bits(page) & ~LEAF_WRITE, table.val(page));
    }
  });
  // The page was not there before the step, so nobody could have translated it yet.
  expect(failure).toBeNull();
  const late = runSequence({ machine: 1, commands: [WRITE, WRITE] }, (machine, index) => {
    const { mm } = machine.processes.get("p0")?.task ?? {};
    const page = mm?.vmas[0]?.vmStart ?? 0;
    const table = mm?.pageTable;
    if (index !== 2 || table === undefined) return;
    if (table.leafTable(page) === 0) {
      table.setSlot(page, table.slotBits(page) & ~LEAF_WRITE, table.slotVal(page));
    } else {
      table.set(page, table.bits(page) & ~LEAF_WRITE, table.val(page));
    }
  });
  expect(late.failure?.message).toMatch(/became read-only without an invalidation$/);
});

test("pages that the effort log does not mention are found", () => {
  const failure = bent(({ world }) => world.effort.clear());
  expect(failure?.message).toMatch(/^effort: 0 pages allocated at place 0, \d+ in use$/);
});
