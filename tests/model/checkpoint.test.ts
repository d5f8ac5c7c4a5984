// A checkpoint is the whole truth: the same steps after it always lead to the same world, spend the
// same, and answer the same.
import {
  EFFORT_KIND_NAMES,
  formatEffort,
  restoreCheckpoint,
  takeCheckpoint,
} from "@faultline/core";
import { findWorldProblems, walkTables } from "@faultline/engine";
import {
  createScenarioMachine,
  executeStep,
  loadScenario,
  dmirrorDevices,
  type PlannedStep,
  type RunningProcess,
  type ScenarioMachine,
} from "@faultline/scenario";
import { dmirrorHolder } from "@faultline/stacks";
import fc from "fast-check";
import { expect, test } from "vitest";
import { isHazardous } from "./hazards.ts";
import { chooseMachine } from "./machines.ts";
import { scenarioText } from "./scenario-text.ts";
import { sequences, stepsOf } from "./sequences.ts";

/** Everything that can be observed, frame numbers included. */
function observe({ world, processes }: ScenarioMachine): string[] {
  const lines = world.buddies.map((buddy) => `${buddy.nrFree} pages free`);
  for (const { name, task } of processes.values()) {
    for (const { vmStart, vmEnd, vmFlags } of task.mm.vmas) {
      lines.push(`${name} ${vmStart}-${vmEnd} ${vmFlags}`);
    }
    const leaf = (page: number, bits: number, val: number, level: number): void => {
      lines.push(`${name} ${page} ${bits} ${val} ${level}`);
    };
    walkTables(task.mm.pageTable, { table: () => true, leaf });
  }
  const totals = EFFORT_KIND_NAMES.map((kind, i) => `${kind} ${world.effort.totals[i]}`);
  return [...lines, ...totals];
}

/** Runs steps and returns what they answered and spent. */
function play(machine: ScenarioMachine, steps: readonly PlannedStep[]): string[] {
  const answers: string[] = [];
  for (const planned of steps) {
    if (!machine.processes.has(planned.process) || isHazardous(machine, planned)) continue;
    answers.push(JSON.stringify(executeStep(machine, planned)));
    answers.push(...machine.world.effort.items().map(formatEffort));
    machine.world.effort.clear();
  }
  return answers;
}

/** What the runner itself remembers beside the world. */
function saveRunner({ processes, devices: running }: ScenarioMachine): () => void {
  const devices = dmirrorDevices(running);
  const saved = [...processes].map(([name, process]): [string, RunningProcess] => [
    name,
    { ...process, files: new Map(process.files) },
  ]);
  const files = devices.map((device) => new Map(device.files));
  return () => {
    processes.clear();
    for (const [name, process] of saved) {
      processes.set(name, { ...process, files: new Map(process.files) });
    }
    for (const [i, device] of devices.entries()) {
      device.files.clear();
      for (const [id, file] of files[i] ?? []) device.files.set(id, file);
    }
  };
}

test("the same steps after a restore lead to the same world", () => {
  fc.assert(
    fc.property(sequences(24), fc.nat({ max: 24 }), ({ machine: number, commands }, cut) => {
      const choice = chooseMachine(number);
      const { plan } = loadScenario(scenarioText(choice, stepsOf(choice, commands)), "t.yaml");
      if (plan === null) throw new Error("not a scenario");
      const machine = createScenarioMachine(plan.document);
      // Devices are part of what is saved once the world knows them.
      const at = Math.min(cut, plan.steps.length);
      play(machine, plan.steps.slice(0, at));
      machine.world.subsystems.set("devices", { devices: dmirrorDevices(machine.devices) });
      const restoreRunner = saveRunner(machine);
      const checkpoint = takeCheckpoint(machine.world);
      const before = observe(machine);
      const first = play(machine, plan.steps.slice(at));
      const after = observe(machine);
      for (let round = 0; round < 2; round++) {
        restoreCheckpoint(machine.world, checkpoint);
        restoreRunner();
        expect(observe(machine)).toEqual(before);
        const holders = [dmirrorHolder(dmirrorDevices(machine.devices))];
        expect(findWorldProblems(machine.world, { holders })).toEqual([]);
        expect(play(machine, plan.steps.slice(at))).toEqual(first);
        expect(observe(machine)).toEqual(after);
      }
    }),
    { numRuns: 60 },
  );
});
