import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadP2pFiles, P2P_RECORDING } from "@faultline/conformance";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Ran, runCommand } from "../testing/run-command.ts";
import { addConformanceP2p } from "./conformance-p2p.ts";

const folder = mkdtempSync(join(tmpdir(), "faultline-"));
const machinesPath = join(folder, "machines.jsonl");
const answersPath = join(folder, "answers.jsonl");
const wrongPath = join(folder, "wrong.jsonl");
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(() => {
  const { answered } = loadP2pFiles(P2P_RECORDING.machinesPath, P2P_RECORDING.answersPath);
  const [first, second] = answered;
  if (first === undefined || second === undefined) throw new Error("the recording is empty");
  const lines = (...values: readonly object[]): string =>
    values.map((value) => `${JSON.stringify(value)}\n`).join("");
  writeFileSync(machinesPath, lines(first.machine, second.machine));
  writeFileSync(answersPath, lines(first.answers, second.answers));
  const many = [{ p: second.answers.many[0]?.p, set: 0, n: 9, d: 9 }];
  writeFileSync(wrongPath, lines(first.answers, { ...second.answers, many }));
});

function run(...argv: string[]): Promise<Ran> {
  return runCommand(addConformanceP2p, ["p2p", ...argv]);
}

describe("faultline conformance p2p", () => {
  test("is content when every answer agrees, and ends with the counts", async () => {
    const { code, out, err } = await run(machinesPath, answersPath);
    expect([code, err]).toEqual([0, ""]);
    expect(out.trimEnd().split("\n").at(-1)).toBe("2 passed, 0 failed");
  });

  test("prints the first difference of a failing machine", async () => {
    const { code, out } = await run(machinesPath, wrongPath);
    expect(code).toBe(1);
    expect(out).toMatch(/^\S+ many of \S+ for set 0: expected \{"n":9,"d":9\}, got /m);
    expect(out.trimEnd().split("\n").at(-1)).toBe("1 passed, 1 failed");
  });

  test("--json prints totals and first differences", async () => {
    const { code, out } = await run(machinesPath, wrongPath, "--json");
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      passed: 1,
      failed: 1,
      questions: { many: { failed: 1 }, acs: { failed: 0 } },
      failures: [{ question: "many" }],
    });
  });

  test("a missing file is bad input, in text and as JSON", async () => {
    const { code, out, err } = await run(machinesPath, join(folder, "none.jsonl"), "--json");
    expect(code).toBe(2);
    expect(err).toContain("error E_CONFORMANCE_FILE: ");
    expect(JSON.parse(out)).toMatchObject({ diagnostics: [{ code: "E_CONFORMANCE_FILE" }] });
  });
});
