import { describe, expect, test } from "vitest";
import { DEFAULT_KFD_KNOBS, kfdKnobs } from "./amdkfd/kfd-knobs.ts";
import { findDriverKnobProblems } from "./driver-knobs.ts";
import { DRIVER_NAMES } from "./driver-names.ts";
import { DEFAULT_NOUVEAU_KNOBS } from "./nouveau/nouveau-knobs.ts";
import { DEFAULT_ODP_KNOBS } from "./odp/odp-knobs.ts";
import { AMD_PRI, ARM_STALL, INTEL_PRI } from "./sva/sva-knobs.ts";
import { DEFAULT_UVM_KNOBS } from "./uvm/uvm-knobs.ts";
import { DEFAULT_XE_KNOBS } from "./xe/xe-knobs.ts";

describe("parameters of drivers", () => {
  test.each([
    ["amdkfd", DEFAULT_KFD_KNOBS],
    ["nouveau", DEFAULT_NOUVEAU_KNOBS],
    ["odp", DEFAULT_ODP_KNOBS],
    ["sva", INTEL_PRI],
    ["sva", AMD_PRI],
    ["sva", ARM_STALL],
    ["uvm", DEFAULT_UVM_KNOBS],
    ["xe", DEFAULT_XE_KNOBS],
  ] as const)("of %s: the defaults are fine", (driver, defaults) => {
    expect(findDriverKnobProblems(driver, { ...defaults })).toEqual([]);
  });

  test.each(DRIVER_NAMES)("of %s: what it does not know is a problem", (driver) => {
    const problems = findDriverKnobProblems(driver, { "no.such": 1 });
    expect(problems).toMatchObject([{ name: "no.such", problem: "unknown to the driver" }]);
  });

  test("of a driver that is not known yet must suit one of them", () => {
    const given = { "xe.timesliceMs": 5, "kfd.xnack": "on", "no.such": 1 };
    expect(findDriverKnobProblems(null, given).map(({ problem }) => problem)).toEqual([
      "cannot be on",
      "unknown to every driver",
    ]);
  });

  test("every problem is found at once", () => {
    const given = { "kfd.xnack": 1, "kfd.faultBurst": 0, "kfd.retryFilter": "none" };
    expect(findDriverKnobProblems("amdkfd", given).map(({ problem }) => problem)).toEqual([
      "out of range: 1",
      "out of range: 0",
      "cannot be none",
    ]);
  });

  test("a library user hears of the first one", () => {
    expect(() => kfdKnobs({ "kfd.restoreDelayMs": -1 })).toThrow(/kfd\.restoreDelayMs/);
  });

  test("what is not given has its default", () => {
    expect(kfdKnobs({ "kfd.xnack": false })).toEqual({ ...DEFAULT_KFD_KNOBS, "kfd.xnack": false });
  });
});
