import { readFileSync } from "node:fs";
import { SourceText } from "@faultline/diagnostics";
import { describe, expect, test } from "vitest";
import { formatResult } from "./format-result.ts";
import { loadScenario } from "./load-scenario.ts";
import { runUntimedScenario } from "./run-untimed-scenario.ts";
import type { ScenarioResult } from "./step-report.ts";

function run(...steps: string[]): ScenarioResult {
  const text = [
    "version: 1",
    "title: a test",
    "machine:",
    "  nodes: [{ memory: 256MiB, cpus: [0] }, { memory: 256MiB, cpus: [1] }]",
    "  devices: [{ name: gpu0 }, { name: gpu1 }]",
    "steps:",
    ...steps.map((step) => `  - { ${step} }`),
  ].join("\n");
  const { plan, diagnostics } = loadScenario(text, "t.yaml");
  expect(diagnostics).toEqual([]);
  return runUntimedScenario(plan as NonNullable<typeof plan>);
}

describe("runUntimedScenario", () => {
  test("tells what became of each page and which rule decided", () => {
    const { steps } = run("do: mmap, name: heap, pages: 4", "do: write, at: heap, pages: 2");
    expect(steps[1]?.changes).toEqual([
      { process: "app", at: "heap", nrPages: 2, before: "nothing", after: "present rw on node 0" },
    ]);
    expect(steps[1]?.decisions.map((note) => [note.rule, note.at, note.nrPages])).toEqual([
      ["anon-new-page", "heap", 2],
    ]);
  });

  test("what would wait for a page that a driver keeps is given up, pinning as reading", () => {
    const text = `version: 1
title: a page within its timeslice
machine: { file: xe-pair.yaml, devices: [{ name: gpu0, stack: xe }] }
steps:
  - { do: mmap, name: heap, pages: 16 }
  - { do: write, at: heap, value: 5 }
  - { do: device_atomic, device: gpu0, at: heap, pages: 1 }
  - { do: pin, at: heap, pages: 1 }
  - { do: read, at: heap, pages: 1 }
  - { do: advance, time: 5ms }
  - { do: pin, at: heap, pages: 1 }
`;
    const pair = new URL("../../../scenarios/machines/xe-pair.yaml", import.meta.url);
    const machine = new SourceText("xe-pair.yaml", readFileSync(pair, "utf8"));
    const { plan } = loadScenario(text, "t.yaml", () => machine);
    const { steps } = runUntimedScenario(plan as NonNullable<typeof plan>);
    expect(steps.map(({ result }) => result)).toEqual(["ok", "ok", "ok", "OOM", "OOM", "ok", "ok"]);
  });

  test("a step whose outcome is not the expected one fails the scenario", () => {
    const result = run(
      "do: mmap, name: heap, pages: 4, prot: r",
      "do: write, at: heap",
      "do: write, at: heap, expect: { result: SIGSEGV }",
    );
    expect(result.passed).toBe(false);
    expect(result.steps.map((step) => step.mismatches)).toEqual([
      [],
      [{ what: "result", expected: "ok", actual: "SIGSEGV" }],
      [],
    ]);
  });

  test("every property of a check can fail", () => {
    const checks = [
      "state: zero",
      "writable: false",
      "huge: true",
      "device: gpu0",
      "node: 1",
      "value: 6",
      "same_frame_as: heap+1",
    ];
    for (const check of checks) {
      const result = run(
        "do: mmap, name: heap, pages: 2",
        "do: write, at: heap, value: 5",
        `do: check, at: heap, pages: 1, ${check}`,
      );
      expect(result.steps[2]?.mismatches.length, check).toBe(1);
    }
  });

  test("fork, exit and device files work across processes", () => {
    const result = run(
      "do: mmap, name: heap, pages: 4",
      "do: write, at: heap, value: 9",
      "do: migrate_to_device, device: gpu0, at: heap",
      "do: fork, as: child",
      "do: check, process: child, at: heap, state: device-private, same_frame_as: heap, of: app",
      "do: exit",
      "do: check, process: child, at: heap, state: present, value: 9",
      "do: close_device, process: child, device: gpu0, expect: { result: EBADF }",
    );
    expect(result.steps.flatMap((step) => step.mismatches)).toEqual([]);
  });

  test("the same plan gives the same text twice", () => {
    const texts = [1, 2].map(() =>
      formatResult(
        run(
          "do: mmap, name: heap, pages: 1024",
          "do: madvise, at: heap, advice: MADV_HUGEPAGE",
          "do: write, at: heap, pages: 1",
          "do: migrate_to_device, device: gpu1, at: heap, pages: 512",
          "do: move_pages, at: heap, pages: 1, node: 1, expect: { pages: 1 }",
        ),
      ),
    );
    expect(texts[1]).toBe(texts[0]);
    expect(texts[0]).toContain("device-private rw on gpu1, huge");
  });
});
