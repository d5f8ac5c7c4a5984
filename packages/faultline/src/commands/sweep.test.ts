import type { NamedRow } from "@faultline/report";
import type { TimedScenarioResult } from "@faultline/scenario";
import { describe, expect, test } from "vitest";
import { runBuilt } from "../testing/run-built.ts";
import { type Ran, runCommand } from "../testing/run-command.ts";
import { addSweepCommand } from "./sweep.ts";

const SCENARIO = `version: 1
title: A GPU writes
profile: intel-xe-svm-nothp
machine: { devices: [{ name: gpu0 }] }
steps:
  - { do: mmap, name: heap, pages: 8 }
  - { do: write, at: heap }
  - { do: workload, device: gpu0, at: heap, access: write, pattern: random, count: 8 }
`;

const OVER = ["--over", "steps.0.pages=8,16,32", "--over", "seed=1,2"];

function run(argv: readonly string[], files: Readonly<Record<string, string | Uint8Array>> = {}) {
  return runCommand(addSweepCommand, ["sweep", ...argv], { "s.yaml": SCENARIO, ...files });
}

function bytesOf({ writtenBytes }: Ran, path: string): Uint8Array {
  return writtenBytes.get(path) ?? new Uint8Array();
}

function rowsOf(ran: Ran, path: string): NamedRow[] {
  const lines = new TextDecoder().decode(bytesOf(ran, path)).trim().split("\n");
  return lines.map((line) => JSON.parse(line) as NamedRow);
}

describe("faultline sweep", () => {
  test("has a row for each kind of fault of every point", async () => {
    const ran = await run(["s.yaml", ...OVER, "-o", "all.jsonl"]);
    expect([ran.code, ran.err]).toEqual([0, ""]);
    const rows = rowsOf(ran, "all.jsonl").filter(({ device }) => device === "gpu0");
    expect(rows.map((row) => [row["point"], row["over.steps.0.pages"], row["seed"]])).toEqual([
      [0, "8", 1],
      [1, "8", 2],
      [2, "16", 1],
      [3, "16", 2],
      [4, "32", 1],
      [5, "32", 2],
    ]);
    expect(new Set(rows.map(({ digest }) => digest)).size).toBe(6);
  });

  test("has rows for each repetition", async () => {
    const over = ["--over", "repetitions=3", "-o", "all.jsonl"];
    const rows = rowsOf(await run(["s.yaml", ...over]), "all.jsonl");
    const ofGpu = rows.filter(({ device }) => device === "gpu0");
    expect(ofGpu.map(({ repetition }) => repetition)).toEqual([1, 2, 3]);
    expect(ofGpu[0]?.["seed"]).toBe(42);
    expect(new Set(ofGpu.map(({ seed }) => seed)).size).toBe(3);
  });

  test("holds a scenario to its times when its own profile is given by name", async () => {
    const late = "count: 8, expect: { took_at_most: 1ns }";
    const files = { "late.yaml": SCENARIO.replace("count: 8", late) };
    const profile = ["--profile", "intel-xe-svm-nothp"];
    const argv = ["late.yaml", "--over", "seed=1", "-o", "all.jsonl"];
    const named = rowsOf(await run([...argv, ...profile], files), "all.jsonl");
    const own = rowsOf(await run(argv, files), "all.jsonl");
    expect(own.map(({ result }) => result)).toEqual(own.map(() => "failed"));
    expect(named.map(({ result, digest }) => [result, digest])).toEqual(
      own.map(({ result, digest }) => [result, digest]),
    );
  });

  // Workers are given copies, which no test from sources sees: there they run in this thread.
  test("in workers says of a point what run says of it", async () => {
    const profile = "intel-xe-svm-nothp";
    const late = SCENARIO.replace("count: 8", "count: 8, expect: { took_at_most: 1ns }");
    for (const text of [late, SCENARIO]) {
      const files = { "s.yaml": text };
      for (const asked of [[], ["--profile", profile]]) {
        const ran = await runBuilt(["run", "s.yaml", ...asked, "--json"], files);
        const { results } = JSON.parse(ran.out) as { results: [TimedScenarioResult] };
        const { passed, digest, simulatedPs } = results[0];
        const over = ["--over", "seed=42,7", "--jobs", "2", "-o", "o.jsonl"];
        const swept = await runBuilt(["sweep", "s.yaml", ...asked, ...over], files);
        const told = { result: passed ? "passed" : "failed", digest, simulatedPs };
        expect(rowsOf(swept, "o.jsonl")[0]).toMatchObject(told);
      }
    }
  });

  test.each([".parquet", ".jsonl"])("in parts comes to the same bytes, as %s", async (ending) => {
    const whole = await run(["s.yaml", ...OVER, "-o", `all${ending}`]);
    const files: Record<string, Uint8Array> = {};
    for (const shard of ["3/4", "1/4", "4/4", "2/4"]) {
      const path = `part-${shard[0]}${ending}`;
      const ran = await run(["s.yaml", ...OVER, "--shard", shard, "-o", path]);
      files[path] = bytesOf(ran, path);
    }
    const merged = await run(["merge", ...Object.keys(files), "-o", `all${ending}`], files);
    expect([merged.code, merged.err]).toEqual([0, ""]);
    expect(bytesOf(merged, `all${ending}`)).toEqual(bytesOf(whole, `all${ending}`));
    expect(bytesOf(whole, `all${ending}`).length).toBeGreaterThan(500);
  });

  test("merge refuses parts that are missing, twice there, or of something else", async () => {
    const part = async (shard: string, ...more: string[]): Promise<Uint8Array> => {
      const argv = ["s.yaml", ...OVER, "--shard", shard, ...more, "-o", "p.jsonl"];
      return bytesOf(await run(argv), "p.jsonl");
    };
    const files = {
      "1.jsonl": await part("1/2"),
      "2.jsonl": await part("2/2"),
      "other.jsonl": await part("2/2", "--profile", "amd-mi250x-xnack-svm"),
      "broken.parquet": "PAR1",
    };
    const merged = async (...paths: string[]): Promise<[number, string, number]> => {
      const { code, err, writtenBytes } = await run(["merge", ...paths, "-o", "o.csv"], files);
      return [code, err, writtenBytes.size];
    };
    expect(await merged("1.jsonl", "2.jsonl")).toEqual([0, "", 1]);
    const cases: [string[], RegExp][] = [
      [["1.jsonl"], /points are missing: 1, 3, 5/],
      [["1.jsonl", "other.jsonl"], /not a part of the same sweep/],
      [["none.jsonl"], /no such file/],
      [["broken.parquet"], /no table of rows/],
      [["a.csv"], /can be read back/],
    ];
    for (const [paths, message] of cases) {
      const [code, err, nrWritten] = await merged(...paths);
      expect([paths, code, message.test(err), nrWritten]).toEqual([paths, 2, true, 0]);
    }
    const twice = { ...files, "copy.jsonl": files["1.jsonl"] };
    const again = await run(["merge", "1.jsonl", "2.jsonl", "copy.jsonl", "-o", "o.csv"], twice);
    expect([again.code, again.err]).toEqual([
      2,
      expect.stringMatching(/point 0 is in 1.jsonl too/),
    ]);
  });

  test.each([
    [["s.yaml", "--over", "steps.0.pagse=1,2"], /unknown key: pagse|pagse/],
    [["s.yaml", "--over", "steps.0.pages=8,none"], /<command line>:1/],
    [["s.yaml", "--over", "profile=nobody,other"], /unknown profile: nobody/],
    [["s.yaml", "--over", "steps.0.pages"], /PATH=VALUE/],
    [["s.yaml", "--over", "steps.0.pages=8", "--shard", "3/2"], /i from 1 to n/],
    [["s.yaml", "--over", "steps.0.pages=8", "--profile", "gpu7=host-cpu"], /unknown device: gpu7/],
    [["s.yaml", "--over", "profile="], /PATH=VALUE/],
  ])("refuses %s before anything runs", async (argv, message) => {
    const { code, err, writtenBytes } = await run([...argv, "-o", "o.parquet"]);
    expect([code, message.test(err), writtenBytes.size]).toEqual([2, true, 0]);
  });

  test("needs a clock", async () => {
    const untimed = { "u.yaml": SCENARIO.replace(/^profile.*\n/m, "") };
    const { code, err } = await run(["u.yaml", "--over", "seed=1", "-o", "o.csv"], untimed);
    expect([code, err]).toEqual([2, expect.stringMatching(/names no profile/)]);
  });
});
