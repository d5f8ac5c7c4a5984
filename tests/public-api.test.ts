// Every public export is documented: a user reads what it is where the editor shows it.
import { describe, expect, test } from "vitest";
import { publicExports } from "./support/public-api.ts";

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
