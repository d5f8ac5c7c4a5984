// The C programs of the repository compile without a warning where there is a compiler.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { rootPath } from "./support/source-files.ts";

const folder = mkdtempSync(join(tmpdir(), "faultline-native-"));
/** The one that build.sh calls. */
const compiler = "gcc";
const hasCompiler = spawnSync(compiler, ["--version"]).status === 0;
const canRecord = process.platform === "linux" && process.arch === "x64";

afterAll(() => rmSync(folder, { recursive: true }));

test("the recorder's program builds", ({ skip }) => {
  skip(!hasCompiler, "there is no gcc");
  skip(!canRecord, "it is made for Linux on x86-64");
  const script = `${rootPath}packages/conformance/recorder/build.sh`;
  const built = spawnSync("bash", [script, "--runner-only", "--output", folder], {
    encoding: "utf8",
  });
  expect([built.status, built.stderr]).toEqual([0, ""]);
  expect(existsSync(join(folder, "runner"))).toBe(true);
});

test("the host's side of the benchmarks builds", ({ skip }) => {
  skip(!hasCompiler, "there is no gcc");
  skip(process.platform !== "linux", "it measures Linux");
  const source = `${rootPath}bench/native/host.c`;
  const flags = ["-O2", "-Wall", "-Wextra", "-Werror"];
  const built = spawnSync(compiler, [...flags, "-o", join(folder, "host"), source], {
    encoding: "utf8",
  });
  expect([built.status, built.stderr]).toEqual([0, ""]);
});
