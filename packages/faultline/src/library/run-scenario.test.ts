import { SourceText } from "@faultline/diagnostics";
import { shippedProfile } from "@faultline/profiles";
import { describe, expect, test } from "vitest";
import { compare } from "./compare.ts";
import { InputError } from "./input-error.ts";
import { RunColumns } from "./run-columns.ts";
import { runScenario, type RunScenarioOptions } from "./run-scenario.ts";

const scenario = `version: 1
title: a test
machine:
  devices: [{ name: gpu0, memory_type: MEMORY_DEVICE_PRIVATE }, { name: gpu1 }]
steps:
  - { do: mmap, name: heap, pages: 32 }
  - { do: write, at: heap }
  - { do: device_read, device: gpu0, at: heap, expect: { result: ok } }
`;
const XE = "intel-xe-svm-nothp";
const AMD = "amd-mi250x-xnack-svm";

/** What a run is refused with. */
function problems(text: string, options: RunScenarioOptions = {}): string[] {
  try {
    runScenario(text, options);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error.diagnostics.map(({ code, message }) => `${code} ${message}`);
  }
  return [];
}

describe("runScenario", () => {
  test("has no clock without a profile, and has one with it", () => {
    const untimed = runScenario(scenario);
    expect([untimed.hasClock, untimed.passed]).toEqual([false, true]);
    const timed = runScenario(scenario, { profile: XE });
    expect(timed.result.cpuProfile).toBe(XE);
    expect(timed.kinds.map(({ device }) => device)).toEqual(["gpu0", "cpu"]);
    expect(timed.moved).toContainEqual({
      how: "copied",
      from: "system",
      to: "gpu0",
      bytes: 32 * 4096,
    });
  });

  test("runs under a clock when the text names a profile", () => {
    const run = runScenario(`${scenario}profile: ${XE}\n`);
    expect(run.hasClock && run.result.nrFaults).toBeGreaterThan(32);
  });

  test("prices devices one by one", () => {
    const profile = { gpu0: XE, gpu1: shippedProfile(AMD) ?? AMD };
    const { devices } = runScenario(scenario, { profile }).result;
    expect(devices.map((device) => device.profile)).toEqual([XE, AMD]);
  });

  test("gives the same digest for the same seed, and takes a seed", () => {
    const random = scenario.replace("do: device_read", "do: workload, pattern: random");
    const digest = (seed: number): string =>
      runScenario(random, { profile: XE, seed }).result.digest;
    expect(digest(7)).toBe(digest(7));
    expect(digest(7)).not.toBe(digest(8));
  });

  test("changes the text, the kernel and what the text refers to", () => {
    const run = runScenario("version: 1\ntitle: laid over\nextends: base.yaml\n", {
      file: "over.yaml",
      read: (path, from) => (path === "base.yaml" && from === "over.yaml" ? scenario : null),
      set: ["steps.1.pages=4"],
      kernel: "7.2.12",
    });
    expect(run.result).toMatchObject({ title: "laid over", kernel: "7.2.12", passed: true });
    expect(run.result.steps[1]?.text).toContain("4 pages");
  });

  test("refuses with every problem at once, and an excerpt of each", () => {
    const broken = scenario
      .replace("device: gpu0", "device: gpu7")
      .replace("at: heap }", "at: x }");
    expect(problems(broken)).toEqual([
      "E_NAME_UNKNOWN unknown mapping: x",
      "E_NAME_UNKNOWN unknown device: gpu7",
    ]);
    expect(() => runScenario(broken, { file: "b.yaml" })).toThrow(/b\.yaml:7:22 error[^]*\^/);
  });

  test("refuses profiles and devices that nobody knows", () => {
    expect(problems(scenario, { profile: "intel" })).toEqual([
      "E_NAME_UNKNOWN unknown profile: intel",
    ]);
    expect(problems(scenario, { profile: { gpu5: XE } })).toEqual([
      "E_NAME_UNKNOWN unknown device: gpu5",
    ]);
    expect(problems(scenario, { set: ["nonsense"] })).toHaveLength(1);
  });

  test("takes a profile from a text or an object, by its id", () => {
    const document = { version: 1, id: "mine", title: "Mine", extends: XE };
    const text = `version: 1\nid: yours\ntitle: Yours\nextends: ${AMD}\n`;
    const profiles = [document, new SourceText("yours.yaml", text)];
    const run = runScenario(`${scenario}profile: { gpu0: mine, gpu1: yours }\n`, { profiles });
    expect(run.hasClock && run.result.devices.map(({ profile }) => profile)).toEqual([
      "mine",
      "yours",
    ]);
    expect(problems(scenario, { profiles: [{ ...document, id: AMD }] })).toEqual([
      `E_NAME_DUPLICATE profile exists already: ${AMD}`,
    ]);
    expect(problems(scenario, { profiles: [{ ...document, title: 7 }] })).toHaveLength(1);
  });

  test("looks at the machine at the end, with and without a clock", () => {
    const seen: string[] = [];
    for (const options of [{}, { profile: XE }]) {
      runScenario(scenario, {
        ...options,
        atEnd: ({ deviceNames }) => seen.push(deviceNames.join()),
      });
    }
    expect(seen).toEqual(["gpu0,gpu1", "gpu0,gpu1"]);
  });
});

test("a scenario with repetitions gives all of its runs, and what is expected over them", () => {
  const columns = new RunColumns();
  const random = scenario.replace("do: device_read", "do: workload, pattern: random");
  const repeated = random.replace("steps:", "repetitions: 3\nsteps:");
  const run = runScenario(repeated, { profile: XE, columns });
  const seeds = run.repetitions.map(({ result }) => result.seed);
  expect(new Set(seeds).size).toBe(3);
  expect([seeds[0], run.result]).toEqual([42, run.repetitions[0]?.result]);
  expect(new Set(columns.faults.seed)).toEqual(new Set(seeds));
  expect(run.passed).toBe(true);
});

describe("compare", () => {
  test("sets the others beside the first", () => {
    const { runs, title } = compare(scenario, [XE, AMD]);
    expect(title).toBe("a test");
    expect(runs.map(({ profile, result }) => [profile.id, result.cpuProfile])).toEqual([
      [XE, XE],
      [AMD, AMD],
    ]);
    const [first, second] = runs;
    expect(first?.ratio).toBe(1);
    expect(first?.kinds.every(({ ratio }) => ratio === 1)).toBe(true);
    const simulated = (second?.result.simulatedPs ?? 0) / (first?.result.simulatedPs ?? 1);
    expect(second?.ratio).toBe(simulated);
  });

  test("is each run as it is alone", () => {
    const alone = runScenario(scenario, { profile: AMD }).result.digest;
    expect(compare(scenario, [XE, AMD]).runs[1]?.result.digest).toBe(alone);
  });
});

describe("columns", () => {
  const columns = new RunColumns();
  const { runs } = compare(scenario, [XE, AMD], { columns });

  test("have a row for each fault of each run, as typed arrays and words", () => {
    const { faults } = columns;
    const nrFaults = runs.reduce((sum, { result }) => sum + result.nrFaults, 0);
    for (const column of Object.values(faults)) expect(column).toHaveLength(nrFaults);
    expect(faults.latency_ps).toBeInstanceOf(Float64Array);
    expect(new Set(faults.profile)).toEqual(new Set([XE, AMD]));
  });

  test("have stages that add up to the latency of their fault", () => {
    const { faults, stages } = columns;
    const sums = new Map<string, number>();
    for (const [row, ps] of stages.duration_ps.entries()) {
      const key = `${stages.profile[row]} ${stages.fault[row]}`;
      sums.set(key, (sums.get(key) ?? 0) + ps);
    }
    expect(sums.size).toBe(faults.fault.length);
    for (const [row, ps] of faults.latency_ps.entries()) {
      expect(sums.get(`${faults.profile[row]} ${faults.fault[row]}`)).toBe(ps);
    }
  });

  test("have the migrations with the bytes that the runs count", () => {
    const { migrations } = columns;
    const moved = runs.flatMap((run) => run.moved.filter(({ how }) => how === "copied"));
    const bytes = migrations.bytes.reduce((sum, one) => sum + one, 0);
    expect(bytes).toBe(moved.reduce((sum, one) => sum + one.bytes, 0));
    expect(new Set(migrations.to_place)).toEqual(new Set(["gpu0"]));
  });

  test("of nothing are empty", () => {
    expect(new RunColumns().faults.copy_ps).toHaveLength(0);
  });
});
