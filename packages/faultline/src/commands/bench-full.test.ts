import { describe, expect, test } from "vitest";
import { type Ran, runCommand } from "../testing/run-command.ts";
import { MATRIX_NOISES } from "../matrix/matrix-cell.ts";
import { addBenchCommand } from "./bench.ts";

const ONE = ["--profiles", "intel-xe-svm-thp", "--accesses", "write", "--sizes", "4KiB"];

function run(argv: readonly string[], files: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return runCommand(addBenchCommand, ["bench", "full", ...argv], files);
}

interface Cell {
  readonly noise: string;
  readonly place: string;
  readonly result: string;
  readonly nrFaults: number;
  readonly nrAccesses: number;
  readonly p99Ps: number | null;
  readonly perAccessPs: number | null;
  readonly nrNoises: number;
  readonly note: string | null;
}

function cellsOf({ writtenBytes }: Ran): Cell[] {
  const text = new TextDecoder().decode(writtenBytes.get("out.jsonl"));
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Cell);
}

describe("faultline bench full", () => {
  test("has a hundred faults in every cell that can be, and says why others cannot", async () => {
    const noises = ["--noises", "fork-cow,thp-split"];
    const argv = [...ONE, ...noises, "--places", "local", "-o", "out.jsonl"];
    const ran = await run(argv);
    expect([ran.code, ran.written.size]).toEqual([0, 0]);
    const cells = cellsOf(ran);
    expect(cells.length).toBe(2);
    for (const { noise, place, result, nrFaults, nrAccesses, note, p99Ps } of cells) {
      if (noise === "thp-split") {
        expect([result, p99Ps]).toEqual(["not done", null]);
        expect(note).toMatch(/no huge page/);
      } else {
        expect([noise, place, result, note]).toEqual([noise, place, "ok", null]);
        expect(nrFaults).toBeGreaterThanOrEqual(nrAccesses);
        expect(p99Ps).toBeGreaterThan(0);
      }
    }
    const forks = cells.find(({ noise, place }) => noise === "fork-cow" && place === "local");
    expect(forks?.nrNoises).toBeGreaterThan(0);
  });

  test("has memory where it is to be, and every noise beside it", async () => {
    const noises = MATRIX_NOISES.filter((noise) => !noise.startsWith("thp"));
    const argv = [...ONE, "--noises", noises.join(), "--places", "ram,local"];
    const cells = cellsOf(await run([...argv, "-o", "out.jsonl"]));
    expect(cells.length).toBe(2 * noises.length);
    for (const { noise, place, nrNoises } of cells) {
      expect([noise, place, nrNoises > 0]).toEqual([noise, place, noise !== "quiet"]);
    }
    const [inRam, local] = cells.filter(({ noise }) => noise === "quiet");
    // One fault for each access, and nothing to move.
    expect(local?.nrFaults).toBe(local?.nrAccesses);
    expect(local?.perAccessPs).toBeLessThan(0.7 * (inRam?.perAccessPs ?? 0));
  });

  test("goes on where a run that was stopped had come to", async () => {
    const argv = [...ONE, "--noises", "quiet,munmap", "--places", "absent", "-o", "out.jsonl"];
    const whole = await run(argv);
    const lines = new TextDecoder().decode(whole.writtenBytes.get("out.jsonl")).split("\n");
    const first = JSON.stringify({ ...(JSON.parse(lines[0] ?? "") as Cell), nrFaults: 12345 });
    const kept = { "out.jsonl.partial.jsonl": `${first}\n{"bench":"fu` };
    const rest = cellsOf(await run(argv, kept));
    expect(rest.map(({ nrFaults }) => nrFaults)).toEqual([12345, cellsOf(whole)[1]?.nrFaults]);
  });

  test("prints a table for each access and size, and the reasons below it", async () => {
    const { out } = await run([...ONE, "--noises", "quiet,thp-split", "--places", "absent"]);
    expect(out).toMatch(/^quiet +[\d.]+ us$/m);
    expect(out).toMatch(/^- thp-split absent: there is no huge page/m);
  });

  test("--html writes a heat map: a shade for each number, a reason for none", async () => {
    const argv = [...ONE, "--noises", "quiet,thp-split", "--places", "absent,ram"];
    const { code, out, written } = await run([...argv, "--html", "all.html"]);
    const page = written.get("all.html") ?? "";
    expect([code, out]).toEqual([0, ""]);
    expect(page.match(/fill-opacity:0\.\d+;stroke:none/g)?.length).toBe(4);
    const shades = [...page.matchAll(/fill-opacity:(0\.\d+);stroke:none/g)].map(([, one]) => one);
    expect(new Set(shades)).toEqual(new Set(["0.06", "0.62"]));
    expect(page.match(/>–<\/text>/g)?.length).toBe(4);
    expect(page).toMatch(/<li>thp-split write absent, thp-split write ram: there is no huge page/);
    expect(page).toMatch(/<title>quiet, write ram: 512 faults, 512 accesses; p50 [\d.]+ us, p90 /);
    const titles = page.match(/4KiB: (median of a fault|all faults of an access)/g);
    expect(new Set(titles).size).toBe(2);
  });

  test("--html without --full says that only the matrix has heat maps", async () => {
    const argv = ["bench", "--profiles", "intel-xe-svm-thp", "--html", "all.html"];
    const { code, err, written } = await runCommand(addBenchCommand, argv);
    expect([code, written.size]).toEqual([2, 0]);
    expect(err).toMatch(/--html: error E_OPTION_INVALID: only the whole matrix has heat maps/);
  });

  test("is what bench --full runs, with the profiles that are given", async () => {
    const { code, err } = await runCommand(addBenchCommand, [
      "bench",
      "--full",
      "--profiles",
      "nobody",
    ]);
    expect([code, /unknown profile: nobody/.test(err)]).toEqual([2, true]);
  });
});
