// Every scenario file: the good ones run and meet their expectations, the broken ones say exactly
// what is wrong with them. Broken machines are in a folder of their own.
import { readFileSync, writeFileSync } from "node:fs";
import { type Diagnostic, renderDiagnostics, SourceText } from "@faultline/diagnostics";
import { loadMachine } from "@faultline/platform";
import type { ScenarioPlan } from "@faultline/scenario";
import { describe, expect, test } from "vitest";
import { readReferenced } from "./support/read-referenced.ts";
import { allFiles, rootPath } from "./support/source-files.ts";

// The build, because the sources as tests load them take three times as long.
const { formatResult, loadScenario, ownProfiles, runUntimedScenario, runTimedScenario, timedPlan } =
  await import("../packages/scenario/dist/index.js");

const files = allFiles.filter(({ path }) => /^scenarios\/.*\.yaml$/.test(path));
const good = files.filter(({ path }) => !/^scenarios\/(?:machines|profiles|broken)\//.test(path));
const broken = files.filter(({ path }) => /^scenarios\/broken\/[^/]*$/.test(path));
const machines = files.filter(({ path }) => path.startsWith("scenarios/machines/"));
const brokenMachines = files.filter(({ path }) => path.startsWith("scenarios/broken/machines/"));

/** Whether a device has no driver but the one that a profile brings. */
function needsDrivers({ document, machine }: ScenarioPlan): boolean {
  const named = new Map(document.machine.devices.map(({ name, stack }) => [name, stack]));
  return machine === null && [...named.values()].some((stack) => stack === undefined);
}

describe("scenarios", () => {
  test("there are scenarios about each subject", () => {
    const subjects = new Set(good.map(({ path }) => path.split("/").at(-2)));
    for (const subject of ["fork", "thp", "numa", "swap", "device", "bugs", "geometry"]) {
      expect(subjects).toContain(subject);
    }
  });

  test.each(good)("$path runs and meets its expectations", ({ path, text }) => {
    const { plan, diagnostics } = loadScenario(text, path, readReferenced);
    expect(diagnostics).toEqual([]);
    if (plan === null) throw new Error("a scenario without diagnostics has a plan");
    const profiles = ownProfiles(plan.document);
    if (profiles === null || !needsDrivers(plan)) {
      const result = runUntimedScenario(plan);
      expect(result.passed, formatResult(result)).toBe(true);
    }
    if (profiles === null) return;
    const timed = runTimedScenario(timedPlan(plan, profiles));
    const missed = timed.steps.flatMap(({ line, mismatches }) => {
      return mismatches.map(({ what, actual }) => `line ${line}: ${what} is ${actual}`);
    });
    // What is expected of a median is nothing that one repetition has to keep.
    const isAlone = plan.document.repetitions === 1;
    const wrong = timed.expectations
      .filter(({ isMet, over }) => !isMet && (isAlone || over === "each"))
      .map(({ what, expected, found }) => `${what} ${expected}: ${found}`);
    expect([timed.isChecked, missed, wrong]).toEqual([true, [], []]);
  });

  test.each(good)("$path checks something and says what it shows", ({ path, text }) => {
    expect(text).toMatch(/^# /);
    const { plan } = loadScenario(text, path, readReferenced);
    expect(plan?.steps.filter(({ step }) => step.do.startsWith("check"))).not.toEqual([]);
  });
});

describe("broken scenarios", () => {
  test("there is a corpus of them", () => {
    expect(broken.length).toBeGreaterThanOrEqual(25);
  });

  test.each(broken)("$path says what is wrong with it", ({ path, text }) => {
    const read = (reference: string): SourceText | null => readReferenced(reference, path);
    const { plan, diagnostics } = loadScenario(text, fileName(path), read);
    expect(plan).toBeNull();
    expectShown(path, text, diagnostics);
  });
});

describe("machines", () => {
  test.each(machines)(
    "$path is good, and says what it is and where its numbers are from",
    (file) => {
      const { document, diagnostics } = loadMachine(file.text, file.path);
      expect(diagnostics).toEqual([]);
      expect(file.text).toMatch(/^# /);
      expect(document?.devices.length).toBeGreaterThan(0);
      for (const { memory, source } of document?.devices ?? []) {
        if (memory !== undefined) expect(source).toMatch(/memory/);
      }
      for (const { source } of document?.fabric.links ?? []) {
        expect(source).toMatch(/bandwidth: .*latency: /);
      }
    },
  );
});

describe("broken machines", () => {
  test("there is a corpus of them", () => {
    expect(brokenMachines.length).toBeGreaterThanOrEqual(25);
  });

  test.each(brokenMachines)("$path says what is wrong with it", ({ path, text }) => {
    const { document, diagnostics } = loadMachine(text, fileName(path));
    const isRefused = diagnostics.some(({ severity }) => severity === "error");
    expect(document === null).toBe(isRefused);
    expect(diagnostics).not.toEqual([]);
    expectShown(path, text, diagnostics);
  });
});

function fileName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** To accept changed messages after reading them: FAULTLINE_UPDATE=1 npx vitest run … */
function expectShown(path: string, text: string, diagnostics: readonly Diagnostic[]): void {
  const name = fileName(path);
  const sources = new Map([[name, new SourceText(name, text)]]);
  const shown = `${renderDiagnostics(diagnostics, { sources }).trimEnd()}\n`;
  const expectedPath = `${rootPath}${path.replace(/\.yaml$/, ".expected.txt")}`;
  if (process.env.FAULTLINE_UPDATE === "1") writeFileSync(expectedPath, shown);
  expect(shown).toBe(readFileSync(expectedPath, "utf8"));
}
