import fc from "fast-check";
import { expect, test } from "vitest";
import type { DeviceFault } from "../device/device-stack.ts";
import { BASE } from "../test-kit/small-system.ts";
import { UvmGpus } from "../test-kit/uvm-gpus.ts";
import { UVM_REPLAY_POLICIES } from "./service-faults.ts";

/** One page of each of four blocks. */
const FOUR_BLOCKS = [0, 512, 1024, 1536];
const NO_PREFETCH = { uvm_perf_prefetch_enable: 0 } as const;

function pages(count: number, from = 0): number[] {
  return Array.from({ length: count }, (_, i) => from + i);
}

test("entries are sorted, merged by page and served block by block", () => {
  const gpus = new UvmGpus({}, NO_PREFETCH);
  const results = gpus.batch(0, [600, 3, [1, "write"], 3, 2, [1, "read"]]);
  expect(results).toEqual([0, 0, 0, 0, 0, 0]);
  expect(gpus.batches).toMatchObject([
    {
      nrEntries: 6,
      nrDuplicates: 2,
      nrReplays: 1,
      passes: [
        { start: BASE, nrFaulted: 3, nrMoved: 3 },
        { start: BASE + 512, nrFaulted: 1, nrMoved: 1 },
      ],
    },
  ]);
  expect(
    gpus
      .stack(0)
      .open(gpus.small.task.mm)
      .lookup(BASE + 1)?.writable,
  ).toBe(true);
});

test("entries that are not merged are served once all the same", () => {
  const gpus = new UvmGpus({}, { ...NO_PREFETCH, uvm_perf_fault_coalesce: 0 });
  gpus.batch(0, [3, 3, [3, "write"]]);
  expect(gpus.batches).toMatchObject([{ nrDuplicates: 2, passes: [{ nrFaulted: 3, nrMoved: 1 }] }]);
});

test("a replay follows each block, each batch, or the whole buffer, as the policy says", () => {
  const knobs = { ...NO_PREFETCH, uvm_perf_fault_batch_count: 2 };
  const found = UVM_REPLAY_POLICIES.map((_, uvm_perf_fault_replay_policy) => {
    const gpus = new UvmGpus({}, { ...knobs, uvm_perf_fault_replay_policy });
    gpus.batch(0, FOUR_BLOCKS);
    const { batches, replays, flushes, flushed_faults } = gpus.stack(0).stats;
    return { batches, replays, flushes, flushed_faults };
  });
  expect(found).toEqual([
    { batches: 2, replays: 4, flushes: 0, flushed_faults: 0 },
    { batches: 2, replays: 2, flushes: 0, flushed_faults: 0 },
    { batches: 1, replays: 1, flushes: 1, flushed_faults: 2 },
    { batches: 2, replays: 1, flushes: 0, flushed_faults: 0 },
  ]);
});

test("what a flush has dropped is not served, and faults again", () => {
  const gpus = new UvmGpus({}, { ...NO_PREFETCH, uvm_perf_fault_batch_count: 2 });
  expect(gpus.batch(0, pages(4))).toEqual([0, 0, 0, 0]);
  expect(gpus.nrPagesAt("gpu0")).toBe(2);
  gpus.batch(0, [2, 3]);
  expect(gpus.nrPagesAt("gpu0")).toBe(4);
});

test("PUT is read again when more than half of a batch are duplicates", () => {
  const gpus = new UvmGpus();
  gpus.batch(0, [0, 0]);
  gpus.batch(0, [16, 16, 16]);
  expect(gpus.batches.map(({ isPutUpdated }) => isPutUpdated)).toEqual([false, true]);
  expect(gpus.stack(0).stats.put_updates).toBe(1);
});

test("a service ends after twenty batches, and the next one goes on", () => {
  const knobs = { ...NO_PREFETCH, uvm_perf_fault_batch_count: 1, uvm_perf_fault_replay_policy: 1 };
  const gpus = new UvmGpus({}, knobs);
  gpus.batch(0, pages(45));
  expect(gpus.stack(0).stats).toMatchObject({ services: 3, batches: 45, pages_in: 45 });
});

test("an entry that cannot be served is cancelled, and no other", () => {
  const gpus = new UvmGpus();
  expect(gpus.batch(0, [1, 4096, 2])).toEqual([0, -14, 0]);
  expect(gpus.stack(0).stats).toMatchObject({ fatal_faults: 1 });
  expect(gpus.place(1)).toBe("gpu0");
});

test("an invalid prefetch is no error, and many switch prefetch faults off for a second", () => {
  const gpus = new UvmGpus({}, NO_PREFETCH);
  expect(
    gpus.batch(0, [
      [4096, "prefetch"],
      [4097, "prefetch"],
      [1, "prefetch"],
    ]),
  ).toEqual([0, 0, 0]);
  expect(gpus.place(1)).toBe("gpu0");
  expect(gpus.stack(0).takesPrefetchFaults).toBe(true);
  gpus.batch(0, [[4096, "prefetch"]]);
  gpus.batch(0, [
    [2, "prefetch"],
    [3, "read"],
  ]);
  expect([gpus.place(2), gpus.place(3)]).toEqual(["system", "gpu0"]);
  gpus.host.advance(1_000_000_000_000);
  gpus.batch(0, [[2, "prefetch"]]);
  expect(gpus.place(2)).toBe("gpu0");
});

test("a buffer that overflows loses its last entries", () => {
  const gpus = new UvmGpus({}, { ...NO_PREFETCH, "uvm.faultBufferEntries": 2 });
  gpus.batch(0, [0, 1, 2]);
  expect(gpus.events.map(({ type }) => type)).toContain("FaultBufferOverflow");
  expect(gpus.nrPagesAt("gpu0")).toBe(2);
});

test("faults of one batch share its number, up to the replay", () => {
  const gpus = new UvmGpus({}, NO_PREFETCH);
  gpus.batch(0, [0, 1]);
  gpus.batch(0, [2]);
  const heard = gpus.events.filter(({ type }) => type !== "Migration");
  expect(heard.map(({ type, batchId }) => `${type} ${batchId}`)).toEqual([
    "GpuFault 1",
    "GpuFault 1",
    "GpuFaultReplay 1",
    "GpuFault 2",
    "GpuFaultReplay 2",
  ]);
});

test("faults that come before prefetching starts are served as they are", () => {
  const gpus = new UvmGpus({}, { uvm_perf_prefetch_min_faults: 3 });
  gpus.batch(0, [0, 1]);
  expect(gpus.nrPagesAt("gpu0")).toBe(2);
  gpus.batch(0, [2, 3, 4]);
  expect(gpus.nrPagesAt("gpu0")).toBe(16);
  expect(gpus.stack(0).stats.prefetched_pages).toBe(11);
});

test("under batch_flush a service replays at most once more than it has batches", () => {
  const fault: fc.Arbitrary<readonly [number, DeviceFault["access"]]> = fc.tuple(
    fc.nat(2047),
    fc.constantFrom("read", "write", "prefetch"),
  );
  const counts = fc.constantFrom(1, 7, 256);
  fc.assert(
    fc.property(counts, fc.array(fault, { maxLength: 40 }), (count, faults) => {
      const gpus = new UvmGpus({}, { uvm_perf_fault_batch_count: count });
      gpus.batch(0, faults);
      const { batches, replays, services } = gpus.stack(0).stats;
      expect(services).toBeLessThanOrEqual(1);
      expect(replays).toBeLessThanOrEqual(batches + 1);
      expect(replays).toBeGreaterThanOrEqual(services);
    }),
    { numRuns: 20 },
  );
});
