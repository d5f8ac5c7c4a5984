// The scenarios about open questions show what a switch changes, so each fails when a switch that
// answers its question is set back to what Linux 7.2 does.
import { OPEN_QUESTIONS } from "@faultline/core";
import { loadScenario, runScenario, type ScenarioPlan } from "@faultline/scenario";
import { describe, expect, test } from "vitest";
import { readReferenced } from "./support/read-referenced.ts";
import { allFiles } from "./support/source-files.ts";

const files = allFiles.filter(({ path }) => /^scenarios\/open-questions\/.*\.yaml$/.test(path));

function planOf(path: string, text: string): ScenarioPlan {
  const { plan } = loadScenario(text, path, readReferenced);
  if (plan === null) throw new Error(`${path} is broken`);
  return plan;
}

/** The switches that answer a file's question and that the file sets. */
const cases = files.flatMap(({ path, text }) => {
  const plan = planOf(path, text);
  const id = /\/q(\d+)-/.exec(path)?.[1] ?? "";
  const answers =
    OPEN_QUESTIONS.find((question) => question.id === `Q${Number(id)}`)?.designs ?? [];
  const set = answers.filter((name) => plan.document.designs[name] !== undefined);
  return set.map((name) => ({ path, name, plan }));
});

describe("open questions", () => {
  test("there are thirty, numbered from 1", () => {
    expect(OPEN_QUESTIONS.map(({ id }) => id)).toEqual(
      Array.from({ length: 30 }, (_, i) => `Q${i + 1}`),
    );
  });

  test("there are scenarios, named after the question they are about", () => {
    expect(files.length).toBeGreaterThanOrEqual(9);
    for (const { path } of files) {
      expect(path).toMatch(/\/q\d\d-[a-z0-9-]+\.yaml$/);
      expect(cases.map((one) => one.path)).toContain(path);
    }
  });

  test.each(cases)("$path needs $name", ({ plan, name }) => {
    const { [name]: _, ...designs } = plan.document.designs;
    const changed = { ...plan, document: { ...plan.document, designs } };
    expect(runScenario(plan).passed).toBe(true);
    expect(runScenario(changed).passed).toBe(false);
  });
});
