// `faultline run --jobs N` in real workers, which only the build can start.
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { rootPath } from "./support/source-files.ts";

const bin = `${rootPath}packages/faultline/bin/faultline.mjs`;
const folder = mkdtempSync(join(tmpdir(), "faultline-run-jobs-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function run(...argv: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    const env = { ...process.env, NO_COLOR: "1" };
    const options = { cwd: rootPath, env, maxBuffer: 2 ** 28 };
    execFile(process.execPath, [bin, "run", ...argv], options, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
  });
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const FAILS = `version: 1
title: It expects too much
profile: intel-xe-svm-nothp
machine: { devices: [{ name: gpu0 }] }
steps:
  - { do: mmap, name: heap, pages: 4 }
  - { do: device_write, device: gpu0, at: heap, expect: { took_at_most: 1ps } }
`;

/** Each command starts the whole program, and its workers do so again. */
const SLOW_MS = 240_000;

describe("faultline run in workers", () => {
  const few = [
    "scenarios/clock/shared-link.yaml",
    file("fails.yaml", FAILS),
    "scenarios/quickstart.yaml",
    "scenarios/fork/cow-and-reuse.yaml",
  ];

  test.each([[], ["--json"], ["--profile", "amd-mi250x-xnack-svm"]])(
    "prints the same bytes as one after another: %s",
    { timeout: SLOW_MS },
    async (...more) => {
      const one = await run(...few, ...more, "--jobs", "1");
      expect(one.out).toContain("It expects too much");
      expect(await run(...few, ...more, "--jobs", "4")).toEqual(one);
    },
  );

  test("says for each file what is wrong with it, in their order", {
    timeout: SLOW_MS,
  }, async () => {
    const argv = ["scenarios/quickstart.yaml", "scenarios/clock/pipeline.yaml"];
    const [one, two] = await Promise.all(
      ["1", "2"].map((jobs) => run(...argv, "--profile", "gpu9=host-cpu", "--jobs", jobs)),
    );
    expect(one?.code).toBe(2);
    expect(one?.err.match(/unknown device: gpu9/g)).toHaveLength(2);
    expect(two).toEqual(one);
  });

  test("Ctrl-C ends it with what has happened so far", { timeout: SLOW_MS }, async () => {
    const long = `version: 1
title: Without end
profile: host-cpu
steps:
  - { do: mmap, name: heap, pages: 2 }
  - { do: workload, at: heap, access: write, count: 2000000000, pause: 1us }
`;
    const argv = ["scenarios/quickstart.yaml", file("long.yaml", long), file("more.yaml", long)];
    const child = spawn(process.execPath, [bin, "run", ...argv, "--jobs", "2"], { cwd: rootPath });
    let out = "";
    let err = "";
    child.stderr.on("data", (data: Buffer) => (err += data.toString()));
    child.stdout.on("data", (data: Buffer) => {
      if (out === "") child.kill("SIGINT");
      out += data.toString();
    });
    const code = await new Promise((resolve) => child.once("close", resolve));
    expect([code, err]).toEqual([1, "stopped after 2 of 3 files\n"]);
    expect(out).toMatch(/^passed: \d+ steps$[^]*\n\nWithout end\n/m);
    expect(out).toMatch(/^stopped: these are partial results$/m);
  });
});
