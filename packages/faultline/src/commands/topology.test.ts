import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { type Ran, runCommand } from "../testing/run-command.ts";
import { addTopologyCommand } from "./topology.ts";

const folder = fileURLToPath(new URL("../../../../scenarios/machines/", import.meta.url));
const files = Object.fromEntries(
  readdirSync(folder).map((name) => [name, readFileSync(folder + name, "utf8")]),
);

function run(...argv: string[]): Promise<Ran> {
  return runCommand(addTopologyCommand, ["topology", ...argv], {
    ...files,
    "bad.yaml": "version: 1\ntitle: Bad\n",
  });
}

interface Shown {
  readonly pairs: readonly {
    readonly provider: string;
    readonly client: string;
    readonly type: string;
    readonly distance: number;
    readonly reason: string;
    readonly steps: readonly { readonly rule: string; readonly decided: boolean }[];
  }[];
}

async function pair(file: string, provider: string, client: string): Promise<Shown["pairs"][0]> {
  const { code, out, err } = await run(file, "--json");
  expect([code, err]).toEqual([0, ""]);
  const found = (JSON.parse(out) as Shown).pairs.find(
    (one) => one.provider === provider && one.client === client,
  );
  if (found === undefined) throw new Error(`${file} has no pair ${provider} ${client}`);
  return found;
}

describe("faultline topology", () => {
  test.each(Object.keys(files))("shows %s", async (file) => {
    const { code, out, err } = await run(file);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain("gpu0");
  });

  test.each([
    ["switch-box.yaml", "gpu0", "nic0", "BUS_ADDR", 4],
    ["switch-box-acs.yaml", "gpu0", "nic0", "THRU_HOST_BRIDGE", 4],
    ["two-root-ports.yaml", "gpu0", "gpu1", "THRU_HOST_BRIDGE", 4],
    ["two-sockets.yaml", "gpu0", "nic0", "THRU_HOST_BRIDGE", 4],
    ["two-sockets.yaml", "gpu0", "gpu1", "NOT_SUPPORTED", -1],
    ["gpu-nic-pair.yaml", "gpu0", "nic0", "BUS_ADDR", 4],
  ])("%s: %s for %s is %s", async (file, provider, client, type, distance) => {
    const found = await pair(file, provider, client);
    expect(found).toMatchObject({ type: `PCI_P2PDMA_MAP_${type}`, distance });
    expect(found.steps.map(({ decided }) => decided).indexOf(true)).toBe(found.steps.length - 1);
  });

  test("prints a matrix, and each pair once with what decided", async () => {
    const { out } = await run("gpu-nic-pair.yaml");
    expect(out.split("\n").slice(0, 5)).toEqual([
      "A GPU and a NIC on one switch",
      "",
      "      gpu0   nic0",
      "gpu0  bus 0  bus 4",
      "nic0  bus 4  bus 0",
    ]);
    expect(out).toContain(
      "gpu0, nic0: PCI_P2PDMA_MAP_BUS_ADDR, distance 4\n" +
        "  the pair meets at switch-up, and no port on the way redirects\n",
    );
  });

  test("says everything that stands in the way of a pair that is refused", async () => {
    const { reason } = await pair("two-sockets.yaml", "gpu1", "gpu0");
    expect(reason).toBe(
      "the pair has no bridge in common; GenuineIntel family 0x6; " +
        "host1 as 8086:2f00: in the list for pairs below the same host bridge only",
    );
  });

  test("--bridges shows ports and host bridges too", async () => {
    const { out } = await run("gpu-nic-pair.yaml", "--bridges");
    expect(out).toMatch(/^switch-up {2,}/m);
    expect(out).toMatch(/^bridge0 {2,}/m);
  });

  test("a bad machine or a missing file is bad input", async () => {
    const bad = await run("bad.yaml", "--json");
    expect(bad.code).toBe(2);
    expect(bad.err).toContain("error E_KEY_MISSING: missing key: cpu");
    expect(JSON.parse(bad.out)).toMatchObject({ diagnostics: [{ file: "bad.yaml" }, {}, {}] });
    const missing = await run("none.yaml");
    expect([missing.code, missing.out]).toEqual([2, ""]);
    expect(missing.err).toContain("none.yaml: error E_FILE_NOT_FOUND");
  });
});

interface ShownPaths {
  readonly paths: readonly {
    readonly provider: string;
    readonly client: string;
    readonly kind: string;
    readonly distance: number;
    readonly bandwidthBytesPerSec: number | null;
    readonly initiator: string | null;
  }[];
}

async function way(file: string, provider: string, client: string) {
  const { out } = await run(file, "--json");
  const found = (JSON.parse(out) as ShownPaths).paths.find(
    (one) => one.provider === provider && one.client === client,
  );
  if (found === undefined) throw new Error(`${file} has no way from ${client} to ${provider}`);
  return found;
}

describe("ways between devices", () => {
  test.each([
    ["mi250x-node.yaml", "gpu0", "gpu1", "interconnect", 200e9],
    ["mi250x-node.yaml", "gpu0", "gpu2", "interconnect", 50e9],
    ["mi250x-node.yaml", "gpu0", "gpu3", "host-bridge", null],
    ["dgx-h100.yaml", "gpu0", "gpu7", "interconnect", 450e9],
    ["dgx-h100.yaml", "gpu0", "nic0", "host-bridge", null],
    ["dgx1v.yaml", "gpu0", "gpu7", "none", null],
    ["dgx1v.yaml", "gpu0", "nic0", "bus", null],
    ["gh200.yaml", "gpu0", "nic0", "system", null],
    ["xe-pair.yaml", "gpu0", "gpu1", "host-bridge", null],
    ["xe-pair-xe-link.yaml", "gpu0", "gpu1", "interconnect", 159e9],
  ])("%s: memory of %s from %s is %s", async (file, provider, client, kind, rate) => {
    const found = await way(file, provider, client);
    expect(found).toMatchObject({ kind, bandwidthBytesPerSec: rate });
  });

  test("are a matrix after that of the functions, and a list by what they share", async () => {
    const { out } = await run("mi250x-node.yaml");
    const [functions = "", devices = ""] = out.split("\nDevices\n");
    expect(functions).toContain("PCI_P2PDMA_MAP_THRU_HOST_BRIDGE");
    expect(devices).toMatch(/^gpu3 {2}host 4 +xgmi 50 +xgmi 200 +local +host 4/m);
    const shared = "interconnect, 50 GB/s, 344 ns: xgmi, width 1\n  gpu0: gpu2, gpu6\n";
    expect(devices).toContain(shared);
  });
});

interface ShownOwners {
  readonly owners: {
    readonly devices: readonly string[];
    readonly nrConnected: number;
    readonly formations: readonly {
      readonly formation: string;
      readonly nrOrders: number;
      readonly isSample: boolean;
      readonly sumKept: number;
      readonly given: { readonly nrKept: number; readonly nrUnconnected: number };
      readonly worst: { readonly nrKept: number };
      readonly best: { readonly nrKept: number; readonly order: readonly string[] };
    }[];
  };
}

async function owners(file: string, ...argv: string[]): Promise<ShownOwners["owners"]> {
  const { code, out } = await run(file, "--owners", "--json", ...argv);
  expect(code).toBe(0);
  return (JSON.parse(out) as ShownOwners).owners;
}

describe("owner spaces", () => {
  // The figures of a script of its own over the topology files that the machines are made from.
  test.each([
    ["mi250x-node.yaml", 12, 4, 3, 3.6, 4],
    ["mi60-two-rings.yaml", 8, 4, 4, 4, 4],
    ["mi250-16gpu.yaml", 28, 10, 6, 9.5, 11],
    ["mi300x-node.yaml", 28, 28, 28, 28, 28],
    ["mi100-two-hives.yaml", 12, 12, 12, 12, 12],
    ["dgx1v.yaml", 16, 12, 4, 10.5, 12],
    ["two-hives-16gpu.yaml", 56, 56, 56, 56, 56],
    ["dgx-h100.yaml", 28, 28, 28, 28, 28],
  ])("%s: greedyClique of %i pairs keeps %i, %i, %d, %i", async (file, pairs, ...expected) => {
    const found = await owners(file, "--formation", "greedyClique");
    const [study] = found.formations;
    if (study === undefined) throw new Error("no study");
    const [kept, min, mean, max] = expected;
    expect(found.nrConnected).toBe(pairs);
    expect([study.given.nrKept, study.worst.nrKept, study.best.nrKept]).toEqual([kept, min, max]);
    expect(Math.abs(study.sumKept / study.nrOrders - (mean ?? 0))).toBeLessThan(0.06);
    expect(study.nrOrders).toBe(found.devices.length > 8 ? 20_000 : 40_320);
  });

  test("a hive keeps everything, and pairs that have no link", async () => {
    const { formations } = await owners("mi250x-node.yaml", "--formation", "hive");
    expect(formations).toMatchObject([{ given: { nrKept: 12, nrUnconnected: 16 } }]);
  });

  test("xe's question is about PCI, and leaves a private link out", async () => {
    const byLinks = await owners("xe-pair.yaml");
    const byPci = await owners("xe-pair.yaml", "--connected", "p2p");
    expect([byLinks.nrConnected, byPci.nrConnected]).toEqual([0, 1]);
  });

  test("the table says what it is about, and prints orders that can be used", async () => {
    const { out } = await run("mi250-16gpu.yaml", "--owners", "--seed", "7");
    expect(out).toContain("16 devices with memory, 28 pairs with a private link");
    expect(out).toMatch(/^ideal +7 +11 +11 +11\.00 +11 +0 +any$/m);
    expect(out).toContain("orders beyond 8 devices are a sample: 20000 with seed 7");
    expect(out).toMatch(/^greedyClique, a worst order: 6 kept\n {2}\[gpu\d+(, gpu\d+){15}\]\n/m);
    expect(out).toContain("In 7.2 xe asks about PCI peer DMA instead (--connected p2p)");
    expect(out).not.toContain("PCI_P2PDMA_MAP");
  });

  test("--expect-kept fails with 1 when fewer links are kept", async () => {
    const file = "mi250x-node.yaml";
    expect((await run(file, "--expect-kept", "4")).code).toBe(0);
    const failed = await run(file, "--expect-kept", "5");
    expect(failed.code).toBe(1);
    expect(failed.err).toBe(`${file}: greedyClique keeps 4 linked pairs, fewer than 5\n`);
    expect((await run(file, "--formation", "hive", "--expect-kept", "12")).code).toBe(0);
  });

  test("a formation may be written with hyphens; an unknown one is bad input", async () => {
    const { out } = await run("mi250x-node.yaml", "--formation", "greedy-clique");
    expect(out).toMatch(/^greedyClique +4 +4 +3/m);
    const bad = await run("mi250x-node.yaml", "--formation", "greedy");
    expect([bad.code, bad.err]).toEqual([2, expect.stringContaining("perDevice, hive")]);
    expect((await run("mi250x-node.yaml", "--expect-kept", "-1")).code).toBe(2);
  });
});

describe("--svg", () => {
  test("draws machines with switches, sockets, rings and none of them", async () => {
    for (const file of ["dgx-h100.yaml", "ac922.yaml", "mi60-two-rings.yaml", "two-sockets.yaml"]) {
      const { code, written } = await run(file, "--svg", "machine.svg");
      expect(code).toBe(0);
      expect(written.get("machine.svg")).toMatch(/^<svg xmlns=[\s\S]*<\/svg>\n$/);
    }
  });

  test("into a directory that does not exist is bad input", async () => {
    const { code, err } = await run("gh200.yaml", "--svg", "none/machine.svg");
    expect(code).toBe(2);
    expect(err).toContain("none/machine.svg: error E_FILE_UNWRITABLE: no such directory");
  });
});
