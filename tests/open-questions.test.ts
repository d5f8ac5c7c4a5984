// The scenarios about open questions show what a switch changes, so each fails when a switch that
// answers its question is set back to what Linux 7.2 does. Where no switch answers, each fails when
// what the question complains about does not happen.
import { OPEN_QUESTIONS } from "@faultline/core";
import { runUntimedScenario } from "@faultline/scenario";
import { describe, expect, test } from "vitest";
import { type Change, driven, planOf, withDesign, without } from "./support/change-plan.ts";
import { allFiles } from "./support/source-files.ts";

const files = allFiles.filter(({ path }) => /^scenarios\/open-questions\/.*\.yaml$/.test(path));

/** The switches that answer a file's question and that the file sets. */
const cases = files.flatMap(({ path, text }) => {
  const plan = planOf(path, text);
  const id = /\/q(\d+)-/.exec(path)?.[1] ?? "";
  const answers =
    OPEN_QUESTIONS.find((question) => question.id === `Q${Number(id)}`)?.designs ?? [];
  const set = answers.filter((name) => plan.document.designs[name] !== undefined);
  return set.map((name) => ({ path, name, plan }));
});

/** What the files without a switch of their question are about. */
const CAUSES: readonly (readonly [file: string, what: string, change: Change])[] = [
  ["q04-shared-helper", "its drivers", driven("ideal")],
  ["q04-shared-helper", "the request", without("device_advise")],
  ["q05-learn-from-uvm", "its driver", driven("ideal")],
  ["q05-learn-from-uvm", "the advice", without("device_advise")],
  ["q09-struct-page-promises", "the CPU's turns", without("write", 1)],
  ["q10-fork-stops-queues", "the fork", without("fork")],
  ["q10-daemons-make-a-gpu-fault", "the fork", without("fork")],
  ["q10-daemons-make-a-gpu-fault", "khugepaged", without("khugepaged")],
  ["q10-daemons-make-a-gpu-fault", "NUMA balancing", without("numa_scan")],
  ["q11-one-access-four-drivers", "its drivers", driven("ideal")],
  ["q14-a-mirror-each", "its drivers", driven("ideal")],
  ["q14-a-mirror-each", "the change of the CPU's table", without("mprotect")],
  ["q24-avoid-faults", "migrating first", without("migrate_to_device")],
  ["q24-avoid-faults", "the prefetch", without("device_advise")],
  ["q25-two-steps", "the two steps", withDesign("dma.twoStep", "off")],
  ["q27-acs-unnoticed", "nobody looking", withDesign("owner.dynamic", "on")],
  ["q27-acs-unnoticed", "the redirect", without("set_acs")],
  ["q27-device-unplugged", "the unplugging", without("unplug")],
  ["q29-a-mistaken-number", "results without types", withDesign("hmm.typedResults", "on")],
  ["q30-before", "the op switched off", withDesign("hmm.p2pOp", "v2")],
];

describe("open questions", () => {
  test("there are thirty, numbered from 1", () => {
    expect(OPEN_QUESTIONS.map(({ id }) => id)).toEqual(
      Array.from({ length: 30 }, (_, i) => `Q${i + 1}`),
    );
  });

  test("each has a scenario, named after the question they are about", () => {
    const asked = new Set(files.map(({ path }) => Number(/\/q(\d\d)-/.exec(path)?.[1])));
    expect([...asked].toSorted((a, b) => a - b)).toEqual(OPEN_QUESTIONS.map((_, i) => i + 1));
    for (const { path } of files) {
      expect(path).toMatch(/\/q\d\d-[a-z0-9-]+\.yaml$/);
      const causes = CAUSES.map(([file]) => `scenarios/open-questions/${file}.yaml`);
      expect([...cases.map((one) => one.path), ...causes]).toContain(path);
    }
  });

  test.each(CAUSES)("%s needs %s", (file, _, change) => {
    const path = `scenarios/open-questions/${file}.yaml`;
    const plan = planOf(path, files.find((one) => one.path === path)?.text ?? "");
    expect(runUntimedScenario(plan).passed).toBe(true);
    expect(runUntimedScenario(change(plan)).passed).toBe(false);
  });

  test.each(cases)("$path needs $name", ({ plan, name }) => {
    const { [name]: _, ...designs } = plan.document.designs;
    const changed = { ...plan, document: { ...plan.document, designs } };
    expect(runUntimedScenario(plan).passed).toBe(true);
    expect(runUntimedScenario(changed).passed).toBe(false);
  });
});
