// How the simulator scales with processes: each with pages of its own, and children that share.
import { EFFORT_RMAP_VISIT, invariant, type TaskStruct } from "@faultline/core";
import {
  MPOL_MF_MOVE_ALL,
  runToCompletion,
  sysExit,
  sysFork,
  sysMovePages,
} from "@faultline/engine";
import type { ScaleAxis, ScaleSample } from "./scale-axis.ts";
import { mustBeZero, ScaleWorld, START } from "./scale-world.ts";

const PAGES_EACH = 256;

function ownPages(nrProcesses: number, withMemory: boolean): ScaleSample {
  const nrPages = nrProcesses * PAGES_EACH;
  const scale = new ScaleWorld(nrPages, withMemory);
  const tasks = Array.from({ length: nrProcesses }, () => scale.process(PAGES_EACH));
  const ns = scale.nsPer(nrPages, () => {
    for (const task of tasks) scale.write(task, PAGES_EACH);
  });
  return { ns, ...scale.memory(nrPages) };
}

interface Family {
  readonly scale: ScaleWorld;
  readonly parent: TaskStruct;
  readonly children: readonly TaskStruct[];
  readonly forkNs: number;
}

/** A process with 256 pages, and children that share them. */
function family(nrChildren: number): Family {
  const scale = new ScaleWorld(PAGES_EACH, false);
  const parent = scale.process(PAGES_EACH);
  scale.write(parent, PAGES_EACH);
  const children: TaskStruct[] = [];
  const forkNs = scale.nsPer(nrChildren, () => {
    for (let n = 0; n < nrChildren; n++) {
      const child = runToCompletion(sysFork(scale.world, parent));
      invariant(typeof child !== "number", "fork failed");
      children.push(child);
    }
  });
  scale.world.effort.clear();
  return { scale, parent, children, forkNs };
}

function exits(nrProcesses: number): ScaleSample {
  const { scale, children } = family(nrProcesses);
  const ns = scale.nsPer(nrProcesses, () => {
    for (const child of children) mustBeZero(runToCompletion(sysExit(scale.world, child)));
  });
  return { ns };
}

function sharers(nrProcesses: number): ScaleSample {
  const { scale, parent } = family(nrProcesses - 1 || 1);
  const pages = Array.from({ length: PAGES_EACH }, (_, n) => START + n);
  const status = new Int32Array(PAGES_EACH);
  const request = { pages, nodes: pages.map(() => 1), status, flags: MPOL_MF_MOVE_ALL };
  const { totals } = scale.world.effort;
  const visitsBefore = totals[EFFORT_RMAP_VISIT] ?? 0;
  const ns = scale.nsPer(PAGES_EACH, () => {
    mustBeZero(runToCompletion(sysMovePages(scale.world, parent, request)));
  });
  invariant(
    status.every((node) => node === 1),
    "a page did not move",
  );
  return { ns, work: ((totals[EFFORT_RMAP_VISIT] ?? 0) - visitsBefore) / PAGES_EACH };
}

const POINTS = [2, 10, 100, 1000];

export const PROCESS_AXES: readonly ScaleAxis[] = [
  {
    name: "processes/own-pages",
    what: "processes write pages of their own, 256 each",
    of: "processes",
    unit: "page",
    points: [1, 10, 100, 1000],
    fullPoints: [],
    expected: { ns: "flat", bytesPerPage: "flat" },
    because: "a fault looks at its own process only",
    measure: ownPages,
  },
  {
    name: "processes/fork",
    what: "a process with 256 pages forks again and again; the children live",
    of: "processes",
    unit: "fork",
    points: POINTS,
    fullPoints: [],
    expected: { ns: "flat" },
    because: "a fork adds its child to the lists of the parent's anon_vma, whoever is there",
    measure: (nrProcesses) => ({ ns: family(nrProcesses).forkNs }),
  },
  {
    name: "processes/exit",
    what: "those children end, one after another",
    of: "processes",
    unit: "exit",
    points: POINTS,
    fullPoints: [],
    expected: { ns: "flat" },
    because: "an exit takes itself off those lists",
    measure: exits,
  },
  {
    name: "processes/sharers",
    what: "processes share 256 pages, which move to another node",
    of: "processes",
    unit: "migrated page",
    workUnit: "mappings visited",
    points: POINTS,
    fullPoints: [],
    expected: { ns: "linear", work: "linear" },
    because: "each sharer's entry is found by reverse mapping, taken away and put back",
    measure: sharers,
  },
];
