// The examples of the scenario language run, and every step of the language has one.
import {
  formatResult,
  loadScenario,
  ownProfiles,
  runTimedScenario,
  runUntimedScenario,
  scenarioJsonSchema,
  timedPlan,
} from "@faultline/scenario";
import { describe, expect, test } from "vitest";
import { readReferenced } from "./support/read-referenced.ts";
import { allFiles } from "./support/source-files.ts";

/** What `yaml steps` examples run on, as docs/scenarios.md says. */
const PREAMBLE = `version: 1
title: An example
machine:
  nodes: [{ memory: 1GiB, cpus: [0] }, { memory: 1GiB, cpus: [1] }]
  swap: 64MiB
  devices: [{ name: gpu0 }, { name: gpu1 }]
steps:
`;

const pages = allFiles.filter(({ path }) => path.endsWith(".md"));
const examples = pages.flatMap(({ path, text }) =>
  [...text.matchAll(/^```yaml (run|steps)\n([\s\S]*?)^```/gm)].map((match) => ({
    path,
    line: text.slice(0, match.index).split("\n").length,
    text: match[1] === "run" ? (match[2] ?? "") : PREAMBLE + (match[2] ?? ""),
  })),
);

describe("examples of scenarios", () => {
  test.each(examples)("$path:$line runs and meets its expectations", ({ path, line, text }) => {
    const { plan, diagnostics } = loadScenario(text, `${path}:${line}`, readReferenced);
    expect(diagnostics).toEqual([]);
    if (plan === null) throw new Error("a scenario without diagnostics has a plan");
    const result = runUntimedScenario(plan);
    expect(result.passed, formatResult(result)).toBe(true);
    const profiles = ownProfiles(plan.document);
    if (profiles === null) return;
    const timed = runTimedScenario(timedPlan(plan, profiles));
    expect(timed.expectations.filter(({ isMet }) => !isMet)).toEqual([]);
    expect(timed.passed).toBe(true);
  });

  test("docs/scenarios.md has an example of every step and every advice and state", () => {
    const shown = pages.find(({ path }) => path === "docs/scenarios.md")?.text ?? "";
    const schema = JSON.stringify(scenarioJsonSchema());
    const steps = [...schema.matchAll(/"do":\{"type":"string","const":"(\w+)"/g)];
    expect(steps.length).toBeGreaterThan(20);
    const missing = steps.filter(([, name]) => !shown.includes(`do: ${name}`));
    expect(missing.map(([, name]) => name)).toEqual([]);
    const words = [...schema.matchAll(/"(MADV_\w+|device-\w+|huge-zero)"/g)];
    expect(words.filter(([, word = ""]) => !shown.includes(word)).map(([, word]) => word)).toEqual(
      [],
    );
  });
});
