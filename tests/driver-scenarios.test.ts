// What scenarios of GPU drivers show depends on what they are about: each fails when that is taken
// away.
import { runUntimedScenario } from "@faultline/scenario";
import { expect, test } from "vitest";
import {
  type Change,
  driven,
  planOf,
  withDesign,
  without,
  withoutKnobs,
} from "./support/change-plan.ts";
import { allFiles } from "./support/source-files.ts";

const files = allFiles.filter(({ path }) =>
  /^scenarios\/drivers\/(kfd|nouveau|xe)-.*\.yaml$/.test(path),
);

const FIXED: Change = (plan) => {
  return { ...plan, document: { ...plan.document, kernel: "7.2-fixed" } };
};

const CAUSES: readonly (readonly [file: string, what: string, change: Change])[] = [
  ["kfd-always-mapped", "the flag", without("device_advise")],
  ["kfd-child-granule", "its driver", driven("ideal")],
  ["kfd-copy-window", "the parameter", withoutKnobs],
  ["kfd-copy-window", "the CPU's fault", without("read")],
  ["kfd-fatal-faults", "the protection", without("mprotect")],
  ["kfd-fatal-faults", "the end", without("close_device")],
  ["kfd-gap", "the gap", without("munmap")],
  ["kfd-granularity", "the advice", without("device_advise")],
  ["kfd-heap-and-stack", "its driver", driven("ideal")],
  ["kfd-heap-and-stack", "the request", without("migrate_to_device")],
  ["kfd-largest-range", "the parameter", withoutKnobs],
  ["kfd-owners-differ", "the flag", without("device_advise", 1)],
  ["kfd-owners-differ", "the CPU's access", without("read")],
  ["kfd-peer-over-pcie", "the parameter", withoutKnobs],
  ["kfd-read-only", "the flag", without("device_advise")],
  ["kfd-retry-filter", "the burst", withoutKnobs],
  ["kfd-room-for-ranges", "the granularity", withoutKnobs],
  ["kfd-room-for-ranges", "its driver", driven("ideal")],
  ["nouveau-atomic-mark", "the defect", FIXED],
  ["nouveau-atomic-mark", "the batch of one", withoutKnobs],
  ["nouveau-batch", "the parameter", withoutKnobs],
  ["nouveau-batch", "the buffer", without("device_faults")],
  ["nouveau-newer-than-pascal", "the family", withoutKnobs],
  ["nouveau-own-read-only", "the defect", FIXED],
  ["nouveau-prefetch-and-kill", "the protection", without("mprotect")],
  ["nouveau-prefetch-and-kill", "the buffer", without("device_faults")],
  ["xe-advice-cuts-chunks", "the advice", without("device_advise")],
  ["xe-advice-cuts-chunks", "its driver", driven("ideal")],
  ["xe-each-page-alone", "the design", withDesign("dma.twoStep", "on")],
  ["xe-each-page-alone", "the advice", without("madvise")],
  ["xe-preferred-peer", "the parameter", withoutKnobs],
  ["xe-preferred-peer", "its driver", driven("ideal")],
  ["xe-prefetch-regions", "the pin", without("pin")],
  ["xe-prefetch-regions", "the advice", without("device_advise")],
  ["xe-stored-and-ignored", "the table's size", withoutKnobs],
  ["xe-stored-and-ignored", "the caching index", without("device_advise", 1)],
  ["xe-timeslice-and-another-card", "the atomic", without("device_atomic")],
  ["xe-timeslice-and-another-card", "the time", without("advance")],
  ["xe-two-steps", "the design", withDesign("dma.twoStep", "off")],
  ["xe-two-steps", "the preferences", withoutKnobs],
  ["xe-who-copies", "the jobs' size", withoutKnobs],
  ["xe-who-copies", "the CPU's fault", without("read")],
];

test("every scenario of these drivers is in the table", () => {
  const named = new Set(CAUSES.map(([file]) => `scenarios/drivers/${file}.yaml`));
  expect(files.map(({ path }) => path).toSorted()).toEqual([...named].toSorted());
});

test.each(CAUSES)("%s needs %s", (file, _, change) => {
  const path = `scenarios/drivers/${file}.yaml`;
  const plan = planOf(path, files.find((one) => one.path === path)?.text ?? "");
  expect(runUntimedScenario(plan).passed).toBe(true);
  expect(runUntimedScenario(change(plan)).passed).toBe(false);
});
