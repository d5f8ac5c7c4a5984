import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import type { CommandContext } from "../command-context.ts";
import { addCompareCommand } from "../commands/compare.ts";
import { addRunCommand } from "../commands/run.ts";
import { type Ran, runCommand } from "../testing/run-command.ts";

const SCENARIO = `version: 1
title: A GPU reads what a process has written
machine: { devices: [{ name: gpu0 }] }
steps:
  - { do: mmap, name: heap, pages: 4 }
  - { do: write, at: heap }
  - { do: device_read, device: gpu0, at: heap }
`;

function run(...argv: string[]): Promise<Ran> {
  const add = (program: Command, context: CommandContext): void => {
    addRunCommand(program, context);
    addCompareCommand(program, context);
  };
  return runCommand(add, argv, { "s.yaml": SCENARIO });
}

const RUN = ["run", "s.yaml", "--profile", "intel-xe-svm-nothp", "--uncertainty=5"];
const COMPARE = ["compare", "s.yaml", "--profiles", "host-cpu,nic-mlx5-odp", "--uncertainty=5"];

describe("--uncertainty", () => {
  test.each([RUN, COMPARE])("of %s gives the same bytes with the same seed", async (...argv) => {
    for (const more of [[], ["--json"], ["--seed", "7"]]) {
      const [first, second] = [await run(...argv, ...more), await run(...argv, ...more)];
      expect([first.code, first.err, first.out]).toEqual([0, "", second.out]);
    }
    expect((await run(...argv)).out).not.toBe((await run(...argv, "--seed", "7")).out);
  });

  test("needs prices to draw", async () => {
    const { code, out, err } = await run("run", "s.yaml", "--uncertainty=5");
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(
      "E_OPTION_INVALID: --uncertainty without prices: s.yaml names no profile",
    );
  });

  test.each(["1", "0", "-3", "2.5", "many"])("takes no number of samples such as %s", async (n) => {
    expect((await run("run", "s.yaml", `--uncertainty=${n}`)).code).toBe(2);
  });
});
