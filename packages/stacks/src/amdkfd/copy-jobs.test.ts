import { EFFORT_DRIVER_COPY_JOB } from "@faultline/core";
import { cpuAccess } from "@faultline/engine";
import { describe, expect, test } from "vitest";
import { KfdGpus } from "../test-kit/kfd-gpus.ts";
import { BASE } from "../test-kit/small-system.ts";

const KIB = 2 ** 10;

/** Jobs that GPU 0 has had, as its counter and as the log of effort say. */
function jobs(gpus: KfdGpus): readonly (number | undefined)[] {
  const { totals } = gpus.small.world.effort;
  return [gpus.stack(0).counters().get("copy_jobs"), totals[EFFORT_DRIVER_COPY_JOB]];
}

describe("jobs of the copy engine", () => {
  test.each([
    [4096 * KIB, 1],
    [2048 * KIB, 1],
    [1024 * KIB, 2],
    [96 * KIB, 22],
    [4 * KIB, 512],
  ])("with a window of %i bytes, 2 MiB are %i", (window, nrJobs) => {
    const gpus = new KfdGpus({}, { "kfd.copyWindowBytes": window });
    gpus.small.fill(512);
    gpus.access(0, "read", 0, 1);
    expect(jobs(gpus)).toEqual([nrJobs, nrJobs]);
    expect(cpuAccess(gpus.small.world, gpus.small.task, BASE, false)).toBe(0);
    expect(jobs(gpus)).toEqual([2 * nrJobs, 2 * nrJobs]);
  });

  test("end at memory that nobody has touched, which is not copied", () => {
    const gpus = new KfdGpus();
    gpus.small.fill(4, 0, 100);
    gpus.access(0, "read", 0, 1, 300);
    expect(jobs(gpus)).toEqual([2, 2]);
  });

  test("a granule that is larger than the window is cut by it", () => {
    const gpus = new KfdGpus({}, { "kfd.granularityLog2": 11 });
    gpus.small.fill(2048);
    gpus.access(0, "read", 0, 1);
    expect(jobs(gpus)).toEqual([2, 2]);
  });

  test("a huge page is one job as long as the window shows it", () => {
    const gpus = new KfdGpus({ settings: { thpEnabled: "always" } });
    gpus.small.fill(512, 0, 512);
    gpus.access(0, "read", 0, 1, 512);
    expect(jobs(gpus)).toEqual([1, 1]);
  });
});
