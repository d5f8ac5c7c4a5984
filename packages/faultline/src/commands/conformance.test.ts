import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KernelFactory, ProcessView } from "@faultline/conformance";
import type { Command } from "commander";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CommandContext } from "../command-context.ts";
import { type Ran, runCommand } from "../testing/run-command.ts";
import { addConformanceCommand } from "./conformance.ts";

const folder = mkdtempSync(join(tmpdir(), "faultline-"));
const casesPath = join(folder, "cases.jsonl");
const recordsPath = join(folder, "records.jsonl");
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(() => {
  const base = { cat: "directed", seed: 0, boot: "std", W: 8, numa: 0, thp: 0 };
  const ops = [
    ["open", 0, 0],
    ["close", 0, 0],
  ];
  const cases = ["one", "two"].map((id) => JSON.stringify({ id, ...base, ops }));
  writeFileSync(casesPath, `${cases.join("\n")}\n`);
  const res = [
    { r: 0, st: { 0: { v: [], pm: ".8", s0: "ff*8", c: "0*8" } } },
    { r: 0, st: { 0: { s0: null } } },
  ];
  const records = ["one", "two"].map((id) => JSON.stringify({ id, res }));
  writeFileSync(recordsPath, `${records.join("\n")}\n`);
});

/** A kernel that knows only how to open and close a device; in case `two` it closes badly. */
const createKernel: KernelFactory = ({ case: { id } }) => {
  let isOpen = false;
  return {
    execute: ({ name }) => {
      isOpen = name === "open";
      return { r: name === "close" && id === "two" ? 1 : 0 };
    },
    observe: (process): ProcessView | null =>
      process > 0
        ? null
        : {
            v: [],
            pm: "........",
            c: new Float64Array(8),
            snapshots: [isOpen ? new Uint8Array(8).fill(255) : null],
          },
  };
};

function run(...argv: string[]): Promise<Ran> {
  const add = (program: Command, context: CommandContext): void =>
    addConformanceCommand(program, context, createKernel);
  return runCommand(add, ["conformance", "hmm", ...argv]);
}

describe("faultline conformance hmm", () => {
  test("prints the first difference of a failing case and ends with the counts", async () => {
    const { code, out, err } = await run(casesPath, recordsPath);
    expect([code, err]).toEqual([1, ""]);
    expect(out).toContain("two op 1 ");
    expect(out.trimEnd().split("\n").at(-1)).toBe("1 passed, 1 failed");
  });

  test("is content when every chosen case agrees", async () => {
    const { code, out } = await run(casesPath, recordsPath, "--id", "one");
    expect(code).toBe(0);
    expect(out.trimEnd().split("\n").at(-1)).toBe("1 passed, 0 failed");
  });

  test("--json prints the totals by category and every first difference", async () => {
    const { code, out } = await run(casesPath, recordsPath, "--json");
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      preset: "7.2.12",
      passed: 1,
      failed: 1,
      categories: { directed: { passed: 1, failed: 1 } },
      failures: [{ caseId: "two", opIndex: 1, field: "r" }],
    });
  });

  test("a missing file is bad input, in text and as JSON", async () => {
    const { code, out, err } = await run(casesPath, join(folder, "none.jsonl"), "--json");
    expect(code).toBe(2);
    expect(err).toContain("error E_CONFORMANCE_FILE: ");
    expect(JSON.parse(out)).toMatchObject({ diagnostics: [{ code: "E_CONFORMANCE_FILE" }] });
  });

  test("a warning is shown and stops nothing, in text and as JSON", async () => {
    const commented = join(folder, "commented.jsonl");
    const lines = readFileSync(casesPath, "utf8").replaceAll('"cat"', '"comment":"","cat"');
    writeFileSync(commented, lines);
    const text = await run(commented, recordsPath, "--id", "one");
    expect(text.code).toBe(0);
    expect(text.err).toContain("a case has no field `comment`; it is ignored");
    expect(text.out.trimEnd().split("\n").at(-1)).toBe("1 passed, 0 failed");
    const json = await run(commented, recordsPath, "--json");
    expect(json.code).toBe(1);
    expect(json.err).toContain("warning E_CONFORMANCE_CASE: ");
    expect(JSON.parse(json.out)).toMatchObject({ passed: 1, failed: 1 });
  });

  test("an error beside a warning stops the replay, and both are shown", async () => {
    const broken = join(folder, "broken.jsonl");
    const lines = readFileSync(casesPath, "utf8").replaceAll('"cat"', '"comment":"","cat"');
    writeFileSync(broken, `${lines}{\n`);
    const { code, out, err } = await run(broken, recordsPath);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain("warning E_CONFORMANCE_CASE: ");
    expect(err).toContain("error E_CONFORMANCE_SYNTAX: ");
  });

  test("a filter that selects nothing is bad input with a hint", async () => {
    const { code, out, err } = await run(casesPath, recordsPath, "--category", "direct");
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain("error E_OPTION_INVALID: unknown category: direct\n");
    expect(err).toContain("hint: categories with a record are directed; did you mean directed?");
  });

  test("an unknown kernel or a count that is none is bad input", async () => {
    expect((await run(casesPath, recordsPath, "--kernel", "6.0")).code).toBe(2);
    expect((await run(casesPath, recordsPath, "--limit", "-1")).code).toBe(2);
  });
});
