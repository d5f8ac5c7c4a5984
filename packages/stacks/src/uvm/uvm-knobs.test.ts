// Every parameter of the module that says it changes something does: the same accesses, once with
// the default and once with another value, end differently, in the way that the table states.
import { APERTURE_SYSTEM } from "@faultline/core";
import { runToCompletion } from "@faultline/engine";
import { expect, test } from "vitest";
import type { SmallSystemSpec } from "../test-kit/small-system.ts";
import { BASE } from "../test-kit/small-system.ts";
import { NVLINK, UvmGpus } from "../test-kit/uvm-gpus.ts";
import { DEFAULT_UVM_KNOBS, type UvmKnobs } from "./uvm-knobs.ts";

/** Kept for whoever prices them, and said to change no outcome in their doc comments. */
const ONLY_PRICED = [
  "uvm_perf_lapse_vote_threshold",
  "uvm_perf_migrate_cpu_preunmap_enable",
  "uvm_perf_migrate_cpu_preunmap_block_order",
  "uvm_peer_copy",
];

const LAPSE_PS = 500_000_000;
const SECOND_PS = 1_000_000_000_000;
const NO_PREFETCH = { uvm_perf_prefetch_enable: 0 } as const;
const BATCHES_OF_ONE = {
  ...NO_PREFETCH,
  uvm_perf_fault_batch_count: 1,
  uvm_perf_fault_replay_policy: 1,
} as const;

interface Experiment {
  readonly knob: keyof UvmKnobs;
  readonly other: UvmKnobs[keyof UvmKnobs];
  readonly given?: Partial<UvmKnobs>;
  readonly machine?: Partial<SmallSystemSpec>;
  readonly observe: (gpus: UvmGpus) => unknown;
  /** What is seen with the default, and with the other value. */
  readonly sees: readonly [unknown, unknown];
}

/** The pages from 0 on, as faults of one buffer. */
function pages(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** The GPUs write page 0 in turn. @returns the index of the first write that had to wait */
function firstWait(gpus: UvmGpus, times: number, pausePs = 0): number {
  const found = Array.from({ length: times }, (_, i) => {
    gpus.host.advance(pausePs);
    return gpus.access(i % 2, "write", i + 1, 1).rc;
  });
  return found.findIndex((rc) => rc !== 0);
}

/** Writes in turn until the page waits; then time passes. @returns what the waiting GPU gets */
function afterAWait(gpus: UvmGpus, pausePs: number): number {
  const waiting = firstWait(gpus, 6) % 2;
  gpus.host.advance(pausePs);
  gpus.access(1 - waiting, "write", 50, 1);
  return gpus.access(waiting, "write", 60, 1).rc;
}

/** Writes in turn with pauses between. @returns how often a page was pinned in so many lapses */
function nrPins(gpus: UvmGpus, lapses: number): number {
  for (let i = 0; i < lapses; i++) {
    gpus.access(0, "write", i, 1);
    gpus.access(1, "write", i, 1);
    gpus.host.advance(LAPSE_PS);
  }
  return gpus.stack(0).stats.pinned_pages;
}

/** A counter of GPU 0 counts accesses to eight pages that it maps from afar. */
function counted(gpus: UvmGpus, nrAccesses: number): number {
  gpus.advise(0, { accessedBy: true });
  const stack = gpus.stack(0);
  const { task } = gpus.small;
  const range = { start: BASE, nrPages: 8 };
  runToCompletion(stack.countAccesses(stack.open(task.mm), task, range, nrAccesses));
  return gpus.nrPagesAt("gpu0");
}

/** Many faults that wait, each in a batch of its own. */
function throttledBatches(gpus: UvmGpus): number {
  for (let i = 0; i < 6; i++) {
    gpus.batch(
      i % 2,
      pages(8).map((page) => [page, "write"] as const),
    );
  }
  const { batches } = gpus.stack(0).stats;
  gpus.batch(
    0,
    pages(8).map((page) => [page, "write"] as const),
  );
  return gpus.stack(0).stats.batches - batches;
}

/** A batch of invalid prefetch faults, then a valid one after half a second. */
function prefetchAfterInvalidOnes(gpus: UvmGpus): string {
  gpus.batch(0, [[4096, "prefetch"]]);
  gpus.host.advance(SECOND_PS / 2);
  gpus.batch(0, [[2, "prefetch"]]);
  return gpus.place(2);
}

const EXPERIMENTS: readonly Experiment[] = [
  {
    knob: "uvm_perf_fault_batch_count",
    other: 1,
    observe: (gpus) => gpus.batch(0, [0, 512]) && gpus.stack(0).stats.flushed_faults,
    sees: [0, 1],
  },
  {
    knob: "uvm_perf_fault_replay_policy",
    other: 0,
    observe: (gpus) => gpus.batch(0, [0, 512]) && gpus.stack(0).stats.replays,
    sees: [1, 2],
  },
  {
    knob: "uvm_perf_fault_replay_update_put_ratio",
    other: 80,
    observe: (gpus) => gpus.batch(0, [0, 0, 0]) && gpus.stack(0).stats.put_updates,
    sees: [1, 0],
  },
  {
    knob: "uvm_perf_fault_max_batches_per_service",
    other: 4,
    given: BATCHES_OF_ONE,
    observe: (gpus) => gpus.batch(0, pages(20)) && gpus.stack(0).stats.services,
    sees: [1, 5],
  },
  {
    knob: "uvm_perf_fault_max_throttle_per_service",
    other: 2,
    machine: NVLINK,
    given: BATCHES_OF_ONE,
    observe: throttledBatches,
    sees: [5, 2],
  },
  {
    knob: "uvm_perf_fault_coalesce",
    other: 0,
    observe: (gpus) => gpus.batch(0, [3, 3]) && gpus.batches[0]?.passes[0]?.nrFaulted,
    sees: [1, 2],
  },
  {
    knob: "uvm_perf_reenable_prefetch_faults_lapse_msec",
    other: 400,
    given: NO_PREFETCH,
    observe: prefetchAfterInvalidOnes,
    sees: ["system", "gpu0"],
  },
  {
    knob: "uvm_perf_prefetch_enable",
    other: 0,
    observe: (gpus) => gpus.batch(0, [0]) && gpus.nrPagesAt("gpu0"),
    sees: [16, 1],
  },
  {
    knob: "uvm_perf_prefetch_threshold",
    other: 25,
    observe: (gpus) => gpus.batch(0, [0, 16]) && gpus.batch(0, [64]) && gpus.nrPagesAt("gpu0"),
    sees: [48, 256],
  },
  {
    knob: "uvm_perf_prefetch_min_faults",
    other: 2,
    observe: (gpus) => gpus.batch(0, [0]) && gpus.nrPagesAt("gpu0"),
    sees: [16, 1],
  },
  {
    knob: "uvm_perf_thrashing_enable",
    other: 0,
    machine: NVLINK,
    observe: (gpus) => firstWait(gpus, 20),
    sees: [4, -1],
  },
  {
    knob: "uvm_perf_thrashing_threshold",
    other: 6,
    machine: NVLINK,
    observe: (gpus) => firstWait(gpus, 20),
    sees: [4, 7],
  },
  {
    knob: "uvm_perf_thrashing_pin_threshold",
    other: 2,
    machine: NVLINK,
    observe: (gpus) => nrPins(gpus, 8),
    sees: [0, 1],
  },
  {
    knob: "uvm_perf_thrashing_lapse_usec",
    other: 5000,
    machine: NVLINK,
    observe: (gpus) => firstWait(gpus, 20, 2 * LAPSE_PS),
    sees: [-1, 4],
  },
  {
    knob: "uvm_perf_thrashing_nap",
    other: 4,
    machine: NVLINK,
    observe: (gpus) => afterAWait(gpus, 2 * LAPSE_PS),
    sees: [0, -11],
  },
  {
    knob: "uvm_perf_thrashing_epoch",
    other: 2,
    machine: NVLINK,
    observe: (gpus) => {
      firstWait(gpus, 6);
      gpus.host.advance(3 * LAPSE_PS);
      return firstWait(gpus, 3);
    },
    sees: [1, -1],
  },
  {
    knob: "uvm_perf_thrashing_pin",
    other: 2,
    machine: NVLINK,
    given: { uvm_perf_thrashing_pin_threshold: 1 },
    observe: (gpus) => nrPins(gpus, 20),
    sees: [1, 4],
  },
  {
    knob: "uvm_perf_thrashing_max_resets",
    other: 0,
    machine: NVLINK,
    observe: (gpus) => {
      firstWait(gpus, 6);
      gpus.host.advance(2001 * LAPSE_PS);
      return firstWait(gpus, 20);
    },
    sees: [4, -1],
  },
  {
    knob: "uvm_perf_map_remote_on_native_atomics_fault",
    other: 1,
    machine: NVLINK,
    given: NO_PREFETCH,
    observe: (gpus) => {
      gpus.access(1, "write", 1, 1);
      gpus.access(0, "atomic", 2, 1);
      return gpus.place(0);
    },
    sees: ["gpu0", "gpu1"],
  },
  {
    knob: "uvm_perf_access_counter_migration_enable",
    other: 1,
    observe: (gpus) => counted(gpus, 256),
    sees: [0, 8],
  },
  {
    knob: "uvm_perf_access_counter_threshold",
    other: 1024,
    given: { uvm_perf_access_counter_migration_enable: 1 },
    observe: (gpus) => counted(gpus, 32),
    sees: [8, 0],
  },
  {
    knob: "uvm_perf_access_counter_batch_count",
    other: 1,
    given: { uvm_perf_access_counter_migration_enable: 1 },
    observe: (gpus) => counted(gpus, 256) && gpus.stack(0).stats.access_counter_notifications,
    sees: [8, 1],
  },
  {
    knob: "uvm_perf_map_remote_on_eviction",
    other: 0,
    machine: { devices: [{ name: "gpu0", memoryMib: 4 }, { name: "gpu1" }] },
    observe: (gpus) => {
      for (const at of [0, 512, 1024]) gpus.pull(0, 512, at);
      return gpus.aperture(0);
    },
    sees: [APERTURE_SYSTEM, undefined],
  },
  {
    knob: "uvm.evictionPolicy",
    other: "sl-64k",
    machine: { devices: [{ name: "gpu0", memoryMib: 4 }, { name: "gpu1" }] },
    observe: (gpus) => {
      for (const at of [0, 512]) gpus.pull(0, 512, at);
      gpus.pull(0, 1, 1024);
      return gpus.nrPagesAt("gpu0");
    },
    sees: [513, 1009],
  },
  {
    knob: "uvm_fault_force_sysmem",
    other: 1,
    observe: (gpus) => gpus.access(0, "write", 1, 1) && gpus.place(0),
    sees: ["gpu0", "system"],
  },
  {
    knob: "uvm_disable_hmm",
    other: 1,
    given: { "uvm.memory": "system" },
    observe: (gpus) => gpus.access(0, "read", 0, 1).rc,
    sees: [0, -14],
  },
  {
    knob: "uvm.memory",
    other: "system",
    given: { uvm_disable_hmm: 1 },
    observe: (gpus) => gpus.access(0, "read", 0, 1).rc,
    sees: [0, -14],
  },
  {
    knob: "uvm_ats_mode",
    other: 0,
    machine: { devices: [{ name: "gpu0", coherent: true }] },
    observe: (gpus) => gpus.access(0, "read", 0, 1) && gpus.place(0),
    sees: ["system", "gpu0"],
  },
  {
    knob: "uvm.faultBufferEntries",
    other: 2,
    given: NO_PREFETCH,
    observe: (gpus) => gpus.batch(0, pages(4)) && gpus.nrPagesAt("gpu0"),
    sees: [4, 2],
  },
  {
    knob: "uvm.linkMatrix",
    other: "nvlink",
    observe: (gpus) => gpus.driver.canAccess(1, 2),
    sees: [true, false],
  },
];

test.each(EXPERIMENTS)("$knob: $other changes what is seen", (experiment) => {
  const { knob, other, given = {}, machine = {}, observe, sees } = experiment;
  const plain = observe(new UvmGpus(machine, given));
  const changed = observe(new UvmGpus(machine, { ...given, [knob]: other }));
  expect([plain, changed]).toEqual(sees);
});

test("every parameter has an experiment, or changes a price only", () => {
  const known = [...EXPERIMENTS.map(({ knob }) => knob), ...ONLY_PRICED];
  expect(Object.keys(DEFAULT_UVM_KNOBS).filter((knob) => !known.includes(knob))).toEqual([]);
});
