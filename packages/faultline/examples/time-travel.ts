// A run under a clock as something to move through: to an instant, back, and on.
import { describePageState, openScenario, pageState, runScenario } from "faultline";
import { type ScenarioSession, cpuAccess, formatPs } from "faultline";

const scenario = `
version: 1
title: A GPU pulls what a CPU has written
machine:
  devices: [{ name: gpu0 }]
steps:
  - { do: mmap, name: heap, pages: 64 }
  - { do: write, at: heap, pages: 64 }
  - { do: device_read, device: gpu0, at: heap, pages: 64 }
  - { do: advance, time: 100us }
`;

/** What the first page of the heap is just now. */
function firstPage({ machine, point }: ScenarioSession): string {
  const { world, processes, deviceNames } = machine;
  const mm = processes.get("app")?.task.mm;
  const vma = mm?.vmas[0];
  if (mm === undefined || vma === undefined) return `${formatPs(point.atPs)}: not mapped`;
  const state = describePageState(pageState(world, mm, vma.vmStart), deviceNames);
  return `${formatPs(point.atPs)}: ${state}`;
}

const profile = "amd-mi250x-xnack-svm";
const session = openScenario(scenario, { profile });
for (const instant of ["0us", "100us", "200us", "300us"] as const) {
  console.log(firstPage(session.goTo(instant)));
}

// When does the page arrive on the device? Between 200 and 300 us; to the nanosecond:
let [before, after] = [200_000, 300_000];
while (after - before > 1) {
  const middle = Math.floor((before + after) / 2);
  if (firstPage(session.goTo(`${middle}ns`)).includes("gpu0")) after = middle;
  else before = middle;
}
console.log(firstPage(session.goTo(`${after}ns`)));

// What if a CPU wrote to it just now? That happens in another world; this one goes on as it was.
const other = session.again();
const task = other.machine.processes.get("app")?.task;
if (task !== undefined) cpuAccess(other.machine.world, task, task.mm.vmas[0]?.vmStart ?? 0, true);
console.log(`in another world: ${firstPage(other)}`);

const straight = runScenario(scenario, { profile }).result.digest;
const { digest } = session.finish().result;
console.log(digest === straight ? "it ends as without the stops" : "it ends differently");
