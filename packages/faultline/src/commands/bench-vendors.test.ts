import { shippedProfileYaml } from "@faultline/profiles";
import { describe, expect, test } from "vitest";
import { type Ran, runCommand } from "../testing/run-command.ts";
import { addBenchCommand } from "./bench.ts";
import { addRunCommand } from "./run.ts";

function run(...argv: string[]): Promise<Ran> {
  return runCommand(addBenchCommand, ["bench", ...argv], {});
}

const XE = ["--profiles", "intel-xe-svm-thp"];
const ONE = [...XE, "--sizes", "4KiB", "--places", "driver"];

interface Cell {
  readonly noise: string;
  readonly nrFaults: number;
  readonly nrNoises: number;
  readonly slowdown: number | null;
  readonly result: string;
  readonly notDone?: string;
  readonly digest: string;
}

async function cells(...argv: string[]): Promise<Cell[]> {
  const { code, out } = await run(...argv, "--json");
  expect(code).toBe(0);
  return (JSON.parse(out) as { cells: Cell[] }).cells;
}

describe("faultline bench", () => {
  test("in quiet has a fault for each mapping, and under forks many more", async () => {
    const [quiet, fork] = await cells(...ONE, "--noises", "fork");
    expect(quiet).toMatchObject({ noise: "quiet", result: "ok", nrFaults: 64, slowdown: 1 });
    expect(fork?.nrFaults).toBeGreaterThan(64 * (fork?.nrNoises ?? 0));
    expect(fork?.slowdown).toBeGreaterThan(2);
  });

  test("leaves a program alone whose memory khugepaged cannot collapse", async () => {
    const [quiet, thp] = await cells(...ONE, "--noises", "thp");
    expect([thp?.nrFaults, thp?.slowdown]).toEqual([quiet?.nrFaults, 1]);
  });

  test("forks that are rarer cost less", async () => {
    const slowdowns = await Promise.all(
      ["5ms", "20ms", "80ms"].map(async (every) => {
        const [, fork] = await cells(...ONE, "--noises", "fork", "--every", every);
        return fork?.slowdown ?? 0;
      }),
    );
    expect(slowdowns).toEqual(slowdowns.toSorted((a, b) => b - a));
  });

  test("says why a cell cannot be", async () => {
    const gh200 = ["--profiles", "nv-gh200-ats-4k", "--sizes", "4KiB", "--places", "ram"];
    expect((await cells(...gh200, "--noises", "fork"))[0]?.notDone).toMatch(/page tables/);
    const { out } = await run(...gh200, "--noises", "fork");
    expect(out).toMatch(/^- nv-gh200-ats-4k: /m);
  });

  test("prints a row for each profile, in text and in Markdown", async () => {
    const text = (await run(...ONE, "--noises", "fork")).out;
    expect(text).toMatch(/^intel-xe-svm-thp( +[\d.]+ us){4} +×[\d.]+$/m);
    expect(text).toMatch(/^intel-xe-svm-thp +[a-z_]+ \d+% +[a-z_]+ \d+% +[\d.]+$/m);
    const markdown = (await run(...ONE, "--noises", "fork", "--markdown")).out;
    expect(markdown).toMatch(/^\| intel-xe-svm-thp \| [\d.]+ us \|/m);
  });

  test("the scenario that it prints gives the digest of its cell", async () => {
    const which = [...ONE, "--noises", "numa"];
    const { out: scenario } = await run(...which, "--scenario");
    const [, cell] = await cells(...which);
    const { code, out } = await runCommand(addRunCommand, ["run", "cell.yaml"], {
      "cell.yaml": scenario,
    });
    expect(code).toBe(0);
    expect(out).toContain(`digest ${cell?.digest}`);
  });

  test("takes a profile of one's own", async () => {
    const text = (shippedProfileYaml("intel-xe-svm-thp") ?? "").replace(/^id: .*$/m, "id: my-own");
    const argv = [
      "bench",
      "--profiles",
      "my.yaml",
      "--sizes",
      "4KiB",
      "--noises",
      "quiet",
      "--json",
    ];
    const { code, out } = await runCommand(addBenchCommand, argv, { "my.yaml": text });
    expect(code).toBe(0);
    const own = (JSON.parse(out) as { cells: Cell[] }).cells;
    const shipped = await cells(
      "--profiles",
      "intel-xe-svm-thp",
      "--sizes",
      "4KiB",
      "--noises",
      "quiet",
    );
    expect(own.map(({ digest }) => digest)).toEqual(shipped.map(({ digest }) => digest));
  });

  test.each([
    [["--sizes", "8KiB"], /4KiB, 2MiB/],
    [["--noises", "rain"], /quiet, fork, thp, numa/],
    [["--every", "often"], /ns, us, ms or s/],
    [["--profiles", "nobody"], /unknown profile: nobody/],
  ])("refuses %s", async (argv, message) => {
    const { code, err } = await run(...argv);
    expect([code, message.test(err)]).toEqual([2, true]);
  });
});
