import { describe, expect, test } from "vitest";
import { type Ran, runCommand } from "../testing/run-command.ts";
import { addBenchCommand } from "./bench.ts";

function run(...argv: string[]): Promise<Ran> {
  return runCommand(addBenchCommand, ["bench", "designs", ...argv], {});
}

interface Cell {
  readonly design: string;
  readonly result: string;
  readonly meanPs: number;
  readonly copiedBytes: number;
  readonly peerCopiedBytes: number;
  readonly touchedBytes: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

async function cells(...argv: string[]): Promise<Map<string, Cell>> {
  const { code, out } = await run(...argv, "--rounds", "1", "--json");
  expect(code).toBe(0);
  return new Map((JSON.parse(out) as { cells: Cell[] }).cells.map((one) => [one.design, one]));
}

const BUFFER = 2 * 2 ** 20;
const ROUNDS = 2;

function touched(cell: Cell | undefined, device: string, way: string): number {
  return cell?.touchedBytes[device]?.[way] ?? 0;
}

describe("faultline bench designs", () => {
  test("xe copies from card to card within an owner, else over system memory", async () => {
    const found = await cells("--machines", "xe", "--drivers", "vendor");
    const alone = found.get("same-owner");
    const group = found.get("owner-groups");
    expect([alone?.result, group?.result]).toEqual(["ok", "ok"]);
    expect(alone?.peerCopiedBytes).toBe(0);
    expect(group?.peerCopiedBytes).toBe(ROUNDS * BUFFER);
    expect(group?.copiedBytes).toBeLessThan(alone?.copiedBytes ?? 0);
    expect(group?.meanPs).toBeLessThan(alone?.meanPs ?? 0);
  });

  test("only the op changes what the NIC does: its driver has no owner", async () => {
    const found = await cells("--machines", "xe", "--drivers", "vendor");
    for (const [design, cell] of found) {
      const way = design === "p2p-op" ? "host-bridge" : "system";
      expect([design, touched(cell, "nic0", way)]).toEqual([design, ROUNDS * BUFFER]);
    }
  });

  test("a driver that uses pages in place reads over the link where it may", async () => {
    const found = await cells("--machines", "mi300x", "--drivers", "ideal");
    const byLink = (design: string): number => {
      return touched(found.get(design), "gpu1", "interconnect");
    };
    // Once after the producer has pulled the buffer; then the NIC has taken it to system memory.
    expect(["owner-groups", "p2p-allow"].map(byLink)).toEqual([BUFFER, BUFFER]);
    expect(["same-owner", "p2p-op"].map(byLink)).toEqual([0, 0]);
    expect(touched(found.get("p2p-op"), "gpu1", "host-bridge")).toBe(ROUNDS * BUFFER);
  });

  test("prints a row for each design, in text and in Markdown", async () => {
    const one = ["--machines", "xe", "--drivers", "vendor", "--designs", "p2p-op", "--rounds", "2"];
    expect((await run(...one)).out).toMatch(/^p2p-op +[\d.]+ ms +- +- +3 +3 +3 /m);
    expect((await run(...one, "--markdown")).out).toMatch(/^\| p2p-op \| [\d.]+ ms \| - \|/m);
    expect((await run(...one, "--scenario")).out).toMatch(/^ {2}preset: p2p-op$/m);
  });
});
