import { readFileSync } from "node:fs";
import type { FaultStory, SlowFault } from "@faultline/scenario";
import { describe, expect, test } from "vitest";
import { type Ran, runCommand } from "../testing/run-command.ts";
import { addExplainCommand } from "./explain.ts";
import { addRunCommand } from "./run.ts";

const scenarios = new URL("../../../../scenarios/", import.meta.url);

function read(path: string): string {
  return readFileSync(new URL(path, scenarios), "utf8");
}

const files = {
  "clock/ping-pong.yaml": read("clock/ping-pong.yaml"),
  "machines/switch-box.yaml": read("machines/switch-box.yaml"),
  "quickstart.yaml": read("quickstart.yaml"),
};

function explain(...argv: string[]): Promise<Ran> {
  return runCommand(addExplainCommand, ["explain", ...argv], files);
}

async function storyOf(...argv: string[]): Promise<FaultStory> {
  const { out, err } = await explain(...argv, "--json");
  expect(err).toBe("");
  return (JSON.parse(out) as { fault: FaultStory }).fault;
}

describe("faultline explain --slowest", () => {
  test("lists as many as are asked for, slowest first, as tables of faults have them", async () => {
    const argv = ["run", "clock/ping-pong.yaml", "--faults", "f.jsonl"];
    const { written, writtenBytes } = await runCommand(addRunCommand, argv, files);
    const bytes = writtenBytes.get("f.jsonl");
    const text = bytes === undefined ? written.get("f.jsonl") : new TextDecoder().decode(bytes);
    const rows = (text ?? "")
      .trim()
      .split("\n")
      .map((line) => {
        return JSON.parse(line) as { fault: number; latency_ps: number };
      });
    const slowest = [...rows].sort((a, b) => b.latency_ps - a.latency_ps || a.fault - b.fault);
    const { out } = await explain("clock/ping-pong.yaml", "--slowest", "7", "--json");
    const found = JSON.parse(out) as { faults: SlowFault[]; nrFaults: number };
    expect(found.nrFaults).toBe(rows.length);
    expect(found.faults.map(({ number, latencyPs }) => [number, latencyPs])).toEqual(
      slowest.slice(0, 7).map(({ fault, latency_ps }) => [fault, latency_ps]),
    );
  });

  test("says how to go on", async () => {
    const { code, out } = await explain("clock/ping-pong.yaml", "--slowest", "1");
    expect(code).toBe(0);
    expect(out).toMatch(/1 of \d+; more: faultline explain clock\/ping-pong\.yaml --fault \d+\n$/);
  });
});

describe("faultline explain --fault", () => {
  test("a fault's slices are its latency, and its stages are what it was charged", async () => {
    const story = await storyOf("clock/ping-pong.yaml", "--fault", "132");
    const total = story.slices.reduce((sum, { durationPs }) => sum + durationPs, 0);
    expect(total).toBe(story.latencyPs);
    const spent = story.slices.filter(({ kind }) => kind === "stage");
    const charged = story.prices.reduce((sum, { ps }) => sum + ps, 0);
    expect(charged).toBe(spent.reduce((sum, { durationPs }) => sum + durationPs, 0));
    expect(story.prices.every(({ kind }) => kind !== "unpriced")).toBe(true);
  });

  test("says who held what it waited for", async () => {
    const { waits, slices } = await storyOf("clock/ping-pong.yaml", "--fault", "132");
    expect(waits.length).toBeGreaterThan(0);
    expect(waits[0]?.object).toMatch(/^migrate_mutex of mm \d+/);
    expect(waits[0]?.holder).toMatch(/^faults of gpu\d, worker 0$/);
    const waited = slices.filter(({ kind }) => kind === "wait");
    expect(waits.reduce((sum, { waitedPs }) => sum + waitedPs, 0)).toBe(
      waited.reduce((sum, { durationPs }) => sum + durationPs, 0),
    );
  });

  test("shows the page before and after, and the rules that decided", async () => {
    const { out } = await explain("clock/ping-pong.yaml", "--fault", "5");
    expect(out).toMatch(/^fault 5 of \d+: write of turns\+5 by cpu 0, app$/m);
    expect(out).toMatch(/^ {2}before {2}CPU: nothing$/m);
    expect(out).toMatch(/^ {2}after {3}CPU: present rw on node 0$/m);
    expect(out).toMatch(/^ {10}folio: anonymous order 0, pfn 0x[0-9a-f]+ on node 0, mapcount 1/m);
    expect(out).toMatch(/turns\+5: A first write gets a new zeroed page\. \[mm\/memory\.c:/);
    expect(out).toContain("effort.page_zero.per_unit");
  });

  test.each(["nv-v100-pcie3-uvm", "intel-xe-svm-nothp", "amd-mi250x-xnack-svm"])(
    "faults of %s are explained as the run has them, to the picosecond",
    async (profile) => {
      const argv = ["clock/ping-pong.yaml", "--profile", profile];
      const list = await explain(...argv, "--slowest", "1000", "--json");
      const { faults } = JSON.parse(list.out) as { faults: SlowFault[] };
      for (const { number, latencyPs, startPs, page } of faults.filter((_, i) => i % 83 === 0)) {
        const story = await storyOf(...argv, "--fault", String(number));
        expect(story).toMatchObject({ number, latencyPs, startPs, page });
        const total = story.slices.reduce((sum, { durationPs }) => sum + durationPs, 0);
        expect(total).toBe(latencyPs);
      }
    },
  );

  test("without a profile, faults are numbered in the same way", async () => {
    const { code, out } = await explain("quickstart.yaml", "--fault", "0");
    expect(code).toBe(0);
    expect(out).toMatch(/^fault 0 of 9: write of heap by cpu 0/m);
  });

  test.each([
    ["--fault 0", "--page shared"],
    ["--slowest 2", "--page shared"],
    ["--fault 0", "--path gpu0 gpu1"],
    ["--page shared", "--path gpu0 gpu1"],
  ])("%s beside %s is bad input: one story is told", async (one, other) => {
    const argv = [...one.split(" "), ...other.split(" ")];
    const { code, out, err } = await explain("clock/ping-pong.yaml", ...argv);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain("cannot be used with option");
  });

  test("a number that no fault has says how many there are", async () => {
    const { code, err } = await explain("quickstart.yaml", "--fault", "9");
    expect(code).toBe(2);
    expect(err).toContain("no such fault: 9");
    expect(err).toContain("the run has 9 faults: they are 0 to 8");
    expect((await explain("quickstart.yaml", "--fault", "x")).err).toContain(
      "--slowest lists some",
    );
  });
});
