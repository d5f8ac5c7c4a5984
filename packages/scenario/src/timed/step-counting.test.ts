import { shippedProfile } from "@faultline/profiles";
import { describe, expect, test } from "vitest";
import { loadScenario } from "../load-scenario.ts";
import type { Mismatch } from "../step-report.ts";
import { ownProfiles } from "./own-profiles.ts";
import { runTimedScenario } from "./run-timed-scenario.ts";
import { timedPlan } from "./timed-plan.ts";

const HEAD = `version: 1
title: t
profile: host-cpu
processes: [{ name: app }, { name: other }]
`;
const MAP = [
  "{ do: mmap, name: heap, pages: 8 }",
  "{ do: mmap, process: other, name: its, pages: 8 }",
];

/** What each step misses, at the scenario's own prices unless a profile is given. */
function missed(steps: readonly string[], profile?: string): (readonly Mismatch[])[] {
  const text = `${HEAD}steps:\n${[...MAP, ...steps].map((step) => `  - ${step}\n`).join("")}`;
  const { plan, diagnostics } = loadScenario(text, "t.yaml");
  if (plan === null) throw new Error(diagnostics.map(({ message }) => message).join("; "));
  const named = { all: shippedProfile(profile ?? ""), byDevice: new Map() };
  const choice = profile === undefined ? ownProfiles(plan.document) : named;
  if (choice === null) throw new Error("no prices");
  const { steps: reports } = runTimedScenario(timedPlan(plan, choice));
  return reports.slice(MAP.length).map(({ mismatches }) => mismatches);
}

const WRITE = "do: write, at: heap, expect: { vmstat: { pgfault: 8 } }";
const WRONG = "do: write, at: heap, expect: { vmstat: { pgfault: 7 } }";

describe("what the kernel counts on a step under a clock", () => {
  test("is what has grown from its beginning to its end", () => {
    expect(missed([`{ ${WRITE} }`, "{ do: write, process: other, at: its }"])).toEqual([[], []]);
    expect(missed([`{ ${WRONG} }`])).toEqual([
      [{ what: "vmstat pgfault", expected: "7", actual: "8" }],
    ]);
  });

  test("is nobody's while another step runs, and what is expected is missed", () => {
    const other = "{ do: write, process: other, at: its, background: true }";
    const [, first] = missed([other, `{ ${WRITE} }`]);
    expect(first).toHaveLength(1);
    expect(first?.[0]?.actual).toMatch(/^unknown, as ".*its.*" ran meanwhile$/);
    const [behind] = missed([`{ ${WRITE}, background: true }`, other, "{ do: wait }"]);
    expect(behind?.[0]?.actual).toMatch(/^unknown, as /);
  });

  test("belongs to steps that were put one behind the other with wait", () => {
    const other = "{ do: write, process: other, at: its, background: true }";
    expect(missed([other, "{ do: wait }", `{ ${WRITE} }`]).flat()).toEqual([]);
  });

  test("is not looked at with the prices of another machine", () => {
    expect(missed([`{ ${WRONG} }`], "nv-v100-pcie3-uvm")).toEqual([[]]);
  });
});
