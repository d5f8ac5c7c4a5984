// How the simulator scales with pages: touched, faulted in by a device, and forked.
import { invariant } from "@faultline/core";
import { runToCompletion, sysFork } from "@faultline/engine";
import { dmirrorWrite } from "@faultline/stacks";
import type { ScaleAxis, ScaleSample } from "./scale-axis.ts";
import { ScaleWorld } from "./scale-world.ts";

function firstTouch(nrPages: number, withMemory: boolean): ScaleSample {
  const scale = new ScaleWorld(nrPages, withMemory);
  const task = scale.process(nrPages);
  const ns = scale.nsPer(nrPages, () => scale.write(task, nrPages));
  return { ns, ...scale.memory(nrPages) };
}

function deviceFaults(nrPages: number, withMemory: boolean): ScaleSample {
  const scale = new ScaleWorld(nrPages, withMemory);
  const task = scale.process(nrPages);
  const mirror = scale.mirror(0, task);
  const ns = scale.nsPer(nrPages, () => {
    for (let first = 0; first < nrPages; first += PIECE) {
      const pages = { first, nrPages: Math.min(PIECE, nrPages - first) };
      scale.command(dmirrorWrite, task, mirror, pages);
    }
  });
  return { ns, ...scale.memory(nrPages) };
}

/** A command's data is an array of its own, which is none of what is measured. */
const PIECE = 2 ** 12;

function fork(nrPages: number, withMemory: boolean): ScaleSample {
  const scale = new ScaleWorld(nrPages, withMemory);
  const task = scale.process(nrPages);
  scale.write(task, nrPages);
  const ns = scale.nsPer(nrPages, () => {
    const child = runToCompletion(sysFork(scale.world, task));
    invariant(typeof child !== "number", "fork failed");
  });
  return { ns, ...scale.memory(nrPages) };
}

const TO_MILLION = [1e4, 1e5, 1e6];

export const PAGE_AXES: readonly ScaleAxis[] = [
  {
    name: "pages/first-touch",
    what: "a process writes each of its pages",
    of: "pages",
    unit: "page",
    points: [...TO_MILLION, 1e7],
    fullPoints: [1e8],
    expected: { ns: "flat", bytesPerPage: "flat" },
    because: "a fault walks four levels, however many pages there are",
    measure: firstTouch,
  },
  {
    name: "pages/device-faults",
    what: "a device faults in each page of a process",
    of: "pages",
    unit: "page",
    points: TO_MILLION,
    fullPoints: [1e7],
    expected: { ns: "flat", bytesPerPage: "flat" },
    because: "a batch of faults looks at its own pages only",
    measure: deviceFaults,
  },
  {
    name: "pages/fork",
    what: "a process forks with all of its pages present",
    of: "pages",
    unit: "page",
    points: TO_MILLION,
    fullPoints: [1e7],
    expected: { ns: "flat", bytesPerPage: "flat" },
    because: "a fork copies each entry once",
    measure: fork,
  },
];
