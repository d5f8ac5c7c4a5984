import { describe, expect, test } from "vitest";
import { type Ran, runCommand } from "../testing/run-command.ts";
import { addReproduceCommand } from "../commands/reproduce.ts";

const SCENARIO = `version: 1
title: A GPU reads what a CPU has written
machine: { iommu: translate, devices: [{ name: gpu0, stack: xe }] }
designs: { dma.twoStep: "off" }
settings: { transparent_hugepage: never }
steps:
  - { do: mmap, name: heap, pages: 512 }
  - { do: write, at: heap }
  - { do: device_read, device: gpu0, at: heap }
`;

const BROKEN = SCENARIO.replace("pages: 512", "pages: many");

const STEP = "{ of: time, step: 1 }";

/** One target; `rest` are its further lines. */
function target(rest: readonly string[], value = "value: 500, unit: us"): string {
  return [
    "version: 1",
    "targets:",
    "  - id: T",
    "    what: a test",
    `    published: { ${value}, source: a lab, place: page 1 }`,
    ...rest.map((line) => `    ${line}`),
    "",
  ].join("\n");
}

const RUN = [
  "role: shape",
  "tolerance_percent: 60",
  "profiles: [intel-xe-svm-nothp]",
  "scenario: { file: heap.yaml }",
];

const WITHOUT_PROFILE = RUN.filter((line) => !line.startsWith("profiles"));

function run(text: string, ...argv: string[]): Promise<Ran> {
  return runCommand(addReproduceCommand, ["reproduce", "own/targets.yaml", ...argv], {
    "own/targets.yaml": text,
    "own/heap.yaml": SCENARIO,
    "own/broken.yaml": BROKEN,
    "own/mine.yaml": "version: 1\nid: mine\ntitle: Mine\nextends: intel-xe-svm-thp\n",
  });
}

interface Told {
  readonly targets: readonly {
    readonly id: string;
    readonly profile: string;
    readonly verdict: string;
    readonly simulated: number | null;
    readonly simulatedValues: Readonly<Record<string, number>>;
    readonly runs: readonly { readonly digest: string | null }[];
  }[];
  readonly counts: object;
}

async function told(text: string): Promise<Told["targets"]> {
  const { out, err } = await run(text, "--json");
  expect(err).toBe("");
  return (JSON.parse(out) as Told).targets;
}

async function simulated(measure: string, value = "value: 500, unit: us"): Promise<number> {
  const [only] = await told(target([...RUN, `measure: ${measure}`], value));
  return only?.simulated ?? Number.NaN;
}

describe("a measure", () => {
  test("is the latency of faults, of all their stages or of some", async () => {
    const whole = await simulated("{ of: fault }");
    const copy = await simulated("{ of: fault, stages: [copy] }");
    expect(copy).toBeCloseTo(223, 3);
    expect(whole).toBeGreaterThan(966);
    const inParts = await simulated(
      "{ of: difference, parts: [{ of: fault }, { of: fault, stages: [copy] }] }",
    );
    expect(inParts).toBeCloseTo(whole - copy, 6);
  });

  test("takes one of many latencies, or all of them together", async () => {
    const of = (take: string): Promise<number> =>
      simulated(`{ of: fault, device: cpu, access: write, ${take} }`);
    const [min, p50, mean, p99, max, sum] = (await Promise.all(
      [
        "take: min",
        "percentile: 50",
        "take: mean",
        "percentile: 99.5",
        "take: max",
        "take: sum",
      ].map(of),
    )) as [number, number, number, number, number, number];
    expect(min).toBeLessThanOrEqual(p50);
    expect(p50).toBeLessThanOrEqual(p99);
    expect(p99).toBeLessThanOrEqual(max);
    expect(sum / mean).toBeCloseTo(512, 6);
    expect(max).toBeGreaterThan(min);
  });

  test("is the time of steps, of the run, or a rate of bytes", async () => {
    const [two, three, both] = (await Promise.all(
      ["2", "3", "[2, 3]"].map((steps) => simulated(`{ of: time, step: ${steps} }`)),
    )) as [number, number, number];
    expect(two + three).toBeCloseTo(both, 6);
    expect(await simulated("{ of: time, step: run }")).toBeGreaterThanOrEqual(both);
    const rate = await simulated(
      "{ of: ratio, parts: [{ of: number, value: 2, unit: MiB }, { of: time, step: 3 }] }",
      "value: 2, unit: GB/s",
    );
    expect(rate).toBeCloseTo(2 ** 21 / three / 1000, 9);
  });

  test("counts faults, and what a driver counts", async () => {
    const count = (measure: string): Promise<number> => simulated(measure, "value: 1, unit: count");
    expect(await count("{ of: faults, device: gpu0 }")).toBe(1);
    expect(await count("{ of: faults, device: cpu, access: write }")).toBe(512);
    expect(await count("{ of: faults, device: cpu, per: 512 }")).toBe(1);
    expect(await count("{ of: counter, name: svm_pagefault_count, device: gpu0 }")).toBe(1);
    expect(await count("{ of: product, parts: [{ of: number, value: 3 }, { of: faults }] }")).toBe(
      3,
    );
  });
});

describe("a target", () => {
  test("changes the scenario of a file, and numbers of its profile", async () => {
    const changed = [
      ...RUN.slice(0, 3),
      "scenario: { file: heap.yaml, with: { settings: { transparent_hugepage: always } } }",
      "measure: { of: faults, device: cpu }",
    ];
    const [one] = await told(target(changed, "value: 1, unit: count"));
    expect(one?.simulated).toBe(1);
    const dear = "{ kind: measured, value: 1, unit: ms, source: a test }";
    const priced = [...RUN, `profile_with: { costs: { replay: { per_fault: ${dear} } } }`];
    const measure = "measure: { of: fault, stages: [replay] }";
    const [other] = await told(target([...priced, measure]));
    expect([other?.simulated, other?.profile]).toEqual([1000, "intel-xe-svm-nothp-changed"]);
  });

  test("has a row for each of its profiles, which may be files", async () => {
    const rows = await told(
      target([
        ...RUN.slice(0, 2),
        "profiles: [./mine.yaml, host-cpu]",
        ...RUN.slice(3),
        "measure: { of: time, step: run }",
      ]),
    );
    expect(rows.map(({ profile }) => profile)).toEqual(["mine", "host-cpu"]);
  });

  test("compares runs: their ratio, and their order", async () => {
    const runs = [
      "role: shape",
      "scenario: { file: heap.yaml }",
      "runs:",
      "  small: { profile: intel-xe-svm-nothp }",
      "  large:",
      "    profile: intel-xe-svm-thp",
      "    with: { settings: { transparent_hugepage: always } }",
    ];
    const latency = "{ of: fault, stages: [copy], in: ";
    const ratio = `measure: { of: ratio, parts: [${latency}small }, ${latency}large }] }`;
    const [one] = await told(
      target([...runs, "tolerance_percent: 1", ratio], "value: 2.104, unit: x"),
    );
    expect([one?.verdict, one?.profile]).toEqual(["met", "intel-xe-svm-nothp intel-xe-svm-thp"]);
    const order = [`order:`, `  a: ${latency}small }`, `  b: ${latency}large }`];
    const verdicts = await Promise.all(
      ["a: 1, b: 2", "a: 2, b: 1"].map(async (values) => {
        const [row] = await told(target([...runs, ...order], `values: { ${values} }, unit: us`));
        return row?.verdict;
      }),
    );
    expect(verdicts).toEqual(["missed", "met"]);
  });

  test("is met within its tolerance or its spread, and a miss makes the exit code 1", async () => {
    const measure = "measure: { of: fault, stages: [copy] }";
    const outcome = async (published: string): Promise<[boolean, number]> => {
      const lines = [...RUN.filter((line) => !line.startsWith("tol")), measure];
      const text = target(["tolerance_percent: 10", ...lines], published);
      const { out, code } = await run(text);
      return [out.includes("1 met"), code];
    };
    expect(await outcome("value: 210, unit: us")).toEqual([true, 0]);
    expect(await outcome("value: 150, unit: us")).toEqual([false, 1]);
    expect(await outcome("value: 150, low: 100, high: 230, unit: us")).toEqual([true, 0]);
  });

  test("that tells why it is missed is no failure, and is missed all the same", async () => {
    const lines = [...RUN, "measure: { of: fault }", "miss: the machine was asleep"];
    const { out, code } = await run(target(lines, "value: 5, unit: us"));
    expect([out.includes(" missed"), code]).toEqual([true, 0]);
    expect(out).toContain("missed, the machine was asleep:\n  T");
  });

  test("gives the same bytes each time", async () => {
    const text = target([...RUN, "measure: { of: fault }"]);
    const [first, second] = await Promise.all([run(text, "--json"), run(text, "--json")]);
    expect(first.out).toBe(second.out);
    expect(first.out).toMatch(/"run": "[0-9a-f]{16}"/);
  });
});

describe("what is wrong is told with its place", () => {
  test.each([
    ["a step that is not there", "{ of: time, step: 4 }", "there is no step 4"],
    ["a device that is not there", "{ of: fault, device: gpu1 }", "unknown device: gpu1"],
    ["a count in place of a time", "{ of: faults }", "faults is not measured in us"],
    ["a word that is no measure", "{ of: speed }", "E_VALUE_UNKNOWN: unknown value: speed"],
    ["two ways to choose", "{ of: fault, percentile: 50, take: max }", "take and percentile"],
    ["a counter of nobody", "{ of: counter, name: faults }", "missing key: device"],
    ["a run that is not there", "{ of: time, step: 2, in: other }", "no such run: other"],
    [
      "times and counts",
      "{ of: sum, parts: [{ of: time, step: 2 }, { of: faults }] }",
      "these are not of one dimension",
    ],
    [
      "a ratio of times",
      "{ of: ratio, parts: [{ of: time, step: 2 }, { of: time, step: 3 }] }",
      "ratio is not measured in us",
    ],
    ["a step by name", "{ of: time, step: last }", "expected a number, found the text"],
    ["a quantile beyond all", "{ of: fault, percentile: 101 }", "must be <= 100"],
  ])("%s", async (_name, measure, message) => {
    const { err, code } = await run(target([...RUN, `measure: ${measure}`]));
    expect(err).toContain(message);
    expect(err).toMatch(/^own\/targets\.yaml:10:\d+ error/);
    expect(code).toBe(2);
  });

  test.each([
    ["no scenario", RUN.slice(0, 3), `measure: ${STEP}`, "missing beside measure: scenario"],
    ["a lost file", RUN.slice(0, 3), "scenario: { file: no.yaml }", "no such file: no.yaml"],
    ["a key beside it", RUN.slice(0, 3), "scenario: { file: heap.yaml, seed: 1 }", "unknown key"],
    ["nothing to measure", RUN, "run: nothing", "missing beside scenario: measure"],
    ["two ways", [...RUN, `order: { a: ${STEP} }`], `measure: ${STEP}`, "measure and order"],
    ["no profile", WITHOUT_PROFILE, `measure: ${STEP}`, "missing key: profiles"],
    ["an order of nothing", RUN, `order: { a: ${STEP}, b: ${STEP} }`, "no published value"],
    ["no run named", [...RUN, "runs: { a: {}, b: {} }"], `measure: ${STEP}`, "of which run it is"],
  ])("%s", async (_name, lines, last, message) => {
    const more = last.startsWith("scenario") ? [last, "measure: { of: time, step: 1 }"] : [last];
    const { err, code } = await run(target([...lines, ...more]));
    expect(err).toContain(message);
    expect(code).toBe(2);
  });

  test("problems of an inline scenario and of a file are shown where they are", async () => {
    const inline = BROKEN.trimEnd()
      .split("\n")
      .map((line) => `  ${line}`);
    const own = await run(
      target([...RUN.slice(0, 3), "scenario:", ...inline, "measure: { of: time, step: 1 }"]),
    );
    expect(own.err).toContain("own/targets.yaml:16:42 error E_VALUE_TYPE");
    const other = await run(
      target([
        ...RUN.slice(0, 3),
        "scenario: { file: broken.yaml }",
        "measure: { of: time, step: 1 }",
      ]),
    );
    expect(other.err).toContain("own/broken.yaml:7:36 error E_VALUE_TYPE");
    const laid =
      "scenario: { file: heap.yaml, with: { settings: { transparent_hugepage: perhaps } } }";
    const over = await run(target([...RUN.slice(0, 3), laid, "measure: { of: time, step: 1 }"]));
    expect(over.err).toMatch(
      /own\/targets\.yaml:9:\d+ error E_VALUE_UNKNOWN: unknown value: perhaps/,
    );
  });

  test("an id that nobody has gets a suggestion", async () => {
    const text = target([...RUN, "measure: { of: time, step: run }"]);
    const { err, code } = await run(text, "--only", "TT");
    expect([err, code]).toEqual([expect.stringContaining("unknown target: TT"), 2]);
  });
});

test("a time by bytes is compared whether it is put together or not", async () => {
  const each = "{ of: time, step: 2, per: 0.001953125 }";
  const parts = "[{ of: time, step: 2 }, { of: number, value: 2, unit: MiB }]";
  const sum = "{ of: sum, parts: [{ of: time, step: 2 }], per: 0.001953125 }";
  const [one, two, three] = await Promise.all(
    [each, `{ of: ratio, parts: ${parts} }`, sum].map((measure) =>
      simulated(measure, "value: 1, unit: ms/GiB"),
    ),
  );
  expect(two).toBeCloseTo(one ?? Number.NaN, 6);
  expect(three).toBeCloseTo(one ?? Number.NaN, 6);
});

describe("a number that went into a profile", () => {
  const prediction = ["role: prediction", "profiles: [intel-xe-svm-thp]", "not_run: a test"];
  const text = (published: string): string =>
    target(prediction).replace(/published: .*/, `published: { ${published} }`);

  test.each([
    ["by its figure", "figure: xe.2m.thp.fault"],
    ["by what was computed from it", "figure: xe.2m.bw"],
    ["by an author", "value: 132, unit: us, source: F. Dugast 2026, place: a mail"],
    ["by its key, in another unit", "value: 0.132, unit: ms, source: XETHP, place: a mail"],
    [
      "by its message",
      "value: 132, unit: us, source: 20260111205820.830410-8-francois.dugast@intel.com, place: x",
    ],
    [
      "by what it says it was computed from",
      "value: 7.3, unit: x, source: me, place: here, from: [xe.2m.thp.fault]",
    ],
  ])("is no prediction: found %s", async (_how, published) => {
    const { err, code } = await run(text(published));
    expect(err).toContain("E_TARGET_ROLE: no prediction: a profile was fitted with");
    expect(code).toBe(2);
  });

  test("from another source is a warning", async () => {
    const { err, code } = await run(text("value: 132, unit: us, source: a lab, place: page 1"));
    expect(err).toContain("warning E_TARGET_ROLE: a profile was fitted with the same number");
    expect(code).toBe(0);
  });

  test("is found when the target itself puts it into the profile", async () => {
    const cited = "{ kind: measured, value: 7, unit: us, source: a lab }";
    const lines = [
      "role: prediction",
      "profiles: [intel-xe-svm-thp]",
      `profile_with: { costs: { replay: { per_fault: ${cited} } } }`,
      "not_run: a test",
    ];
    const { err } = await run(target(lines, "value: 7, unit: us"));
    expect(err).toContain("intel-xe-svm-thp-changed costs.replay.per_fault");
  });
});
