import { describe, expect, test } from "vitest";
import { measure } from "./measure.ts";
import type { Workload } from "./workload.ts";

function countingWorkload(events: string[]): Workload {
  return {
    name: "test/nothing",
    unit: "ns/op",
    nrUnits: 4,
    nrBatches: 16,
    prepare: () => void events.push("prepare"),
    run: () => void events.push("run"),
  };
}

describe("measuring a workload", () => {
  test("prepares before every batch and reports time per unit", () => {
    const events: string[] = [];
    const measured = measure(countingWorkload(events));
    const runs = events.filter((event) => event === "run").length;
    expect(runs).toBeGreaterThanOrEqual(16);
    expect(events).toEqual(Array.from({ length: runs }, () => ["prepare", "run"]).flat());
    expect(measured).toMatchObject({ name: "test/nothing", unit: "ns/op" });
    expect(measured.p99).toBeGreaterThanOrEqual(measured.value);
    expect(measured).not.toHaveProperty("bytesPerPage");
  });

  test("reports bytes per page where the workload knows them", () => {
    const measured = measure({ ...countingWorkload([]), bytesPerPage: () => 22 });
    expect(measured.bytesPerPage).toBe(22);
  });

  test("does not swallow what a workload throws", () => {
    const run = (): void => {
      throw new Error("page 7 faulted");
    };
    expect(() => measure({ ...countingWorkload([]), run })).toThrow("page 7 faulted");
  });
});
