// The benchmarks that ask this machine's own kernel: what they print, not what it comes to.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { rootPath } from "./support/source-files.ts";

const folder = mkdtempSync(join(tmpdir(), "faultline-host-"));
afterAll(() => rmSync(folder, { recursive: true }));
const hasCompiler = ["cc", "gcc", "clang"].some(
  (name) => spawnSync(name, ["--version"]).status === 0,
);
const isLinux = process.platform === "linux";

function bench(script: string, ...args: string[]): Record<string, unknown> {
  const all = ["run", "--silent", script, "--", "--rounds", "3", "--json", ...args];
  const output = execFileSync("npm", all, { cwd: rootPath, stdio: "pipe" }).toString();
  return JSON.parse(output) as Record<string, unknown>;
}

test("bench:vs-host compares every operation, or says why not", ({ skip }) => {
  skip(!hasCompiler || !isLinux, "there is no Linux with a C compiler");
  const { rounds, comparisons } = bench("bench:vs-host");
  expect(rounds).toBe(3);
  const all = comparisons as {
    readonly name: string;
    readonly reason?: string;
    readonly ratio?: { readonly low: number; readonly median: number; readonly high: number };
  }[];
  expect(all.map(({ name }) => name)).toContain("migrate/move-pages");
  for (const { name, reason, ratio } of all) {
    if (ratio === undefined) expect(`${name}: ${reason}`).toMatch(/: .+/);
    else
      expect([ratio.low > 0, ratio.low <= ratio.median, ratio.median <= ratio.high]).toEqual(YES);
  }
  expect(all.filter(({ ratio }) => ratio !== undefined).length).toBeGreaterThan(8);
});

const YES = [true, true, true];

test("bench:predict predicts composites, and its measurements can be fitted", ({ skip }) => {
  skip(!hasCompiler || !isLinux, "there is no Linux with a C compiler");
  const file = join(folder, "host.yaml");
  const { predictions, residuals } = bench("bench:predict", "--measurements", file);
  const all = predictions as { readonly name: string; readonly predictedUs: number }[];
  expect(all.map(({ name }) => name).slice(0, 2)).toEqual(["fork-strided-cow", "two-writers"]);
  for (const { predictedUs } of all) expect(predictedUs).toBeGreaterThan(100);
  const fit = ["--no-install", "faultline", "profiles", "fit", file, "--json"];
  const fitted = JSON.parse(execFileSync("npx", fit, { cwd: rootPath }).toString()) as {
    readonly fitted: readonly { readonly residuals: readonly unknown[] }[];
  };
  expect(fitted.fitted[0]?.residuals).toHaveLength((residuals as unknown[]).length);
});
