// The tidy tests look for offences; these tests show that they would find them.
import { describe, expect, test } from "vitest";
import { findCycles } from "./support/import-graph.ts";
import { ownPackage, packageName } from "./support/package-rules.ts";
import { functionsOf, functionsTagged, importsOf, stringsLike, usesOf } from "./support/syntax.ts";

let nrSamples = 0;
function sample(...lines: string[]): { path: string; text: string } {
  nrSamples += 1;
  return { path: `sample-${nrSamples}.ts`, text: lines.join("\n") };
}

describe("importsOf", () => {
  test("finds static, type-only, dynamic imports and re-exports", () => {
    const file = sample(
      'import { a } from "one";',
      'import type { b } from "two";',
      'import { type c, type d } from "three";',
      'export * from "four";',
      'const e = await import("five");',
      'import "six";',
    );
    expect(importsOf(file)).toEqual([
      { specifier: "one", line: 1, isTypeOnly: false },
      { specifier: "two", line: 2, isTypeOnly: true },
      { specifier: "three", line: 3, isTypeOnly: true },
      { specifier: "four", line: 4, isTypeOnly: false },
      { specifier: "five", line: 5, isTypeOnly: false },
      { specifier: "six", line: 6, isTypeOnly: false },
    ]);
  });
});

describe("functionsOf", () => {
  test("measures declarations, arrows and methods, and knows the body of a suite", () => {
    const file = sample(
      "function f() {",
      "}",
      "const g = () => {",
      "  return 1;",
      "};",
      "class C { m() {} }",
      'describe("x", () => {});',
    );
    expect(functionsOf(file)).toEqual([
      { name: "f", line: 1, nrLines: 2, isSuite: false },
      { name: "g", line: 3, nrLines: 3, isSuite: false },
      { name: "m", line: 6, nrLines: 1, isSuite: false },
      { name: "(anonymous)", line: 7, nrLines: 1, isSuite: true },
    ]);
  });
});

describe("usesOf", () => {
  test("finds calls of a global and of its members, not properties of the same name", () => {
    const names = new Set(["Math.random", "Date", "process"]);
    const file = sample(
      "const x = Math.random();",
      "const y = new Date();",
      "const z = world.process;",
      "interface P { process: number }",
      "const w = { process: 1 };",
      "process.exit();",
    );
    expect(usesOf(file, names)).toEqual([
      { text: "Math.random", line: 1 },
      { text: "Date", line: 2 },
      { text: "process", line: 6 },
    ]);
  });

  test("a parameter or a variable of the same name is not the global", () => {
    const file = sample(
      "function f(process: string, { Date: d }: X) { return process + d; }",
      "const g = ({ process }: X) => ({ process });",
      "for (const process of all) use(process);",
      "export const h = { process };",
    );
    expect(usesOf(file, new Set(["process"]))).toEqual([{ text: "process", line: 4 }]);
  });
});

describe("functionsTagged", () => {
  test("gives the documented function of a tag, also a method", () => {
    const file = sample(
      "/** @kernel mm/hmm.c hmm_range_fault (v7.2) */",
      "export function hmmRangeFault() {}",
      "/** Something else. */",
      "export function other() {}",
    );
    expect(functionsTagged(file, "@kernel").map(({ name, line }) => [name, line])).toEqual([
      ["hmmRangeFault", 1],
    ]);
  });
});

describe("stringsLike", () => {
  test("finds whole literals, not parts of others", () => {
    const file = sample('const a = "E_ONE";', 'const b = "not E_TWO";', "const c = `E_THREE`;");
    expect(stringsLike(file, /^E_[A-Z_]+$/)).toEqual([
      { text: "E_ONE", line: 1 },
      { text: "E_THREE", line: 3 },
    ]);
  });
});

describe("findCycles", () => {
  test("finds a cycle through several files and none in a diamond", () => {
    const cycle = new Map([
      ["a", ["b"]],
      ["b", ["c"]],
      ["c", ["b"]],
    ]);
    expect(findCycles(cycle)).toEqual([["b", "c", "b"]]);
    const diamond = new Map([
      ["a", ["b", "c"]],
      ["b", ["d"]],
      ["c", ["d"]],
    ]);
    expect(findCycles(diamond)).toEqual([]);
  });
});

describe("names", () => {
  test("a specifier is split into its package and the path inside", () => {
    expect([packageName("@a/b/c"), packageName("a/b"), packageName("a")]).toEqual([
      "@a/b",
      "a",
      "a",
    ]);
    expect([ownPackage("@faultline/core"), ownPackage("faultline"), ownPackage("zod")]).toEqual([
      "core",
      "faultline",
      null,
    ]);
  });
});
