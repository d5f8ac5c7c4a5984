import { describe, expect, test } from "vitest";
import { figureRoots } from "./figures.ts";
import { loadTargets } from "./load-targets.ts";
import { priceOperation } from "./price.ts";
import { priceTable } from "./price-table.ts";
import { fittedFigures } from "./profile.ts";
import { shippedProfile } from "./shipped-profiles.ts";
import { shippedTargets } from "./shipped-targets.ts";
import { meetsTarget } from "./target.ts";

function problems(text: string): string[] {
  const { targets, diagnostics } = loadTargets(text, "targets.yaml");
  expect(targets === null).toBe(diagnostics.length > 0);
  return diagnostics.map(
    ({ line, column, code, message, hint }) =>
      `${line}:${column} ${code} ${message}${hint === undefined ? "" : ` | ${hint}`}`,
  );
}

function target(lines: readonly string[], id = "T1"): string {
  return [`  - id: ${id}`, "    what: something", ...lines.map((line) => `    ${line}`), ""].join(
    "\n",
  );
}

const HEAD = "version: 1\ntargets:\n";
const XE = "profiles: [intel-xe-svm-nothp]";

describe("the shipped targets", () => {
  const targets = shippedTargets();

  test("cover what was published of every profile that is no gap", () => {
    const covered = new Set(targets.flatMap(({ profiles }) => profiles));
    const gaps = ["amd-mi300x-xnack-pcie", "nv-hopper-x86-uvm"];
    expect(gaps.filter((id) => covered.has(id))).toEqual([]);
    expect(covered.size).toBe(14);
    expect(new Set(targets.map(({ id }) => id.split(".")[0])).size).toBe(18);
  });

  test("call nothing a prediction that a profile was fitted with", () => {
    for (const { id, role, figure, profiles } of targets) {
      if (role !== "prediction" || figure === null) continue;
      const roots = new Set(figureRoots(figure));
      for (const profile of profiles.flatMap((name) => shippedProfile(name) ?? [])) {
        const used = [...fittedFigures(profile)].filter((other) =>
          figureRoots(other).some((root) => roots.has(root)),
        );
        expect([id, profile.id, used]).toEqual([id, profile.id, []]);
      }
    }
  });

  const priced = targets.flatMap((one) =>
    one.operation === null
      ? []
      : one.profiles.map((id) => ({ ...one, profile: id, operation: one.operation })),
  );

  test("can be priced for a third of them, before there is a clock", () => {
    expect(priced.length).toBeGreaterThan(targets.length / 3);
  });

  test.each(priced)("$id: $profile comes as near as its $role asks", (one) => {
    const profile = shippedProfile(one.profile);
    if (profile === null || one.operation === null) throw new Error("nothing to price");
    const { totalPs } = priceOperation(priceTable(profile), one.operation);
    expect([totalPs, meetsTarget(one, totalPs)]).toEqual([totalPs, true]);
  });
});

describe("a target", () => {
  test("takes its tolerance from its role", () => {
    const text = HEAD + target(["published: { figure: xe.iova.64k }", "role: prediction", XE]);
    const { targets } = loadTargets(text, "targets.yaml");
    expect(targets?.[0]).toMatchObject({
      value: 24.98,
      unit: "us",
      tolerancePercent: 20,
      fittedWith: [],
      citation: expect.stringContaining("Brost") as string,
    });
  });

  test("can be a number of one's own", () => {
    const own = "published: { value: 40, unit: us, source: our bench }";
    const text = HEAD + target([own, "role: prediction", "tolerance_percent: 10", XE]);
    expect(loadTargets(text, "targets.yaml").targets?.[0]).toMatchObject({
      value: 40,
      figure: null,
      citation: "our bench",
      tolerancePercent: 10,
    });
  });

  test("is met within its tolerance, on both sides", () => {
    const [one] = shippedTargets().filter(({ id }) => id === "V08.major");
    if (one === undefined) throw new Error("no target");
    const met = [14.3, 14.5, 21.5, 21.7].map((us) => meetsTarget(one, us * 1e6));
    expect(met).toEqual([false, true, true, false]);
  });

  test("is called a prediction in vain when a profile was fitted with it", () => {
    const lines = ["published: { figure: xe.2m.nothp.fault }", "role: prediction", XE];
    expect(problems(HEAD + target(lines))).toEqual([
      "6:11 E_TARGET_ROLE no prediction: a profile was fitted with xe.2m.nothp.fault | " +
        "a number that went into a profile is a reproduction, or shows a shape",
    ]);
  });

  test("is no prediction either when it was computed from what a profile was fitted with", () => {
    const [found = ""] = problems(
      HEAD + target(["published: { figure: xe.2m.bw }", "role: prediction", XE]),
    );
    expect(found).toContain("no prediction: a profile was fitted with xe.2m.nothp.fault");
  });

  test("that is a reproduction may name the figures it was fitted with, and then names all", () => {
    const lines = ["published: { figure: xe.2m.nothp.fault }", "role: reproduction", XE];
    const { targets } = loadTargets(HEAD + target(lines), "targets.yaml");
    expect(targets?.[0]?.fittedWith).toEqual(["xe.2m.nothp.fault"]);
    const found = problems(HEAD + target([...lines, "fitted_with: [xe.96]"]));
    expect(found).toHaveLength(2);
    expect(found[0]).toContain("no profile was fitted with xe.96");
    expect(found[1]).toContain("not told that a profile was fitted with xe.2m.nothp.fault");
  });

  test("that shows a shape says how far it may be off", () => {
    const own = "published: { value: 40, unit: us, source: our bench }";
    expect(problems(HEAD + target([own, "role: shape", XE]))[0]).toContain(
      "missing for a shape: tolerance_percent",
    );
  });

  test("with unknown names, a missing number and a double id is told each", () => {
    const text =
      HEAD +
      target(["published: { figure: xe.iova.64kk }", "role: prediction", "profiles: [xe]"]) +
      target(["published: { value: 3 }", "role: guess", XE]);
    const first = problems(text);
    expect(first).toHaveLength(1);
    expect(first[0]).toContain("E_VALUE_UNKNOWN unknown value: guess");
    const found = problems(text.replace("guess", "prediction"));
    expect(found.map((line) => line.split(" ")[1])).toEqual([
      "E_NAME_UNKNOWN",
      "E_NAME_UNKNOWN",
      "E_NAME_DUPLICATE",
      "E_PROFILE_FIELD",
    ]);
  });
});
