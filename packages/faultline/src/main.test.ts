import { afterEach, describe, expect, test, vi } from "vitest";
import type { CommandIo } from "./command-io.ts";
import { main } from "./main.ts";
import { CapturedIo } from "./testing/captured-io.ts";

/** Runs a command line with captured streams. */
async function run(
  argv: string[],
  overrides: Partial<CommandIo> = {},
): Promise<{ code: number; out: string; err: string }> {
  const io = new CapturedIo();
  const code = await main(argv, Object.assign(io, overrides));
  return { code, out: io.out, err: io.err };
}

describe("main", () => {
  test("prints the version", async () => {
    expect(await run(["--version"])).toEqual({ code: 0, out: "0.1.0\n", err: "" });
  });

  test("--help lists the commands and exit codes on stdout", async () => {
    const { code, out, err } = await run(["--help"]);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain("completion <shell>");
    expect(out).toContain("Exit codes: 0 ok, 1 expectation failed, 2 bad input, 3 our bug.");
  });

  test("the help of every command ends with examples", async () => {
    const { out } = await run(["--help"]);
    const names = [...out.matchAll(/^ {2}([a-z]+) .*/gm)].map((match) => match[1] ?? "");
    const commands = names.filter((name) => name !== "help");
    expect(commands.length).toBeGreaterThan(0);
    for (const name of commands) {
      const help = await run([name, "--help"]);
      expect([help.code, help.out], name).toEqual([0, expect.stringContaining("\nExamples:\n")]);
    }
  });

  test("nothing at all is bad input and shows the help on stderr", async () => {
    const { code, out, err } = await run([]);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain("Usage: faultline");
  });

  test("an unknown command or option is bad input, with a suggestion", async () => {
    const command = await run(["complton"]);
    expect([command.code, command.out]).toEqual([2, ""]);
    expect(command.err).toBe(
      "<command line>: error E_OPTION_INVALID: unknown command 'complton'\n" +
        "(Did you mean completion?)\n" +
        "  hint: --help after a command shows its arguments and examples\n",
    );
    expect((await run(["completion", "bash", "--nope"])).code).toBe(2);
  });

  test("with --json a mistake in the command line is also one JSON value on stdout", async () => {
    const { code, out } = await run(["completion", "bash", "--nope", "--json"]);
    expect(code).toBe(2);
    expect(JSON.parse(out)).toEqual({
      diagnostics: [
        {
          code: "E_OPTION_INVALID",
          severity: "error",
          message: expect.stringContaining("unknown option"),
          file: "<command line>",
        },
      ],
    });
  });
});

describe("a bug of ours", () => {
  const broken: Partial<CommandIo> = {
    writeOut: () => {
      throw new RangeError("the sky\nfell");
    },
  };

  test("exits with 3 and one paragraph without a stack", async () => {
    const { code, err } = await run(["completion", "--help", "it's"], broken);
    expect(code).toBe(3);
    expect(err).toContain("faultline: internal error: RangeError: the sky fell\n");
    expect(err).toContain(String.raw`  faultline completion --help 'it'\''s'`);
    expect(err).not.toContain("    at ");
  });

  test("shows the stack with --debug", async () => {
    const { code, err } = await run(["--debug", "completion", "--help"], broken);
    expect(code).toBe(3);
    expect(err).toContain("    at ");
  });
});

describe("completion", () => {
  afterEach(() => void vi.restoreAllMocks());

  test.each(["bash", "zsh", "fish", "powershell"])("prints a script for %s", async (shell) => {
    const log = vi.spyOn(console, "log").mockReturnValue();
    expect((await run(["completion", shell])).code).toBe(0);
    expect(log.mock.calls.join("\n")).toContain("faultline");
  });

  test("rejects a shell it does not know and lists those it does", async () => {
    const { code, err } = await run(["completion", "tcsh"]);
    expect(code).toBe(2);
    expect(err).toContain("Allowed choices are zsh, bash, fish, powershell");
  });
});
