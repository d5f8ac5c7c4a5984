import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { figureNumber, figureRoots, shippedFigures, shippedSources } from "./figures.ts";
import { engineValue } from "./field.ts";
import { loadProfile } from "./load-profile.ts";
import { priceOperation, shareAssumed } from "./price.ts";
import { priceTable } from "./price-table.ts";
import {
  deviceConstant,
  modelFields,
  policyValue,
  type Profile,
  profileCounts,
} from "./profile.ts";
import { sampleProfile } from "./sample-profile.ts";
import { shippedProfile, shippedProfileIds, shippedProfileYaml } from "./shipped-profiles.ts";
import { toEngine } from "./units.ts";
import { STACKS } from "./vocabulary.ts";

const profiles = shippedProfileIds().flatMap((id) => shippedProfile(id) ?? []);

describe("the figures", () => {
  test("are 177, each with a source that exists", () => {
    expect(shippedFigures().size).toBe(177);
    const keys = new Set([...shippedFigures().values()].map(({ source }) => source));
    expect([...keys].filter((key) => !shippedSources().has(key))).toEqual([]);
    expect(shippedSources().size).toBe(59);
  });

  test("are quoted, quoted by others, computed or recalled, and say which", () => {
    const count = (confidence: string): number =>
      [...shippedFigures().values()].filter((figure) => figure.confidence === confidence).length;
    expect(["quoted", "quoted_secondary", "inferred", "recalled"].map(count)).toEqual([
      104, 38, 23, 12,
    ]);
  });

  test("name only figures that exist as what they were computed from", () => {
    const inputs = [...shippedFigures().values()].flatMap((figure) => figure.derived_from);
    expect(inputs.filter((id) => figureNumber(id) === null)).toEqual([]);
    expect(figureRoots("xe.dmamap_page")).toEqual(["xe.iova.2m"]);
  });
});

describe("the profiles", () => {
  test("are sixteen", () => {
    expect(profiles).toHaveLength(16);
    expect(shippedProfile("nv-v100")).toBeNull();
    expect(shippedProfile("toString")).toBeNull();
  });

  test("have a stack that exists, and a machine", () => {
    for (const { stack, hardware, vendor, mode } of profiles) {
      expect(STACKS).toContain(stack);
      expect([hardware, vendor, mode]).not.toContain("");
    }
  });

  test("that hardly rest on anything published say so", () => {
    expect(profiles.filter(({ isMostlyGap }) => isMostlyGap).map(({ id }) => id)).toEqual([
      "amd-mi300x-xnack-pcie",
      "iommu-pri-x86",
      "nv-gh200-ats-4k",
      "nv-hopper-x86-uvm",
    ]);
  });

  test("claim no measurement of our own", () => {
    expect(profiles.filter((profile) => profileCounts(profile).byKind.measured > 0)).toEqual([]);
  });
});

describe.each(profiles)("$id", (profile) => {
  test("is the same after it was printed as YAML and read again", () => {
    const text = shippedProfileYaml(profile.id) ?? "";
    const again = loadProfile(text, `${profile.id}.yaml`);
    expect(again.diagnostics).toEqual([]);
    expect(again.profile).toEqual(profile);
  });

  test("gives a reason and a range for all that is assumed, and a citation for the rest", () => {
    for (const { path, kind, range, why, citation, confidence } of profile.fields.values()) {
      if (kind === "assumed") {
        expect([path, range !== null, why !== "", citation]).toEqual([path, true, true, ""]);
        expect(confidence).toBe("estimate");
      } else expect([path, citation !== ""]).toEqual([path, true]);
    }
  });

  test("has whole numbers for the engine, and no price below 0", () => {
    for (const field of modelFields(profile)) {
      if (field.path.startsWith("policy.")) continue;
      const value = engineValue(field);
      if (value === null) continue;
      expect([field.path, value >= 0, Number.isSafeInteger(value)]).toEqual([
        field.path,
        true,
        true,
      ]);
    }
  });

  test("prices each operation that it observed within its range, or near its figure", () => {
    const table = priceTable(profile);
    const known = ["observed.cow_4k"]; // Another machine than the other figures; its note says so.
    for (const field of profile.fields.values()) {
      const { path, operation, range } = field;
      const published = engineValue(field);
      if (operation === null || published === null || known.includes(path)) continue;
      const { totalPs } = priceOperation(table, operation);
      const [low, high] =
        field.kind === "assumed" && range !== null
          ? [range.low, range.high].map((end) => engineValue({ ...field, value: end }) ?? 0)
          : [published * 0.8, published * 1.2];
      expect([path, totalPs >= (low ?? 0) && totalPs <= (high ?? 0)]).toEqual([path, true]);
    }
  });

  test("keeps what is left of a total above 0 wherever the rest is drawn", () => {
    const shares = fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }));
    fc.assert(
      fc.property(shares, (stream) => {
        const drawn = sampleProfile(profile, () => stream.next().value ?? 0);
        const prices = modelFields(drawn).filter(({ path }) => !path.startsWith("policy."));
        const below = prices.filter((field) => (engineValue(field) ?? 0) < 0);
        expect(below).toEqual([]);
        checkTotals(drawn);
      }),
      { numRuns: 50 },
    );
  });
});

/** Every rest that the profile states adds up to its total again. */
function checkTotals(profile: Profile): void {
  const table = priceTable(profile);
  for (const { path, balance, statedIn } of profile.fields.values()) {
    if (statedIn !== profile.id) continue;
    const total = balance ? figureNumber(balance.total) : null;
    if (!balance || total === null) continue;
    const { totalPs } = priceOperation(table, balance.operation);
    const published = toEngine(Number(total.value), total.unit);
    expect([path, Math.abs(totalPs - published) <= published / 1000]).toEqual([path, true]);
  }
}

test("the share of a time that rests on assumptions is told", () => {
  const profile = shippedProfile("amd-mi250x-xnack-svm");
  if (profile === null) throw new Error("no profile");
  const operation = profile.fields.get("observed.total_single_fault_no_migration")?.operation;
  if (!operation) throw new Error("no operation");
  expect(shareAssumed(priceOperation(priceTable(profile), operation))).toBe(1);
});

test("parameters and constants come as the engine takes them", () => {
  const uvm = shippedProfile("nv-v100-pcie3-uvm");
  const grace = shippedProfile("nv-gh200-ats-64k");
  if (uvm === null || grace === null) throw new Error("no profile");
  expect(policyValue(uvm, "uvm_perf_fault_batch_count")).toBe(256);
  expect(policyValue(uvm, "uvm_perf_thrashing_lapse_usec")).toBe(500_000_000);
  expect(policyValue(uvm, "va_block_size")).toBe(2_097_152);
  expect(policyValue(uvm, "uvm_perf_fault_replay_policy")).toBe("BATCH_FLUSH");
  expect(policyValue(uvm, "migrates_to_device")).toBe(true);
  expect(policyValue(uvm, "svm_notifier_size")).toBeNull();
  expect(deviceConstant(grace, "remote_latency")).toBe(856_200);
  expect(deviceConstant(grace, "remote_read_bandwidth")).toBe(399_400_000_000);
  expect(deviceConstant(grace, "swap_in")).toBeNull();
});
