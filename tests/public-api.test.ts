// Every public export is documented: a user reads what it is where the editor shows it. A change of
// what the library exports is a visible change of etc/faultline.api.md.
import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { publicExports } from "./support/public-api.ts";
import { rootPath } from "./support/source-files.ts";

const packages = [
  "core",
  "engine",
  "stacks",
  "diagnostics",
  "profiles",
  "sim",
  "platform",
  "report",
  "scenario",
  "conformance",
];

describe.each(packages)("@faultline/%s", (name) => {
  const all = publicExports(name);

  test("exports something", () => {
    expect(all.length).toBeGreaterThan(0);
  });

  test("documents every export", () => {
    const found = all
      .filter(({ isDocumented }) => !isDocumented)
      .map((one) => `${one.path}:${one.line} ${one.name}`);
    expect(found).toEqual([]);
  });
});

describe("the library", () => {
  test("exports all of etc/faultline.api.md, and all types in it; else: npm run docs:api-report", {
    timeout: 120_000,
  }, () => {
    const script = `${rootPath}scripts/api-report.mjs`;
    const { status, stderr } = spawnSync(process.execPath, [script, "--check"], {
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    expect(status).toBe(0);
  });

  test("loses no export of a package because another has one of the same name", async () => {
    const library = (await import("faultline")) as Record<string, unknown>;
    const modules = packages
      .filter((name) => name !== "conformance")
      .map((name) => import(`../packages/${name}/src/index.ts`));
    const all = (await Promise.all(modules)) as Record<string, unknown>[];
    const lost = all.flatMap((one) => Object.keys(one).filter((name) => !(name in library)));
    expect(lost).toEqual([]);
    expect(Object.keys(library).length).toBeGreaterThan(500);
  });
});
