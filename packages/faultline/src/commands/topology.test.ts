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
