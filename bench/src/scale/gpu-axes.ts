// How the simulator scales with GPUs: each with pages of its own, and all with the same pages.
import { EFFORT_NOTIFIER_CALL, EFFORT_PTE_WALK } from "@faultline/core";
import { dmirrorMigrateToDevice, dmirrorRead, dmirrorWrite } from "@faultline/stacks";
import { timedMachine } from "../workloads/timed-faults.ts";
import type { ScaleAxis, ScaleSample } from "./scale-axis.ts";
import { nsOf, ScaleWorld } from "./scale-world.ts";

const PAGES_PER_GPU = 16_384;
const SHARED_PAGES = 8192;
/** 2 MiB, which is what UVM serves together. */
const PAGES_PER_TIMED_GPU = 512;
/** Batches of timed faults in one machine, of which the quickest counts. */
const BATCHES = 8;

/** Each GPU writes its own part of one process's memory. */
function ownPages(nrGpus: number, withMemory: boolean): ScaleSample {
  const nrPages = nrGpus * PAGES_PER_GPU;
  const scale = new ScaleWorld(nrPages, withMemory);
  const task = scale.process(nrPages);
  const mirrors = Array.from({ length: nrGpus }, (_, n) => scale.mirror(n, task));
  const ns = scale.nsPer(nrPages, () => {
    for (const [n, mirror] of mirrors.entries()) {
      const pages = { first: n * PAGES_PER_GPU, nrPages: PAGES_PER_GPU };
      scale.command(dmirrorWrite, task, mirror, pages);
    }
  });
  return { ns, ...scale.memory(nrPages) };
}

/** All GPUs read the same pages; then one of them takes them into its memory. */
function sharers(nrGpus: number, withMemory: boolean): ScaleSample {
  const scale = new ScaleWorld(SHARED_PAGES, withMemory);
  const task = scale.process(SHARED_PAGES);
  scale.write(task, SHARED_PAGES);
  const all = { first: 0, nrPages: SHARED_PAGES };
  const mirrors = Array.from({ length: nrGpus }, (_, n) => scale.mirror(n, task));
  for (const mirror of mirrors) scale.command(dmirrorRead, task, mirror, all);
  const memory = scale.memory(SHARED_PAGES);
  const { totals } = scale.world.effort;
  const callsBefore = totals[EFFORT_NOTIFIER_CALL] ?? 0;
  const [first] = mirrors;
  const ns = scale.nsPer(SHARED_PAGES, () => {
    if (first !== undefined) scale.command(dmirrorMigrateToDevice, task, first, all);
  });
  const work = ((totals[EFFORT_NOTIFIER_CALL] ?? 0) - callsBefore) / SHARED_PAGES;
  return { ns, ...memory, work };
}

/**
 * Faults under a clock, of GPUs under UVM, each in its own part of one process's memory.
 * @param effort EFFORT_*, what of the kernel's work is counted.
 */
function timed(nrGpus: number, pagesPerGpu: number, effort: number): ScaleSample {
  const knobs = "{ uvm_perf_prefetch_enable: 0 }";
  const machine = timedMachine("nv-v100-pcie3-uvm", knobs, nrGpus, pagesPerGpu);
  const { nrPages, effortTotals } = machine;
  const calls = (): number => effortTotals[effort] ?? 0;
  let work = 0;
  const times = Array.from({ length: BATCHES }, () => {
    machine.prepare();
    const before = calls();
    const ns = nsOf(() => machine.run());
    work = (calls() - before) / nrPages;
    return ns;
  });
  return { ns: Math.min(...times) / nrPages, work };
}

export const GPU_AXES: readonly ScaleAxis[] = [
  {
    name: "gpus/own-pages",
    what: "GPUs write pages of their own, 16384 each",
    of: "GPUs",
    unit: "fault",
    points: [1, 4, 16, 64, 256],
    fullPoints: [],
    expected: { ns: "flat", bytesPerPage: "flat" },
    because: "a fault looks at its page, its device's table and its device's notifier",
    measure: ownPages,
  },
  {
    name: "gpus/sharers",
    what: "GPUs mirror the same 8192 pages, and one of them takes these into its memory",
    of: "GPUs",
    unit: "migrated page",
    workUnit: "notifier calls",
    points: [1, 4, 16, 64, 256],
    fullPoints: [],
    expected: { ns: "linear", bytesPerPage: "linear", work: "linear" },
    because: "each sharer has an entry for the page, and is told to forget it",
    measure: sharers,
  },
  {
    name: "gpus/timed",
    what: "GPUs under UVM and a clock, 512 pages each",
    of: "GPUs",
    unit: "fault",
    workUnit: "notifier calls",
    points: [2, 4, 16, 64, 256],
    fullPoints: [],
    expected: { ns: "linear", work: "linear" },
    because: "a page that a GPU takes is news to the mirrors of all of them, run by run",
    measure: (nrGpus) => timed(nrGpus, PAGES_PER_TIMED_GPU, EFFORT_NOTIFIER_CALL),
  },
  {
    name: "gpus/timed-blocks",
    what: "the same with 2048 pages each, four blocks of UVM",
    of: "GPUs",
    unit: "fault",
    workUnit: "entries walked",
    points: [2, 4, 16, 64, 256],
    fullPoints: [],
    expected: { ns: "linear", work: "flat" },
    because: "a block is collected again when something in it moves, not when another GPU's does",
    measure: (nrGpus) => timed(nrGpus, 4 * PAGES_PER_TIMED_GPU, EFFORT_PTE_WALK),
  },
];
