import { diagnosticAt, SourceText } from "@faultline/diagnostics";
import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import type { CommandContext } from "../command-context.ts";
import type { ScenarioFunctions } from "../scenario-functions.ts";
import { type Ran, runCommand } from "../testing/run-command.ts";
import { addCheckCommand } from "./check.ts";
import { addRunCommand } from "./run.ts";
import { addSchemaCommand } from "./schema.ts";

/** A language of three words: `good` runs, `fail` misses its expectation, `odd` earns a warning. */
const threeWords: ScenarioFunctions<string, string> = {
  loadScenario: (text, fileName, overrides) => {
    const source = new SourceText(fileName, text);
    const word = text.trim();
    const plan = [word, JSON.stringify(overrides)].join(" ");
    if (word === "odd") {
      const severity = "warning";
      return {
        plan,
        diagnostics: [diagnosticAt(source, 0, 3, "E_VALUE_RANGE", "odd: odd", { severity })],
      };
    }
    if (word === "good" || word === "fail") return { plan, diagnostics: [] };
    const message = `unknown word: ${word}`;
    return { diagnostics: [diagnosticAt(source, 0, word.length, "E_NAME_UNKNOWN", message)] };
  },
  runScenario: (plan) => `ran ${plan}`,
  meetsExpectations: (result) => !result.includes("fail"),
  formatResult: (result) => `${result}\n`,
  resultToJson: (result) => ({ text: result }),
  scenarioJsonSchema: () => ({ type: "string" }),
};

const files = { good: "good\n", fail: "fail\n", odd: "odd\n", bad: "bda\n" };

function run(...argv: string[]): Promise<Ran> {
  const add = (program: Command, context: CommandContext): void => {
    addRunCommand(program, context, threeWords);
    addCheckCommand(program, context, threeWords);
    addSchemaCommand(program, context, threeWords);
  };
  return runCommand(add, argv, files);
}

describe("faultline run", () => {
  test("prints the result of each file in order", async () => {
    const { code, out, err } = await run("run", "good", "odd");
    expect([code, out]).toEqual([0, "ran good {}\nran odd {}\n"]);
    expect(err).toContain("odd:1:1 warning E_VALUE_RANGE: odd: odd\n");
  });

  test("hands the overrides of the command line to the scenario", async () => {
    const { out } = await run("run", "good", "--kernel", "k", "--seed", "7", "--set", "a=1", "b=2");
    expect(out).toBe('ran good {"kernel":"k","seed":7,"set":["a=1","b=2"]}\n');
  });

  test("exits with 1 when an expectation is not met", async () => {
    expect((await run("run", "good", "fail")).code).toBe(1);
  });

  test("runs nothing when any file has an error, and shows all of them", async () => {
    const { code, out, err } = await run("run", "good", "bad", "missing");
    expect([code, out]).toEqual([2, ""]);
    expect(err).toBe(
      [
        "bad:1:1 error E_NAME_UNKNOWN: unknown word: bda",
        "  1 | bda",
        "    | ^^^",
        "",
        "missing: error E_FILE_NOT_FOUND: no such file",
        "",
        "2 errors",
        "",
      ].join("\n"),
    );
  });

  test("--json prints one value with every result and every warning", async () => {
    const { code, out } = await run("run", "--json", "odd", "fail");
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      results: [
        { file: "odd", result: { text: "ran odd {}" } },
        { file: "fail", result: { text: "ran fail {}" } },
      ],
      diagnostics: [{ code: "E_VALUE_RANGE", severity: "warning", file: "odd", line: 1 }],
    });
  });

  test("--json prints the diagnostics alone when nothing could run", async () => {
    const { code, out } = await run("run", "--json", "bad");
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ diagnostics: [{ code: "E_NAME_UNKNOWN" }] });
  });

  test("wants at least one file, and a seed that is a number", async () => {
    expect((await run("run")).code).toBe(2);
    expect((await run("run", "good", "--seed", "x")).code).toBe(2);
    expect((await run("run", "good", "--seed", "4294967296")).code).toBe(2);
  });
});

describe("faultline check", () => {
  test("says so when there are no problems", async () => {
    expect(await run("check", "good")).toEqual({ code: 0, out: "", err: "1 file, no problems\n" });
  });

  test("a warning alone is not bad input", async () => {
    expect((await run("check", "odd")).code).toBe(0);
  });

  test("reports problems of every file, in text and as JSON", async () => {
    const { code, out, err } = await run("check", "--json", "bad", "odd");
    expect(code).toBe(2);
    expect(err).toContain("1 error, 1 warning\n");
    expect(JSON.parse(out)).toMatchObject({
      diagnostics: [{ file: "bad" }, { file: "odd", severity: "warning" }],
    });
  });
});

describe("faultline schema", () => {
  test("prints the schema of a scenario", async () => {
    const { code, out } = await run("schema", "scenario");
    expect([code, JSON.parse(out)]).toEqual([0, { type: "string" }]);
  });

  test("knows no other kind", async () => {
    expect((await run("schema", "banana")).code).toBe(2);
  });
});
