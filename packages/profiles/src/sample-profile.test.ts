import { describe, expect, test } from "vitest";
import { modelFields, type Profile } from "./profile.ts";
import { sampleProfile } from "./sample-profile.ts";
import { shippedProfile } from "./shipped-profiles.ts";

function shipped(id: string): Profile {
  const profile = shippedProfile(id);
  if (profile === null) throw new Error(`no profile ${id}`);
  return profile;
}

/** 1, 2, 3 … over 64, round and round. */
function counter(): () => number {
  let n = 0;
  return () => (n = (n + 1) % 64) / 64;
}

describe("a sample of a profile", () => {
  const xe = shipped("intel-xe-svm-thp");

  test("draws what has a range and leaves what a source gives", () => {
    const drawn = sampleProfile(xe, () => 0);
    const value = (path: string) => drawn.fields.get(path)?.value;
    expect(value("costs.detect.per_fault")).toBe(0.3);
    expect(value("costs.deliver.per_fault")).toBe(5);
    expect(value("costs.map.per_folio")).toBe(2);
  });

  test("moves the rest of a total against what was drawn", () => {
    const low = sampleProfile(xe, () => 0).fields.get("costs.unmap.per_folio")?.value;
    const high = sampleProfile(xe, () => 0.999999).fields.get("costs.unmap.per_folio")?.value;
    expect(low).toBeCloseTo(22 - 0.21, 6);
    expect(high).toBeCloseTo(22 - 0.64, 4);
  });

  test("is the same for the same numbers, and leaves the profile as it was", () => {
    const before = xe.fields.get("costs.deliver.per_fault");
    const [one, two] = [sampleProfile(xe, counter()), sampleProfile(xe, counter())];
    expect(one.fields).toEqual(two.fields);
    expect(one.fields).not.toEqual(xe.fields);
    expect(xe.fields.get("costs.deliver.per_fault")).toBe(before);
  });

  test("draws the range of a figure too, and never an observed total", () => {
    const thor = sampleProfile(shipped("nv-thor-ats"), () => 0);
    expect(thor.fields.get("effort.tlb_flush.per_secondary")?.value).toBe(9.02);
    const smmu = shipped("iommu-sva-smmu-stall");
    const total = "observed.total_single_fault";
    expect(sampleProfile(smmu, () => 0).fields.get(total)).toBe(smmu.fields.get(total));
  });

  test("draws what it inherits as the profile that states it would", () => {
    const host = sampleProfile(shipped("host-cpu"), counter());
    const drawn = sampleProfile(xe, counter());
    const own = modelFields(host);
    expect(own.map(({ path }) => drawn.fields.get(path))).toEqual(own);
  });
});

test("what only shared CPUs look at has numbers of its own, and changes no others", () => {
  const xe = shipped("intel-xe-svm-nothp");
  const one = sampleProfile(xe, counter());
  const two = sampleProfile(xe, counter(), () => 0);
  const path = "device.shootdown_handler";
  expect([one.fields.get(path), two.fields.get(path)?.value]).toEqual([xe.fields.get(path), 0.2]);
  const others = ({ fields }: Pick<typeof one, "fields">) =>
    [...fields.values()].filter((field) => !/shootdown_handler|interrupt_handler/.test(field.path));
  expect(others(two)).toEqual(others(one));
});
