import { describe, expect, test } from "vitest";
import { type Ran, runCommand } from "../testing/run-command.ts";
import { addBenchCommand } from "./bench.ts";

function run(...argv: string[]): Promise<Ran> {
  return runCommand(addBenchCommand, ["bench", "rdma", ...argv], {});
}

interface Cell {
  readonly place: string;
  readonly design: string;
  readonly result: string;
  readonly firstPs: number;
  readonly p50Ps: number | null;
  readonly p99Ps: number | null;
  readonly faults: Readonly<Record<string, { readonly nrFaults: number }>>;
  readonly copiedBytes: number;
  readonly touchedBytes: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly migratesBecause: string | null;
  readonly notDone?: string;
}

const XE = ["--profiles", "intel-xe-svm-thp"];
const ROUNDS = 2;
const SHORT = [...XE, "--sizes", "2MiB", "--rounds", String(ROUNDS)];
const MIB = 2 ** 20;
/** Two accesses of the NIC in every round, to 2 MiB each. */
const NIC_BYTES = (ROUNDS + 1) * 2 * 2 * MIB;

async function cells(...argv: string[]): Promise<Map<string, Cell>> {
  const { code, out } = await run(...argv, "--json");
  expect(code).toBe(0);
  const all = (JSON.parse(out) as { cells: Cell[] }).cells;
  return new Map(all.map((cell) => [`${cell.place} ${cell.design}`, cell]));
}

function nrFaults(cell: Cell | undefined, device: string): number {
  return cell?.faults[device]?.nrFaults ?? 0;
}

function nicBytes(cell: Cell | undefined, way: string): number {
  return cell?.touchedBytes["nic0"]?.[way] ?? 0;
}

describe("faultline bench rdma", () => {
  test("in 7.2 moves the buffer to and fro in every round, whatever the machine", async () => {
    const found = await cells(...SHORT, "--designs", "7.2");
    for (const place of ["switch", "switch-acs", "root-ports", "sockets"]) {
      const cell = found.get(`${place} 7.2`);
      expect(cell?.result).toBe("ok");
      // The GPU's first write and its read of each round; the NIC's first access of each round.
      expect(nrFaults(cell, place === "sockets" ? "gpu1" : "gpu0")).toBe(ROUNDS + 2);
      expect(nrFaults(cell, "nic0")).toBe(ROUNDS + 1);
      expect(cell?.copiedBytes).toBe((2 * ROUNDS + 3) * 2 * MIB);
      expect(nicBytes(cell, "system")).toBe(NIC_BYTES);
    }
  });

  test("with the op for huge pages reaches the GPU as the machine allows", async () => {
    const found = await cells(...SHORT, "--designs", "v2-pmd,target-aware");
    for (const design of ["v2-pmd", "target-aware"]) {
      expect(nicBytes(found.get(`switch ${design}`), "bus-address")).toBe(NIC_BYTES);
      expect(nicBytes(found.get(`switch-acs ${design}`), "host-bridge")).toBe(NIC_BYTES);
      expect(nicBytes(found.get(`root-ports ${design}`), "host-bridge")).toBe(NIC_BYTES);
      expect(nicBytes(found.get(`sockets ${design}`), "system")).toBe(NIC_BYTES);
      expect(nrFaults(found.get(`switch ${design}`), "nic0")).toBe(1);
      expect(found.get(`switch ${design}`)?.copiedBytes).toBe(2 * MIB);
    }
  });

  test("says why pages migrate all the same", async () => {
    const found = await cells(...SHORT, "--machines", "switch,sockets");
    expect(found.get("switch 7.2")?.migratesBecause).toMatch(/no op/);
    expect(found.get("switch v2")?.migratesBecause).toMatch(/huge entry/);
    expect(found.get("switch v2-pmd")?.migratesBecause).toBeNull();
    expect(found.get("sockets v2-pmd")?.migratesBecause).toMatch(/cannot be mapped .*2f00/);
    expect(found.get("sockets target-aware")?.migratesBecause).toMatch(/no P2P page .*2f00/);
    const { out } = await run(...SHORT, "--machines", "switch", "--designs", "v2", "--details");
    expect(out).toMatch(/^\d\. one huge entry maps the pages/m);
  });

  test("as posted serves single pages, which is what UVM leaves of a huge one", async () => {
    const uvm = ["--profiles", "nv-hopper-x86-uvm", "--machines", "switch", "--designs", "v2"];
    const [cell] = (await cells(...uvm, "--sizes", "2MiB", "--rounds", "1")).values();
    expect(cell).toMatchObject({ migratesBecause: null, faults: { nic0: { nrFaults: 1 } } });
    const small = await cells(...XE, "--sizes", "64KiB", "--rounds", "1", "--designs", "v2");
    expect(small.get("switch v2")?.migratesBecause).toBeNull();
  });

  test("has no percentile of too few rounds", async () => {
    const one = [...XE, "--machines", "switch", "--designs", "v2-pmd", "--sizes", "64KiB"];
    const after = async (rounds: string): Promise<unknown[]> => {
      const [cell] = (await cells(...one, "--rounds", rounds)).values();
      return [cell?.p50Ps === null, cell?.p99Ps === null];
    };
    expect([await after("9"), await after("99"), await after("100")]).toEqual([
      [true, true],
      [false, true],
      [false, false],
    ]);
  });

  test("says which GPUs have nothing to convert", async () => {
    const few = ["--machines", "switch", "--designs", "7.2", "--sizes", "64KiB"];
    const { out } = await run("--profiles", "nv-gh200-ats-4k,nouveau", ...few);
    expect(out).toMatch(/^- nv-gh200-ats-4k: walks the CPUs' page tables/m);
    const nouveau = await cells("--profiles", "nouveau", ...few);
    expect(nouveau.get("switch 7.2")?.migratesBecause).toMatch(/where it is/);
  });

  test.each([
    [["--machines", "moon"], /switch, switch-acs, root-ports, sockets/],
    [["--rounds", "0"], /1 to 99999/],
    [["--profiles", "nobody"], /unknown profile: nobody/],
  ])("refuses %s", async (argv, message) => {
    const { code, err } = await run(...argv);
    expect([code, message.test(err)]).toEqual([2, true]);
  });
});
