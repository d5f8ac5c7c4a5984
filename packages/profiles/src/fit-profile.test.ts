import { describe, expect, test } from "vitest";
import { fitProfile, type FittedProfile } from "./fit-profile.ts";
import { loadMeasurements } from "./load-measurements.ts";
import { loadProfile } from "./load-profile.ts";
import { fittableFields, measurementsJsonSchema } from "./measurement-schema.ts";

const HEAD = `version: 1
id: ours
title: Ours
extends: intel-xe-svm-thp
hardware: our box
source: our trace
measurements:
`;

function measured(lines: readonly string[]): string {
  return [`  - what: something`, ...lines.map((line) => `    ${line}`), ""].join("\n");
}

function problems(text: string): string[] {
  const { document, diagnostics } = loadMeasurements(text, "ours.yaml");
  expect(document === null).toBe(diagnostics.length > 0);
  return diagnostics.map(
    ({ line, column, code, message }) => `${line}:${column} ${code} ${message}`,
  );
}

function fit(text: string): FittedProfile {
  const { document, diagnostics } = loadMeasurements(HEAD + text, "ours.yaml");
  expect(diagnostics.map(({ message }) => message)).toEqual([]);
  if (document === null) throw new Error("no measurements");
  return fitProfile(document);
}

const REPLY = ["field: costs.replay.per_fault", "unit: us", "samples: [3, 5, 4, 4, 40]"];
const REPLY_OF_TWO = "field: costs.replay.per_fault";
const BOTH = "operation: { faults: 2, flushes: 1, stages: [deliver, invalidate, replay] }";

describe("a fit", () => {
  test("leaves out inherited numbers that do not apply, before anything is fitted", () => {
    const host = HEAD.replace("intel-xe-svm-thp", "host-cpu");
    const copy = [
      "field: effort.page_copy.per_unit",
      "operation: { effort: { page_copy: 10 } }",
      "unit: us",
      "samples: [20, 20, 20]",
    ];
    const without = "without: [effort.page_copy.bandwidth]\nmeasurements:\n";
    const text = host.replace("measurements:\n", without) + measured(copy);
    const { document, diagnostics } = loadMeasurements(text, "ours.yaml");
    expect(diagnostics).toEqual([]);
    if (document === null) throw new Error("no measurements");
    const { profile, residuals } = fitProfile(document);
    expect(profile?.fields.has("effort.page_copy.bandwidth")).toBe(false);
    expect(profile?.fields.get("effort.page_copy.per_unit")).toMatchObject({ value: 2 });
    expect(residuals).toMatchObject([{ after: 20, residualPercent: 0 }]);
    expect(problems(text.replace("page_copy.bandwidth]", "page_copy.bandwith]"))).toEqual([
      "7:11 E_NAME_UNKNOWN nothing to leave out: effort.page_copy.bandwith",
    ]);
  });

  test("takes nothing for what the others leave nothing of, where the file allows it", () => {
    const short = (...more: string[]): string => {
      const lines = [REPLY_OF_TWO, BOTH, "unit: ns", "samples: [1, 1, 1]", ...more];
      return measured(lines);
    };
    expect(fit(short()).problems).toMatchObject([{ code: "E_PROFILE_BALANCE" }]);
    const { profile, residuals } = fit(short("may_vanish: true"));
    expect(profile?.fields.get("costs.replay.per_fault")).toMatchObject({ value: 0 });
    expect(residuals[0]?.residualPercent).toBeGreaterThan(100);
  });

  test("puts the median of samples in the place of a number, with their spread as range", () => {
    const { profile, residuals, problems: found } = fit(measured(REPLY));
    expect(found).toEqual([]);
    expect(profile?.fields.get("costs.replay.per_fault")).toMatchObject({
      value: 4,
      unit: "us",
      kind: "measured",
      range: { low: 2.5174, high: 5.4826, draw: "uniform" },
      citation: "our trace; median of 5 samples: something",
    });
    expect(residuals).toEqual([
      {
        what: "something",
        field: "costs.replay.per_fault",
        unit: "us",
        nrSamples: 5,
        nrOutliers: 1,
        median: 4,
        isMean: false,
        mad: 1,
        before: 6.5,
        after: 4,
        residualPercent: 0,
      },
    ]);
  });

  test("leaves everything that nobody measured as it was", () => {
    const { profile } = fit(measured(REPLY));
    expect(profile?.fields.get("costs.deliver.per_fault")?.statedIn).toBe("intel-xe-svm-thp");
  });

  test("takes what is left of the time of an operation, after what was fitted before", () => {
    // 2 deliver + 2 x 4 us of replies + 12.5 us of a flush = 40.5 us.
    const total = [BOTH, "field: costs.deliver.per_fault", "unit: us", "samples: [40, 40.5, 41]"];
    const { profile, residuals } = fit(measured(REPLY) + measured(total));
    expect(profile?.fields.get("costs.deliver.per_fault")).toMatchObject({
      value: 10,
      kind: "fitted",
      why: "what is left of the median of 3 samples: something",
    });
    expect(residuals[1]).toMatchObject({ before: 50.5, after: 40.5, residualPercent: 0 });
  });

  test("shows how far a check is off, and fits nothing to it", () => {
    const check = ["operation: { folios: 1, stages: [map] }", "unit: us", "samples: [4, 4, 5]"];
    const { residuals, yaml } = fit(measured(check));
    expect(residuals).toMatchObject([{ field: null, before: 2, after: 2, residualPercent: -50 }]);
    expect(yaml).not.toContain("costs");
  });

  test("gives a document that is read back as the same profile", () => {
    const { profile, yaml } = fit(measured(REPLY));
    expect(loadProfile(yaml, "ours.yaml").profile).toEqual(profile);
  });

  test("of a constant of the device takes its unit", () => {
    const lines = ["field: device.remote_latency", "unit: ns", "samples: [800, 810, 820]"];
    const { profile } = fit(measured(lines));
    expect(profile?.fields.get("device.remote_latency")).toMatchObject({ value: 810, unit: "ns" });
  });

  test("of a total takes the mean, of which nobody knows how far samples are from it", () => {
    const lines = ["field: costs.replay.per_fault", "unit: us", "total: 132", "count: 40"];
    const { profile, residuals } = fit(measured(lines));
    const field = profile?.fields.get("costs.replay.per_fault");
    expect(field).toMatchObject({
      value: 3.3,
      citation: "our trace; mean of 40 samples: something",
    });
    expect(field?.range).toBeNull();
    expect(residuals).toMatchObject([{ median: 3.3, isMean: true, mad: null, nrSamples: 40 }]);
  });

  test("of a rate takes what the time of a copy leaves for its bytes", () => {
    const copy = "operation: { copies: [{ path: to_system, size: 2MiB }], stages: [copy] }";
    const field = "field: costs.copy.to_system.bandwidth";
    const { profile, residuals } = fit(
      measured([field, copy, "unit: us", "total: 800", "count: 4"]),
    );
    expect(profile?.fields.get("costs.copy.to_system.bandwidth")).toMatchObject({
      value: 10.48576,
      unit: "GB/s",
      kind: "fitted",
    });
    expect(residuals).toMatchObject([{ median: 200, after: 200, residualPercent: 0 }]);
    const uvm = HEAD.replace("intel-xe-svm-thp", "nv-v100-pcie3-uvm");
    const { document } = loadMeasurements(
      uvm + measured([field, copy, "unit: us", "total: 804", "count: 4"]),
      "ours.yaml",
    );
    const withLatency = document && fitProfile(document);
    expect(withLatency?.residuals).toMatchObject([{ median: 201, after: 201 }]);
    expect(withLatency?.profile?.fields.get("costs.copy.to_system.bandwidth")?.value).toBe(
      10.48576,
    );
    const alone = measured([field, "unit: us", "total: 800", "count: 4"]);
    expect(problems(HEAD + alone)).toEqual([
      "9:12 E_PROFILE_FIELD a rate is fitted to the time of a copy to system",
    ]);
  });

  test("needs samples or a total, and not both", () => {
    const field = ["field: costs.replay.per_fault", "unit: us"];
    expect(problems(HEAD + measured([...field, "total: 9"]))).toEqual([
      "8:5 E_PROFILE_FIELD neither samples nor a total",
    ]);
    expect(problems(HEAD + measured([...REPLY, "total: 9", "count: 3"]))).toEqual([
      "8:5 E_PROFILE_FIELD samples and a total",
    ]);
  });

  test("can be of numbers that share a time, in the proportion that they had", () => {
    const lines = [
      "field: costs.deliver.per_fault",
      "share: [costs.replay.per_fault]",
      "operation: { faults: 1, flushes: 1, stages: [deliver, invalidate, replay] }",
      "unit: us",
      "samples: [22, 22, 23]",
    ];
    // The flush leaves 9.5 us of 22 us for what was 12.5 us and 6.5 us.
    const { profile, residuals } = fit(measured(lines));
    expect(profile?.fields.get("costs.deliver.per_fault")).toMatchObject({ value: 6.25 });
    expect(profile?.fields.get("costs.replay.per_fault")).toMatchObject({
      value: 3.25,
      kind: "fitted",
      why: "its share of what is left of the median of 3 samples: something",
    });
    expect(residuals).toMatchObject([
      { field: "costs.deliver.per_fault + costs.replay.per_fault", after: 22, residualPercent: 0 },
    ]);
    expect(problems(HEAD + measured([...REPLY, "share: [costs.map.per_page]"]))).toEqual([
      "12:5 E_PROFILE_FIELD nothing is shared but an operation's time, by its stages and effort",
    ]);
    const twice = lines.map((line) => line.replace("[costs.replay", "[costs.x, costs.deliver"));
    expect(problems(HEAD + measured(twice))).toEqual([
      "10:13 E_NAME_UNKNOWN unknown number: costs.x",
      "10:22 E_NAME_DUPLICATE measured twice: costs.deliver.per_fault",
    ]);
  });

  test("that samples contradict is no profile, and says by how much", () => {
    const total = [BOTH, "field: costs.deliver.per_fault", "unit: us", "samples: [9, 10, 11]"];
    const { profile, problems: found } = fit(measured(REPLY) + measured(total));
    expect(profile).toBeNull();
    expect(found[0]).toMatchObject({
      code: "E_PROFILE_BALANCE",
      message: "costs.deliver.per_fault: nothing is left: 20.5 us of 10 us",
    });
  });

  test("of a number that its operation does not contain is no profile", () => {
    const lines = ["operation: { pages: 1 }", ...REPLY];
    expect(fit(measured(lines)).problems[0]?.message).toContain("has no part in the operation");
  });
});

describe("bad measurements", () => {
  test("are too few, or of a number nobody knows, or twice of one", () => {
    expect(problems(HEAD + measured(["field: x", "unit: us", "samples: [1, 2]"]))).toEqual([
      "11:14 E_VALUE_RANGE out of range: must be >= 3 entries",
    ]);
    const unknown = measured(REPLY).replace("replay", "reply");
    expect(problems(HEAD + unknown + measured(REPLY) + measured(REPLY))).toEqual([
      "9:12 E_NAME_UNKNOWN unknown number: costs.reply.per_fault",
      "17:12 E_NAME_DUPLICATE measured twice: costs.replay.per_fault",
    ]);
  });

  test("have a unit that does not fit, or nothing to fit or check", () => {
    expect(problems(HEAD + measured(REPLY).replace("us", "GB/s"))).toEqual([
      "10:11 E_VALUE_TYPE not a unit of costs.replay.per_fault: GB/s",
    ]);
    expect(problems(HEAD + measured(REPLY.slice(1)))[0]).toContain("neither a field to fit nor");
    const constant = ["operation: { faults: 1 }", "field: device.local_latency", ...REPLY.slice(1)];
    expect(problems(HEAD + measured(constant))[0]).toContain("is no part of an operation");
  });

  test("start from a profile nobody knows", () => {
    expect(problems(HEAD.replace("-thp", "-tph") + measured(REPLY))).toEqual([
      "4:10 E_NAME_UNKNOWN unknown profile: intel-xe-svm-tph",
    ]);
  });
});

test("every stage, kind of effort and constant can be measured, and the schema says how", () => {
  expect(fittableFields()).toContain("effort.tlb_flush.per_cpu");
  expect(JSON.stringify(measurementsJsonSchema())).toContain('"samples"');
});
