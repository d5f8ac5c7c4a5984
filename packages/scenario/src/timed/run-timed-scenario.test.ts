import { shippedProfile } from "@faultline/profiles";
import {
  CPU_DEVICE,
  type FaultChunk,
  PS_PER_US,
  WAIT_THROTTLE,
  waitActivity,
} from "@faultline/sim";
import { describe, expect, test } from "vitest";
import { loadScenario } from "../load-scenario.ts";
import { runUntimedScenario } from "../run-untimed-scenario.ts";
import { ownProfiles } from "./own-profiles.ts";
import { runTimedScenario } from "./run-timed-scenario.ts";
import { timedPlan } from "./timed-plan.ts";
import type { TimedScenarioResult } from "./timed-result.ts";

const NO_PROFILES = { all: null, byDevice: new Map() };
const HEAD = "version: 1\ntitle: t\nmachine: { devices: [{ name: gpu0 }, { name: gpu1 }] }\n";

function planOf(steps: readonly string[], more = ""): Parameters<typeof timedPlan>[0] {
  const text = `${HEAD}${more}steps:\n${steps.map((step) => `  - ${step}\n`).join("")}`;
  const { plan, diagnostics } = loadScenario(text, "t.yaml");
  if (plan === null) throw new Error(diagnostics.map(({ message }) => message).join("; "));
  return plan;
}

function run(
  steps: readonly string[],
  profile: string,
  sink?: (chunk: FaultChunk) => void,
): TimedScenarioResult {
  const choice = { all: shippedProfile(profile), byDevice: new Map() };
  return runTimedScenario(timedPlan(planOf(steps), choice), sink === undefined ? {} : { sink });
}

const TOUCH = [
  "{ do: mmap, name: heap, pages: 64 }",
  "{ do: write, at: heap, value: 7 }",
  "{ do: device_read, device: gpu0, at: heap, outstanding: 4 }",
];

describe("a scenario under a clock", () => {
  test("has steps that follow each other in simulated time", () => {
    const { steps, simulatedPs } = run(TOUCH, "intel-xe-svm-nothp");
    expect(steps.map(({ result }) => result)).toEqual(["ok", "ok", "ok"]);
    let endPs = 0;
    for (const { beganPs, tookPs } of steps) {
      expect(beganPs).toBe(endPs);
      endPs += tookPs;
    }
    expect(endPs).toBe(simulatedPs);
    expect(steps[2]?.tookPs).toBeGreaterThan(10 * PS_PER_US);
  });

  test("is driven by the stack of its profile", () => {
    const drivers = (profile: string): string[] => {
      return run(TOUCH, profile).devices.map(({ driver }) => driver);
    };
    expect(drivers("amd-mi250x-xnack-svm")).toEqual(["amdkfd", "amdkfd"]);
    expect(drivers("intel-xe-svm-thp")).toEqual(["xe", "xe"]);
    expect(drivers("nv-thor-ats")).toEqual(["sva", "sva"]);
  });

  test("keeps a driver that it names itself, and is checked then", () => {
    const text = HEAD.replace("{ name: gpu0 }", "{ name: gpu0, stack: nouveau }").replace(
      "{ name: gpu1 }",
      "{ name: gpu1, stack: ideal }",
    );
    const steps = "steps: [{ do: mmap, name: heap, pages: 4, expect: { result: EFAULT } }]";
    const { plan } = loadScenario(text + steps, "t.yaml");
    const choice = { all: shippedProfile("host-cpu"), byDevice: new Map() };
    const result = plan && runTimedScenario(timedPlan(plan, choice));
    expect(result?.devices.map(({ driver }) => driver)).toEqual(["nouveau", "ideal"]);
    expect([result?.isChecked, result?.passed]).toEqual([true, false]);
  });

  test("gives each driver the parameters that it knows", () => {
    const machine =
      "machine: { devices: [{ name: gpu0, stack: xe }, " +
      "{ name: gpu1, knobs: { kfd.faultBurst: 2, xe.timesliceMs: 9 } }] }";
    const text = `version: 1\ntitle: t\n${machine}\nsteps: [{ do: wait }]`;
    const { plan } = loadScenario(text, "t.yaml");
    const choice = { all: shippedProfile("amd-mi250x-xnack-svm"), byDevice: new Map() };
    const timed = plan && timedPlan(plan, choice);
    const [xe, kfd] = timed?.plan.document.machine.devices ?? [];
    expect(xe).toMatchObject({ stack: "xe", knobs: {} });
    expect(kfd?.stack).toBe("amdkfd");
    expect(kfd?.knobs).toHaveProperty(["kfd.faultBurst"], 2);
    expect(kfd?.knobs).toHaveProperty(["kfd.granularityLog2"]);
    expect(kfd?.knobs).not.toHaveProperty(["xe.timesliceMs"]);
    expect(() => timed && runTimedScenario(timed)).not.toThrow();
  });

  test("has each fault in its records, and the same digest again", () => {
    const devices: number[] = [];
    const result = run(TOUCH, "intel-xe-svm-nothp", (chunk) => {
      devices.push(...chunk.device.subarray(0, chunk.nrRows));
    });
    expect(devices.length).toBe(result.nrFaults);
    expect(devices.filter((device) => device === CPU_DEVICE).length).toBe(64);
    expect(run(TOUCH, "intel-xe-svm-nothp").digest).toBe(result.digest);
    expect(run(TOUCH, "intel-xe-svm-thp").digest).not.toBe(result.digest);
  });

  test("lets steps in the background overlap, until it waits for them", () => {
    const steps = [
      "{ do: mmap, name: heap, pages: 64 }",
      "{ do: device_write, device: gpu0, at: heap, value: 1, background: true }",
      "{ do: write, at: heap, value: 2, delay: 10us }",
      "{ do: wait }",
      "{ do: read, at: heap }",
    ];
    const { steps: reports } = run(steps, "amd-mi250x-xnack-svm");
    const [, device, cpu, wait, read] = reports;
    expect(cpu?.beganPs).toBeGreaterThan(device?.beganPs ?? Infinity);
    expect(cpu?.beganPs).toBeLessThan((device?.beganPs ?? 0) + (device?.tookPs ?? 0));
    expect(read?.beganPs).toBeGreaterThanOrEqual((device?.beganPs ?? 0) + (device?.tookPs ?? 0));
    expect(wait?.result).toBe("ok");
  });

  test("waits as long as what it waits for still takes", () => {
    const steps = [
      "{ do: mmap, name: heap, pages: 64 }",
      "{ do: device_write, device: gpu0, at: heap, value: 1, background: true }",
      "{ do: wait }",
    ];
    const [, device, wait] = run(steps, "amd-mi250x-xnack-svm").steps;
    expect(device?.tookPs).toBeGreaterThan(0);
    expect([wait?.beganPs, wait?.tookPs]).toEqual([device?.beganPs, device?.tookPs]);
  });

  test("takes no longer to fork than its pages say, and holds up whoever faults meanwhile", () => {
    const steps = [
      "{ do: mmap, name: heap, pages: 4096 }",
      "{ do: write, at: heap, value: 1 }",
      "{ do: fork, as: child, background: true }",
      "{ do: write, at: heap, pages: 1, value: 2, delay: 1us }",
    ];
    let lockedPs = 0;
    const { steps: reports } = run(steps, "host-cpu", ({ nrRows, spentPs }) => {
      lockedPs += spentPs[11]?.subarray(0, nrRows).reduce((sum, ps) => sum + ps, 0) ?? 0;
    });
    const [, , fork, write] = reports;
    expect(fork?.tookPs).toBeGreaterThan(50 * PS_PER_US);
    expect(lockedPs).toBe((fork?.tookPs ?? 0) - PS_PER_US);
    expect(write?.result).toBe("ok");
  });
});

describe("a workload", () => {
  const device = "device: gpu0, at: heap, pattern: zipf, count: 40, access: write, percent: 50";
  const steps = [
    "{ do: mmap, name: heap, pages: 64 }",
    "{ do: workload, at: heap, access: write, programs: 2, pattern: random, count: 30 }",
    `{ do: workload, ${device}, programs: 2, outstanding: 4 }`,
  ];

  test("makes as many accesses as its programs have, and faults where it must", () => {
    const { steps: reports, nrFaults } = run(steps, "intel-xe-svm-nothp");
    expect(reports.map(({ result }) => result)).toEqual(["ok", "ok", "ok"]);
    expect(reports.map(({ pages }) => pages)).toEqual([undefined, 60, 80]);
    const faults = reports.map((report) => report.faults ?? 0).reduce((sum, n) => sum + n, 0);
    expect(faults).toBe(nrFaults);
    expect(faults).toBeGreaterThan(30);
  });

  test("depends on the seed", () => {
    const choice = { all: shippedProfile("host-cpu"), byDevice: new Map() };
    const digestOf = (seed: number): string => {
      return runTimedScenario(timedPlan(planOf(steps), choice), { seed }).digest;
    };
    expect(digestOf(7)).toBe(digestOf(7));
    expect(digestOf(7)).not.toBe(digestOf(8));
  });

  test("of two devices on the same pages takes as many faults as it has pages", () => {
    const racing = (background: boolean): number[] => {
      const workload = (gpu: string): string => {
        const how = `access: write, background: ${background}`;
        return `{ do: workload, device: ${gpu}, at: heap, ${how} }`;
      };
      const { steps: reports } = run(
        [
          "{ do: mmap, name: heap, pages: 32 }",
          "{ do: write, at: heap }",
          workload("gpu0"),
          workload("gpu1"),
        ],
        "amd-mi250x-xnack-svm",
      );
      return reports.slice(2).map(({ faults }) => faults ?? 0);
    };
    expect(racing(false)).toEqual([1, 1]);
    expect(racing(true).every((faults) => faults >= 16)).toBe(true);
  });
});

test("without a profile, background and delay mean nothing", () => {
  const steps = [...TOUCH.slice(0, 2), "{ do: read, at: heap, background: true, delay: 5us }"];
  const result = runUntimedScenario(planOf([...steps, "{ do: wait }"]));
  expect(result.steps.map((step) => step.result)).toEqual(["ok", "ok", "ok", "ok"]);
});

test("a profile that nobody knows is an error of the scenario", () => {
  const text = `${HEAD}profile: intel-xe-svm\nsteps: [{ do: wait }]`;
  expect(loadScenario(text, "t.yaml").diagnostics.map(({ message }) => message)).toEqual([
    "unknown profile: intel-xe-svm",
  ]);
  const byDevice = `${HEAD}profile: { gpu2: host-cpu }\nsteps: [{ do: wait }]`;
  expect(loadScenario(byDevice, "t.yaml").diagnostics.map(({ message }) => message)).toEqual([
    "unknown device: gpu2",
  ]);
});

test("a run that cannot go on says who waits for what, and has failed", () => {
  // A merged page of a parent never comes back from a migration: scenarios/bugs has the defect.
  const steps = [
    "{ do: mmap, name: heap, pages: 4 }",
    "{ do: write, at: heap, value: 7 }",
    "{ do: fork, as: child }",
    "{ do: madvise, process: child, at: heap, advice: MADV_MERGEABLE }",
    "{ do: ksm, process: child, passes: 5 }",
    "{ do: migrate_to_device, device: gpu0, at: heap }",
    "{ do: read, at: heap }",
  ];
  const choice = { all: shippedProfile("intel-xe-svm-nothp"), byDevice: new Map() };
  const result = runTimedScenario(timedPlan(planOf(steps, "kernel: 7.2.12\n"), choice));
  expect(result.stuck ?? "").toContain("the scenario waits for migration-entry of ");
  expect([result.passed, result.steps.length < steps.length]).toEqual([false, true]);
});

describe("steps that happen again and again", () => {
  const SWEEP = "{ do: workload, device: gpu0, at: heap, access: write, count: 640, pause: 10us }";
  const again = (more: string): string => `{ do: fork_and_exit, every: 500us${more} }`;
  const find = ({ steps }: TimedScenarioResult, what: string) =>
    steps.find(({ text }) => text.includes(what));

  test("end when all else has ended, and add no time of their own", () => {
    const map = "{ do: mmap, name: heap, pages: 64 }";
    const result = run([map, again(""), SWEEP], "intel-xe-svm-nothp");
    const [noise, sweep] = [find(result, "fork_and_exit"), find(result, "workload")];
    expect(noise?.result).toBe("ok");
    expect(noise?.times).toBe(Math.floor((sweep?.tookPs ?? 0) / (500 * PS_PER_US)));
    const sweepEnd = (sweep?.beganPs ?? 0) + (sweep?.tookPs ?? 0);
    expect(result.simulatedPs - sweepEnd).toBeLessThan(500 * PS_PER_US);
  });

  test("go on for their number of times, and others of their kind with them", () => {
    const map = "{ do: mmap, name: heap, pages: 64 }";
    const churn = "{ do: churn, pages: 4, every: 100us }";
    const result = run([map, again(", times: 4"), churn], "host-cpu");
    expect(find(result, "fork_and_exit")?.times).toBe(4);
    expect(find(result, "churn")?.times).toBeGreaterThanOrEqual(19);
  });

  test("begin after their time, or when they say", () => {
    const early = "{ do: churn, pages: 4, every: 4ms, first: 1ms }";
    const late = "{ do: churn, pages: 5, every: 4ms }";
    const result = run([early, late, "{ do: advance, time: 5500us }"], "host-cpu");
    expect(find(result, "first=1ms")?.times).toBe(2);
    expect(result.steps.find(({ text }) => /every=4ms(?! first)/.test(text))?.times).toBe(1);
  });

  test("stop with their process", () => {
    const steps = ["{ do: mmap, name: heap, pages: 4 }", again(", times: 9"), "{ do: exit }"];
    expect(find(run(steps, "host-cpu"), "fork_and_exit")?.times).toBe(0);
  });

  test("without a clock happen as often as they say", () => {
    const plan = planOf([
      "{ do: churn, pages: 4, every: 1ms, times: 3 }",
      "{ do: churn, pages: 4 }",
    ]);
    const { steps } = runUntimedScenario(plan);
    expect(steps.map(({ times }) => times)).toEqual([3, undefined]);
  });
});

describe("programs that hand pages to each other", () => {
  const exchange = (rest: string): string =>
    `{ do: exchange, at: heap, members: [cpu, gpu0, gpu1], ${rest} }`;
  const map = "{ do: mmap, name: heap, pages: 48 }";

  test.each([
    ["ping-pong", "rounds: 3", 48 * 3 * 3],
    ["pipeline", "rounds: 3, slots: 4", 12 * 3 * 4],
    ["stencil", "rounds: 3, halo: 2", (48 + 8) * 3],
  ])("%s touches the same pages with and without a clock", (pattern, more, nrPages) => {
    const steps = [map, exchange(`pattern: ${pattern}, ${more}`)];
    const timed = run(steps, "intel-xe-svm-nothp").steps[1];
    expect([timed?.result, timed?.pages]).toEqual(["ok", nrPages]);
    const machine = "{ devices: [{ name: gpu0, stack: ideal }, { name: gpu1, stack: ideal }] }";
    const text = `version: 1\ntitle: t\nprofile: host-cpu\nmachine: ${machine}\nsteps:\n`;
    const { plan } = loadScenario(`${text}${steps.map((s) => `  - ${s}\n`).join("")}`, "t.yaml");
    expect(plan && runTimedScenario(timedPlan(plan, NO_PROFILES)).steps[1]?.pages).toBe(nrPages);
  });

  test("take turns: two that cannot work side by side take twice as long", () => {
    const took = (slots: number): number => {
      const ring = `pattern: pipeline, rounds: 8, slots: ${slots}, pause: 10us`;
      return run([map, exchange(ring)], "intel-xe-svm-nothp").steps[1]?.tookPs ?? 0;
    };
    // Each turn is as long as its slot; with one slot nobody works beside another.
    expect(took(1)).toBeGreaterThan(took(4));
  });

  test("end together when one of them fails", () => {
    const steps = [map, "{ do: munmap, at: heap+40, pages: 8 }"];
    const ring = exchange("pattern: stencil, rounds: 50");
    const result = run([...steps, ring], "intel-xe-svm-nothp");
    expect(result.steps[2]?.result).toBe("ENOENT");
    expect(result.stuck).toBeNull();
  });
});

test("a CPU's write happens when its page is mapped, whatever comes in the time after", () => {
  // Forks make pages read-only while the time of a write fault still passes.
  const steps = [
    "{ do: mmap, name: heap, pages: 64 }",
    "{ do: fork_and_exit, every: 3us }",
    "{ do: workload, at: heap, access: write, programs: 4, count: 256 }",
  ];
  const { steps: done, stuck } = run(steps, "host-cpu");
  expect([done.map(({ result }) => result), stuck]).toEqual([["ok", "ok", "ok"], null]);
});

test("times that a step must take are compared at the scenario's own prices only", () => {
  const bounded = "{ do: write, at: heap, expect: { took_at_least: 1s, took_at_most: 2s } }";
  const steps = ["{ do: mmap, name: heap, pages: 4 }", bounded];
  const plan = planOf(steps, "profile: host-cpu\n");
  const own = ownProfiles(plan.document);
  const missed = own && runTimedScenario(timedPlan(plan, own)).steps[1]?.mismatches;
  expect(missed?.map(({ what, expected }) => [what, expected])).toEqual([["time", "at least 1s"]]);
  const other = { all: shippedProfile("intel-xe-svm-thp"), byDevice: new Map() };
  expect(runTimedScenario(timedPlan(plan, other)).steps[1]?.mismatches).toEqual([]);
});

describe("what an atomic has brought to a card", () => {
  const atomic = [
    "{ do: mmap, name: heap, pages: 512 }",
    "{ do: write, at: heap, value: 5 }",
    "{ do: device_atomic, device: gpu0, at: heap, pages: 1, value: 6 }",
  ];
  const sliceMs = (step: string): number => {
    const result = run([...atomic, step], "intel-xe-svm-nothp");
    expect([result.stuck, result.steps[3]?.result]).toEqual([null, "ok"]);
    const [kept, moved] = result.steps.slice(2).map(({ beganPs, tookPs }) => beganPs + tookPs);
    return ((moved ?? 0) - (kept ?? 0)) / (1000 * PS_PER_US);
  };

  test("stays for its timeslice, whoever faults as a CPU would", () => {
    for (const step of [
      "{ do: read, at: heap, pages: 1, delay: 3ms }",
      "{ do: madvise, at: heap, advice: MADV_POPULATE_READ }",
    ]) {
      expect(sliceMs(step)).toBeGreaterThan(4.9);
      expect(sliceMs(step)).toBeLessThan(7.5);
    }
  });

  test("goes back at once when the timeslice is over", () => {
    expect(sliceMs("{ do: read, at: heap, pages: 1, delay: 6ms }")).toBeLessThan(7.5);
  });

  test("is waited for as a throttle, in shares that add up", () => {
    const waits: number[] = [];
    const check = (chunk: FaultChunk): void => {
      for (let row = 0; row < chunk.nrRows; row++) {
        const spent = chunk.spentPs.map((column) => column[row] as number);
        expect(spent.reduce((sum, ps) => sum + ps, 0)).toBe(chunk.latencyPs[row]);
        waits.push(spent[waitActivity(WAIT_THROTTLE)] as number);
      }
    };
    run([...atomic, "{ do: read, at: heap, pages: 1 }"], "intel-xe-svm-nothp", check);
    expect(waits.at(-1)).toBeGreaterThan(4900 * PS_PER_US);
    expect(waits.slice(0, -1).every((ps) => ps === 0)).toBe(true);
  });
});
