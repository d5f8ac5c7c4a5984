// The built program, as `npm run bench` starts it; `npm test` has just built it.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const dist = fileURLToPath(new URL("../dist/cli/", import.meta.url));

function run(program: string, ...args: string[]) {
  const env = { ...process.env, NO_COLOR: "1" };
  return spawnSync(process.execPath, [`${dist}${program}.js`, ...args], { env, encoding: "utf8" });
}

const FIELDS = ["name", "unit", "value", "p99", "bytesPerPage", "hostNs", "hostRatio"];

describe("npm run bench", () => {
  test("--json prints one array of measurements with the documented fields", () => {
    const { status, stdout } = run("main", "--json", "--no-host", "--filter", "cow/reuse");
    expect(status).toBe(0);
    const measurements = JSON.parse(stdout) as Record<string, unknown>[];
    expect(measurements.map(({ name }) => name)).toEqual(["calibration/loop", "cow/reuse"]);
    for (const measurement of measurements) {
      expect(Object.keys(measurement).filter((field) => !FIELDS.includes(field))).toEqual([]);
      expect(measurement["unit"]).toMatch(/^ns\/(?:op|page)$/);
      expect(measurement["value"]).toBeGreaterThan(0);
      expect(measurement["p99"]).toBeGreaterThan(0);
    }
  });

  test.each([
    ["main", "--jsno"],
    ["main", "--filter=cows"],
    ["scale", "--gib=none"],
  ])("%s %s is bad input: a sentence, the usage, no stack trace", (program, argument) => {
    const { status, stdout, stderr } = run(program, argument);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^bench(?::scale)?: /);
    expect(stderr).toContain("usage: npm run bench");
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test.each(["main", "scale"])("%s --help explains itself", (program) => {
    const { status, stdout, stderr } = run(program, "--help");
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("usage: npm run bench");
  });
});
