// What xe's scenarios show depends on what they are about: each fails when that is taken away.
import { runScenario } from "@faultline/scenario";
import { expect, test } from "vitest";
import { type Change, driven, planOf, without, withoutKnobs } from "./support/change-plan.ts";
import { allFiles } from "./support/source-files.ts";

const files = allFiles.filter(({ path }) => /^scenarios\/drivers\/xe-.*\.yaml$/.test(path));

const CAUSES: readonly (readonly [file: string, what: string, change: Change])[] = [
  ["xe-advice-cuts-chunks", "the advice", without("device_advise")],
  ["xe-advice-cuts-chunks", "its driver", driven("ideal")],
  ["xe-preferred-peer", "the parameter", withoutKnobs],
  ["xe-preferred-peer", "its driver", driven("ideal")],
  ["xe-stored-and-ignored", "the table's size", withoutKnobs],
  ["xe-stored-and-ignored", "the caching index", without("device_advise", 1)],
  ["xe-timeslice-and-another-card", "the atomic", without("device_atomic")],
  ["xe-timeslice-and-another-card", "the time", without("advance")],
  ["xe-who-copies", "the jobs' size", withoutKnobs],
  ["xe-who-copies", "the CPU's fault", without("read")],
];

test("every scenario of xe is in the table", () => {
  const named = new Set(CAUSES.map(([file]) => `scenarios/drivers/${file}.yaml`));
  expect(files.map(({ path }) => path).toSorted()).toEqual([...named].toSorted());
});

test.each(CAUSES)("%s needs %s", (file, _, change) => {
  const path = `scenarios/drivers/${file}.yaml`;
  const plan = planOf(path, files.find((one) => one.path === path)?.text ?? "");
  expect(runScenario(plan).passed).toBe(true);
  expect(runScenario(change(plan)).passed).toBe(false);
});
