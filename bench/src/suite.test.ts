import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { PRIMITIVES } from "./host/host-programs.ts";
import { SUITE } from "./suite.ts";

const names = SUITE.map(({ name }) => name);

/** What `npm run bench` promises, in its order. */
const PROMISED = [
  "calibration/loop",
  "fault/first-touch-4k",
  "fault/zero-page-read",
  "cow/copy",
  "cow/reuse",
  "fork/per-page",
  "fork/per-page-shuffled",
  "munmap/per-page",
  "fault/thp-2m",
  "hmm_range_fault/snapshot",
  "hmm_range_fault/fault",
  "migrate/to-device",
  "migrate/to-system",
  "checkpoint/take",
  "checkpoint/first-write",
  "sim/event-queue",
  "sim/actor-switch",
  "sim/lock-handoff",
  "sim/link-transfer-1",
  "sim/link-transfer-100",
  "sim/link-transfer-10000",
  "sim/fault-record",
  "sim/record-digest",
  "sim/timed-faults",
  "sim/timed-faults-ideal",
  "sim/timed-faults-odp",
  "sim/timed-faults-xe",
  "sim/timed-faults-uvm",
];

function textBeside(path: string): string {
  return readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
}

describe("the suite", () => {
  test("has every promised benchmark once", () => {
    expect(names).toEqual(PROMISED);
    expect(new Set(names).size).toBe(names.length);
  });

  test.each(SUITE)("$name has a workload of that name, and a batch of it runs", (entry) => {
    const workload = entry.create();
    expect(workload.name).toBe(entry.name);
    expect(Math.min(workload.nrUnits, workload.nrBatches)).toBeGreaterThan(0);
    workload.prepare?.();
    expect(workload.run).not.toThrow();
  });

  test("what the host can do is measured there under the same names", () => {
    const both = PRIMITIVES.map(({ name }) => name).filter((name) => names.includes(name));
    expect(both).toEqual([
      "fault/first-touch-4k",
      "fault/zero-page-read",
      "fault/thp-2m",
      "cow/copy",
      "cow/reuse",
      "fork/per-page",
      "munmap/per-page",
    ]);
  });

  test("the README describes exactly the benchmarks there are", () => {
    const rows = [...textBeside("README.md").matchAll(/^\| `([a-z_]+\/[\w-]+)` \|/gm)];
    expect(rows.map((match) => match[1])).toEqual(names);
  });
});
