import { describe, expect, test } from "vitest";
import { type Ran, runCommand } from "../testing/run-command.ts";
import { addExplainCommand } from "./explain.ts";

const SCENARIO = `version: 1
title: A page goes to a GPU
machine: { devices: [{ name: gpu0, stack: xe }] }
steps:
  - { do: mmap, name: heap, pages: 4 }
  - { do: write, at: heap }
  - { do: device_write, device: gpu0, at: heap }
`;

const files = {
  "s.yaml": SCENARIO,
  "own.yaml": SCENARIO.replace("machine:", "profile: intel-xe-svm-nothp\nmachine:"),
};

function run(...argv: readonly string[]): Promise<Ran> {
  return runCommand(addExplainCommand, ["explain", ...argv], files);
}

describe("faultline explain --page", () => {
  test("tells the life of a page under the scenario's own clock", async () => {
    const { code, out, err } = await run("own.yaml", "--page", "heap+1");
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/^heap\+1 \(page 0x100001\) of own\.yaml, profile intel-xe-svm-nothp$/m);
    expect(out).toMatch(/^ +[\d.]+ us {2}fault \d+: write by gpu0, app, took [\d.]+ us$/m);
    expect(out).toMatch(/^ +moved from node 0 to gpu0$/m);
    expect(out).toMatch(/^faults: write by cpu 0 \(1\), write by gpu0 \(1\)$/m);
    expect(out).toMatch(/^moves: node 0 → gpu0 \(1\)$/m);
  });

  test("takes an address for its page, and a profile for a clock", async () => {
    const byAddress = await run("own.yaml", "--page", "0x100001abc");
    expect(byAddress.out).toBe((await run("own.yaml", "--page", "heap+1")).out);
    const steps = await run("s.yaml", "--page", "heap");
    expect(steps.out).toMatch(/^ 2 {2}app: write heap, 4 pages/m);
    const timed = await run("s.yaml", "--page", "heap", "--profile", "intel-xe-svm-nothp");
    expect(timed.out).toMatch(/^first touched at [\d.]+ us by the scenario$/m);
  });

  test("gives the same as data", async () => {
    const { out } = await run("own.yaml", "--page", "heap", "--json");
    const life = JSON.parse(out) as { place: string; seed: number; events: { kind: string }[] };
    expect(life).toMatchObject({ file: "own.yaml", place: "heap", seed: 42 });
    expect(new Set(life.events.map(({ kind }) => kind))).toEqual(new Set(["fault", "entry"]));
  });

  test.each([
    ["0x5000", "no mapping of the scenario has this address"],
    ["heap+9", "heap has 4 pages, counted from 0"],
    ["heep", "did you mean heap?"],
  ])("refuses %s", async (page, hint) => {
    const { code, out, err } = await run("own.yaml", "--page", page);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(hint);
  });

  test("refuses a profile for no device of the scenario", async () => {
    const { code, err } = await run("s.yaml", "--page", "heap", "--profile", "gpu7=host-cpu");
    expect([code, err]).toEqual([2, expect.stringContaining("unknown device: gpu7")]);
  });
});
