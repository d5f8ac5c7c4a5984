import { shippedProfile } from "@faultline/profiles";
import { CPU_DEVICE, type FaultChunk, PS_PER_US, WAIT_CPU, waitActivity } from "@faultline/sim";
import { describe, expect, test } from "vitest";
import { loadScenario } from "../load-scenario.ts";
import { runTimedScenario } from "./run-timed-scenario.ts";
import { timedPlan } from "./timed-plan.ts";
import type { TimedScenarioResult } from "./timed-result.ts";

const NODES = "nodes: [{ memory: 1GiB, cpus: [0, 1, 2, 3] }]";
const TWO = "processes: [{ name: app, cpu: 0 }, { name: other, cpu: 0 }]\n";

function run(
  steps: readonly string[],
  machine: string,
  { more = "", profile = "host-cpu" } = {},
  sink?: (chunk: FaultChunk) => void,
): TimedScenarioResult {
  const head = `version: 1\ntitle: t\nmachine: { ${NODES}, ${machine} }\n${more}steps:\n`;
  const text = head + steps.map((step) => `  - ${step}\n`).join("");
  const { plan, diagnostics } = loadScenario(text, "t.yaml");
  if (plan === null) throw new Error(diagnostics.map(({ message }) => message).join("; "));
  const choice = { all: shippedProfile(profile), byDevice: new Map() };
  return runTimedScenario(timedPlan(plan, choice), sink === undefined ? {} : { sink });
}

const us = (result: TimedScenarioResult, step: number): number => {
  return (result.steps[step]?.tookPs ?? 0) / PS_PER_US;
};

describe("with shared CPUs", () => {
  const compute = "workload, count: 100, pause: 100us, background: true";
  const both = [
    "{ do: mmap, name: heap, pages: 1 }",
    "{ do: mmap, process: other, name: own, pages: 1 }",
    `{ do: ${compute}, at: heap }`,
    `{ do: ${compute}, process: other, at: own }`,
    "{ do: wait }",
  ];

  test("programs that name the same CPU take turns", () => {
    const own = run(both, "cpus: own", { more: TWO });
    const shared = run(both, "cpus: shared", { more: TWO });
    expect(us(own, 4)).toBeLessThan(10_010);
    expect(us(shared, 4)).toBeGreaterThan(20_000);
    expect(us(shared, 4)).toBeLessThan(20_020);
    expect(own.cpus).toBeUndefined();
    expect(shared.cpus?.map(({ cpu }) => cpu)).toEqual([0]);
  });

  test("programs on CPUs of their own do what they did", () => {
    const apart = TWO.replace("other, cpu: 0", "other, cpu: 1");
    const own = run(both, "cpus: own", { more: apart });
    const shared = run(both, "cpus: shared", { more: apart });
    expect([shared.digest, shared.simulatedPs]).toEqual([own.digest, own.simulatedPs]);
  });

  test("threads run where their workload says, and move with their process", () => {
    const threads = (cpus: string): number => {
      const map = "{ do: mmap, name: heap, pages: 1 }";
      const what = "do: workload, at: heap, programs: 2, count: 100, pause: 100us";
      return us(run([map, `{ ${what}, cpus: ${cpus} }`], "cpus: shared"), 1);
    };
    expect(threads("[1, 2]")).toBeLessThan(10_010);
    expect(threads("[3]")).toBeGreaterThan(20_000);
    const moved = [...both.slice(0, 2), "{ do: set_cpu, process: other, cpu: 2 }"];
    expect(us(run([...moved, ...both.slice(2)], "cpus: shared", { more: TWO }), 5)).toBeLessThan(
      10_010,
    );
  });

  test("a flush takes time from the other CPUs of its process, and from no others", () => {
    const steps = [
      "{ do: mmap, name: heap, pages: 1 }",
      "{ do: workload, at: heap, access: write, programs: 2, cpus: [1, 2] }",
      "{ do: churn, pages: 1, every: 20us, times: 50 }",
      "{ do: workload, at: heap, programs: 2, cpus: [1, 2], count: 1000, pause: 1us }",
      "{ do: wait }",
    ];
    const { cpus = [] } = run(steps, "cpus: shared");
    const handlerUs = shippedProfile("host-cpu")?.fields.get("device.shootdown_handler")?.value;
    const stolen = cpus.map(({ cpu, nrInterrupts, stolenPs }) => [cpu, nrInterrupts, stolenPs]);
    const stolenPs = Math.round(50 * Number(handlerUs) * PS_PER_US);
    expect(stolen).toEqual([
      [0, 0, 0],
      [1, 50, stolenPs],
      [2, 50, stolenPs],
    ]);
  });

  test("daemons and drivers' workers run where they are placed", () => {
    const steps = [
      "{ do: mmap, name: heap, pages: 512 }",
      "{ do: write, at: heap }",
      "{ do: madvise, at: heap, advice: MADV_HUGEPAGE }",
      "{ do: khugepaged, background: true }",
      "{ do: device_read, device: gpu0, at: heap, pages: 1, delay: 1us }",
      "{ do: wait }",
    ];
    const waited = (placed: string): number => {
      let cpuPs = 0;
      const take = ({ nrRows, device, spentPs, latencyPs }: FaultChunk): void => {
        for (let row = 0; row < nrRows; row++) {
          const spent = spentPs.map((column) => column[row] as number);
          expect(spent.reduce((sum, ps) => sum + ps, 0)).toBe(latencyPs[row]);
          if (device[row] !== CPU_DEVICE) cpuPs += spent[waitActivity(WAIT_CPU)] ?? 0;
        }
      };
      run(steps, `cpus: shared, ${placed}`, { profile: "intel-xe-svm-nothp" }, take);
      return cpuPs;
    };
    expect(waited("daemons: { khugepaged: 3 }, devices: [{ name: gpu0, cpu: 3 }]")).toBeGreaterThan(
      10 * PS_PER_US,
    );
    expect(waited("daemons: { khugepaged: 2 }, devices: [{ name: gpu0, cpu: 3 }]")).toBe(0);
    expect(waited("daemons: { khugepaged: 3 }, devices: [{ name: gpu0 }]")).toBe(0);
  });

  test("whoever is busy for a time without end of its own is so until then, not longer", () => {
    const steps = [
      "{ do: mmap, name: heap, pages: 16 }",
      "{ do: write, at: heap }",
      "{ do: device_atomic, device: gpu0, at: heap, pages: 1 }",
      "{ do: mmap, process: other, name: own, pages: 1 }",
      `{ do: ${compute}, process: other, at: own }`,
      "{ do: read, at: heap, pages: 1 }",
      "{ do: wait }",
    ];
    const machine = "cpus: shared, devices: [{ name: gpu0 }]";
    const shared = run(steps, machine, { more: TWO, profile: "intel-xe-svm-nothp" });
    // 10 ms of computing, and the half of the 5 ms that the other faults in vain.
    expect(us(shared, 4)).toBeGreaterThan(12_400);
    expect(us(shared, 4)).toBeLessThan(13_500);
    expect(us(shared, 5)).toBeGreaterThan(4900);
    expect(us(shared, 5)).toBeLessThan(8500);
  });
});
