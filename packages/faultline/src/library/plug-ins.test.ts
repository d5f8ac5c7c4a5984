// Plug-ins as a program passes them: by name, as values, without a trace in the next run.
import { loadScenario } from "@faultline/scenario";
import {
  PATTERNS,
  RangeStream,
  SERVICE_MODELS,
  serviceModelOf,
  type WorkloadPlugin,
} from "@faultline/sim";
import {
  type DeviceStack,
  DRIVER_NAMES,
  IDEAL_PLACEMENTS,
  IdealStack,
  ownersOf,
  type PlacementPolicy,
  type StackPlugin,
  SWITCH,
  UVM_EVICTION_POLICIES,
  wholeNumber,
} from "@faultline/stacks";
import { describe, expect, test } from "vitest";
import { InputError } from "./input-error.ts";
import type { OwnPlugins } from "./own-plugins.ts";
import { runScenario } from "./run-scenario.ts";

/** The driver `ideal` under another name. */
function renamed(name: string, ...args: ConstructorParameters<typeof IdealStack>): DeviceStack {
  return Object.defineProperty(new IdealStack(...args), "name", { value: name });
}

function stackNamed(name: string, called: string = name): StackPlugin {
  return {
    name,
    knobs: { "own.depth": wholeNumber(1, 8), "own.fast": SWITCH },
    bind: (system, host, requests) => {
      const devices = requests.map(({ device }) => device);
      const owners = ownersOf(system, devices, "ideal");
      return devices.flatMap((device, i) => {
        const owner = owners[i];
        return owner === undefined ? [] : [renamed(called, system, host, device, owner)];
      });
    },
  };
}

function patternNamed(name: string): WorkloadPlugin {
  return {
    name,
    knobs: { width: wholeNumber(1) },
    stream: ({ start, nrPages, access, valueAt, knobs }) => {
      const width = Math.min(nrPages, Number(knobs["width"] ?? nrPages));
      return new RangeStream(start, width, access, valueAt);
    },
  };
}

const stay: PlacementPolicy = () => ({ place: () => "stay" });

function text(device: string, step: string): string {
  return `version: 1
title: a test
machine: { devices: [{ name: gpu0, ${device} }] }
profile: host-cpu
steps:
  - { do: mmap, name: heap, pages: 16 }
  - { do: write, at: heap }
  - { do: ${step}, device: gpu0, at: heap, expect: { result: ok } }
`;
}

function problems(source: string, own: OwnPlugins): string[] {
  try {
    runScenario(source, own);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error.diagnostics.map(({ message, hint }) => `${message}; ${hint ?? ""}`);
  }
  return [];
}

describe("a driver of one's own", () => {
  test("drives devices, with its parameters, under a clock and without", () => {
    const own = { stacks: [stackNamed("mine")] };
    const run = runScenario(text("stack: mine, knobs: { own.depth: 2 }", "device_read"), own);
    expect(run.passed).toBe(true);
    expect(run.hasClock && run.result.devices[0]?.driver).toBe("mine");
  });

  test("is known to no other run", () => {
    const source = text("stack: mine", "device_read");
    expect(runScenario(source, { stacks: [stackNamed("mine")] }).passed).toBe(true);
    expect(loadScenario(source, "t.yaml").plan).toBeNull();
    const [problem] = problems(source, {});
    expect(problem).toMatch(/^unknown value: mine; /);
  });

  test("stands in hints beside those of the package", () => {
    const [problem] = problems(text("stack: min", "device_read"), {
      stacks: [stackNamed("mine")],
    });
    for (const name of DRIVER_NAMES.slice(0, 7)) expect(problem).toContain(name);
    expect(problem).toMatch(/, mine; did you mean mine\?$/);
  });

  test("has its parameters checked where they are written", () => {
    const knobs = "{ own.depth: 9, own.fast: maybe, own.slow: 1 }";
    const own = { stacks: [stackNamed("mine")] };
    expect(problems(text(`stack: mine, knobs: ${knobs}`, "device_read"), own)).toEqual([
      "own.depth: out of range: 9; a whole number from 1 to 8",
      "own.fast: cannot be maybe; true or false",
      "own.slow: unknown to the driver; it has own.depth, own.fast",
    ]);
  });

  test.each([...DRIVER_NAMES, "ats", "none"])("cannot be called %s", (name) => {
    const [problem] = problems(text("stack: xe", "device_read"), { stacks: [stackNamed(name)] });
    expect(problem).toMatch(`driver exists already: ${name}; a plug-in cannot take the place`);
  });

  test("has a name once, and one that a scenario can write", () => {
    const twice = [stackNamed("mine"), stackNamed("mine"), stackNamed("my own")];
    expect(problems(text("stack: mine", "device_read"), { stacks: twice })).toEqual([
      "driver given twice: mine; ",
      expect.stringMatching(/^not a name of a driver: my own; a name starts with a letter/),
    ]);
  });

  test("that binds under another name, or too little, is told so", () => {
    const wrong = { stacks: [stackNamed("mine", "yours")] };
    const source = text("stack: mine", "device_read");
    expect(() => runScenario(source, wrong)).toThrow(/mine\.bind.*yours/);
    const lazy = { stacks: [{ name: "mine", bind: () => [] }] };
    expect(() => runScenario(source, lazy)).toThrow(/0 stacks for 1 devices/);
  });

  test("may be what a profile of one's own is for", () => {
    const profile = { version: 1, id: "my-card", title: "My card", extends: "host-cpu" };
    const own = { stacks: [stackNamed("mine")], profiles: [{ ...profile, stack: "mine" }] };
    const source = text("", "device_read").replace("host-cpu", "my-card").replace(", }", " }");
    const run = runScenario(source, own);
    expect(run.hasClock && run.result.devices).toMatchObject([
      { driver: "mine", profile: "my-card" },
    ]);
    const [problem] = problems(source, { profiles: own.profiles });
    expect(problem).toMatch(/^unknown value: mine; .*ideal/);
  });

  test("serves each fault at once unless it says how it does", () => {
    expect(serviceModelOf({ name: "mine" })).toBe(SERVICE_MODELS.ideal);
    const service = { nrQueues: 1, nrWorkers: 2, batch: 4 };
    expect(serviceModelOf({ name: "mine", service })).toBe(service);
    expect(serviceModelOf({ name: "xe" })).toBe(SERVICE_MODELS.xe);
  });
});

describe("a pattern of one's own", () => {
  const own = { workloads: [patternNamed("mine")] };
  const step = (knobs: string): string => text("stack: ideal", `workload, pattern: mine${knobs}`);

  test("says what a workload touches", () => {
    const pages = (knobs: string): number | undefined =>
      runScenario(step(knobs), own).result.steps[2]?.pages;
    expect([pages(""), pages(", knobs: { width: 3 }")]).toEqual([16, 3]);
  });

  test("has its parameters checked, as patterns of the package have that have none", () => {
    expect(problems(step(", knobs: { width: 0, height: 1 }"), own)).toEqual([
      "width: out of range: 0; a whole number from 1 on",
      "height: unknown to the pattern; it has width",
    ]);
    const other = step(", knobs: { width: 2 }").replace("pattern: mine", "pattern: zipf");
    expect(problems(other, own)).toEqual(["width: unknown to the pattern; it has none"]);
  });

  test.each(PATTERNS)("cannot be called %s", (name) => {
    const [problem] = problems(step(""), { workloads: [patternNamed(name)] });
    expect(problem).toMatch(`pattern exists already: ${name}`);
  });

  test("stands in hints", () => {
    const [problem] = problems(step("").replace("pattern: mine", "pattern: min"), own);
    expect(problem).toMatch(/^unknown value: min; .*sequential.*did you mean mine\?$/);
  });
});

describe("a policy of one's own", () => {
  const eviction = UVM_EVICTION_POLICIES["lru-2m"];
  if (eviction === undefined) throw new Error("no policy to copy");

  test.each([
    ["uvm.evictionPolicy", "uvm", Object.keys(UVM_EVICTION_POLICIES)],
    ["ideal.placement", "ideal", Object.keys(IDEAL_PLACEMENTS)],
  ] as const)("is one of those that %s takes", (knob, stack, known) => {
    const policies = [
      { kind: "eviction", name: "mine", policy: eviction },
      { kind: "placement", name: "mine", policy: stay },
    ] as const;
    const source = text(`stack: ${stack}, knobs: { ${knob}: mine }`, "device_read");
    expect(runScenario(source, { policies }).passed).toBe(true);
    expect(problems(source, {})).toEqual([`${knob}: cannot be mine; ${known.join(", ")}`]);
    const [problem] = problems(source.replace(": mine", ": yours"), { policies });
    expect(problem).toBe(`${knob}: cannot be yours; ${[...known, "mine"].join(", ")}`);
  });

  test("cannot take a name of the package", () => {
    const policies = [
      { kind: "eviction", name: "tbn", policy: eviction },
      { kind: "placement", name: "in-place", policy: stay },
    ] as const;
    expect(problems(text("stack: ideal", "device_read"), { policies })).toEqual([
      expect.stringMatching("eviction policy exists already: tbn"),
      expect.stringMatching("placement policy exists already: in-place"),
    ]);
  });
});

test("a plan has its plug-ins, and takes no others", () => {
  const { plan } = loadScenario(text("stack: ideal", "device_read"), "t.yaml");
  if (plan === null) throw new Error("no plan");
  expect(runScenario(plan).passed).toBe(true);
  expect(() => runScenario(plan, { stacks: [] })).toThrow(/stacks: a plan was checked/);
});
