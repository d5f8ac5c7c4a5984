import { describe, expect, test } from "vitest";
import { runBuilt } from "../testing/run-built.ts";
import type { Ran } from "../testing/run-command.ts";

const SCENARIO = [
  "    scenario:",
  "      version: 1",
  "      title: First touch",
  "      machine: { devices: [{ name: gpu0 }] }",
  "      steps:",
  "        - { do: mmap, name: heap, pages: 64 }",
  "        - { do: write, at: heap }",
  "        - { do: device_read, device: gpu0, at: heap, outstanding: 1 }",
];

function targetFile(published: string, measure: string, more: readonly string[] = []): string {
  const lines = ["version: 1", "targets:", "  - id: T1", "    what: first touch"];
  return [
    ...lines,
    `    published: ${published}`,
    "    role: shape",
    "    tolerance_percent: 5",
    "    profiles: [host-cpu]",
    ...SCENARIO,
    `    measure: ${measure}`,
    ...more,
    "",
  ].join("\n");
}

function run(text: string, ...argv: string[]): Promise<Ran> {
  return runBuilt(["reproduce", ...argv], { "t.yaml": text });
}

interface Shown {
  readonly targets: readonly {
    readonly id: string;
    readonly role: string;
    readonly by: string;
    readonly simulated: number | null;
    readonly errorPercent: number | null;
    readonly verdict: string;
  }[];
}

async function shown(text: string, ...argv: string[]): Promise<Shown["targets"]> {
  const { out, err } = await run(text, "--json", ...argv);
  expect(err).toBe("");
  return (JSON.parse(out) as Shown).targets;
}

/** What a measure gives, in the unit of a published number of 1. */
async function measured(measure: string, unit: string): Promise<number> {
  const text = targetFile(`{ value: 1, unit: ${unit}, source: s }`, measure);
  const [found] = await shown(text, "t.yaml");
  return found?.simulated ?? Number.NaN;
}

describe("the shipped targets", () => {
  const timeout = 300_000;
  test("are reproduced where a profile was fitted with them, most by a run", {
    timeout,
  }, async () => {
    const all = await shown("");
    const fitted = all.filter(({ role }) => role === "reproduction");
    expect(fitted.filter(({ verdict }) => verdict === "missed")).toEqual([]);
    expect(fitted.filter(({ by }) => by === "run").length).toBeGreaterThan(fitted.length / 2);
    for (const { verdict, errorPercent } of all) {
      expect(errorPercent === null).toBe(verdict === "not run");
    }
  });

  test("that miss as predictions are no failure", async () => {
    const ran = await run("", "--role", "prediction");
    expect(ran.code).toBe(0);
    expect(ran.out).toMatch(/V03\.munmap +prediction .* missed/);
    expect(ran.out).not.toMatch(/ reproduction /);
  });
});

describe("a file of targets", () => {
  test("is measured as it says", async () => {
    const stepUs = await measured("{ of: time, step: 2 }", "us");
    expect(stepUs).toBeGreaterThan(100);
    expect(await measured("{ of: time, step: 2, per: 64 }", "us")).toBeCloseTo(stepUs / 64, 9);
    expect(await measured("{ of: time, step: 2 }", "ms/GiB")).toBeCloseTo(stepUs / 1000, 9);
    const rate = await measured("{ of: rate, step: 2, amount: 262144 }", "GB/s");
    expect(rate).toBeCloseTo(262_144 / (stepUs * 1000), 6);
    expect(await measured("{ of: rate, step: 2, amount: 64 }", "Mpages/s")).toBeCloseTo(
      64 / stepUs,
      6,
    );
    expect(await measured("{ of: faults }", "count")).toBe(64);
    expect(await measured("{ of: faults, device: gpu0, per: 2 }", "count")).toBe(32);
  });

  test("tells faults by percentile and by stage", async () => {
    const mean = await measured("{ of: fault }", "us");
    const median = await measured("{ of: fault, percentile: 50 }", "us");
    const worst = await measured("{ of: fault, percentile: 100 }", "us");
    expect(median).toBeLessThanOrEqual(worst);
    expect(mean).toBeLessThanOrEqual(worst);
    const parts = await Promise.all(
      ["resolve", "range_fault", "dma_map", "copy", "map", "unmap"].map((stage) =>
        measured(`{ of: fault, stages: [${stage}] }`, "us"),
      ),
    );
    const sum = parts.reduce((all, one) => all + one, 0);
    expect(sum).toBeGreaterThan(0);
    expect(sum).toBeLessThanOrEqual(mean + 1e-6);
  });

  test("fails when a shape is missed, and not when it is met", async () => {
    const measure = "{ of: faults }";
    const near = await run(targetFile("{ value: 62, unit: count, source: s }", measure), "t.yaml");
    expect([near.code, near.err]).toEqual([0, ""]);
    const far = await run(targetFile("{ value: 60, unit: count, source: s }", measure), "t.yaml");
    expect(far.code).toBe(1);
    expect(far.out).toContain("6.7");
  });

  test("has its mistakes shown where they stand, those of a scenario too", async () => {
    const unit = await run(
      targetFile("{ value: 1, unit: us, source: s }", "{ of: faults }"),
      "t.yaml",
    );
    expect([unit.code, unit.out]).toEqual([2, ""]);
    expect(unit.err).toContain("t.yaml:17:20 error E_TARGET_MEASURE: faults is not measured in us");
    const step = await run(
      targetFile("{ value: 1, unit: us, source: s }", "{ of: time, step: 4 }"),
      "t.yaml",
    );
    expect(step.err).toContain("E_TARGET_MEASURE: there is no step 4: the scenario has 3");
    const place = await run(
      targetFile("{ value: 1, unit: us, source: s }", "{ of: time, step: 2 }").replace(
        "do: write, at: heap",
        "do: write, at: heep",
      ),
      "t.yaml",
    );
    expect(place.code).toBe(2);
    expect(place.err).toMatch(/t\.yaml:15:\d+ error E_NAME_UNKNOWN/);
  });

  test("needs both a scenario and what is measured of it", async () => {
    const text = targetFile("{ value: 1, unit: us, source: s }", "{ of: fault }");
    const without = text.replace(/^ {4}measure: .*\n/m, "");
    expect((await run(without, "t.yaml")).err).toContain(
      "E_TARGET_MEASURE: missing beside scenario: measure",
    );
    const alone = text.replace(/ {4}scenario:\n( {6}.*\n)+/, "");
    expect((await run(alone, "t.yaml")).err).toContain(
      "E_TARGET_MEASURE: missing beside measure: scenario",
    );
    expect((await run("", "nowhere.yaml")).code).toBe(2);
  });
});
