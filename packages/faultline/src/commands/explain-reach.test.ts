import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Ran, runCommand } from "../testing/run-command.ts";
import { addExplainCommand } from "./explain.ts";

const pair = readFileSync(
  new URL("../../../../scenarios/machines/gpu-nic-pair.yaml", import.meta.url),
  "utf8",
);

const files = {
  "machines/pair.yaml": pair,
  "s.yaml": `version: 1
title: The pair
machine:
  file: machines/pair.yaml
  devices: [{ name: gpu0, stack: ideal }, { name: nic0, stack: ideal }]
designs: { hmm.p2pOp: v2, owner.formation: perDevice }
steps:
  - { do: advance, time: 1ps }
`,
};

function run(...argv: string[]): Promise<Ran> {
  return runCommand(addExplainCommand, ["explain", ...argv], files);
}

describe("faultline explain --path", () => {
  test("prints the rules in order, the one that decided, and the address", async () => {
    const { code, out, err } = await run("s.yaml", "--path", "nic0", "gpu0");
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/^nic0 reaches memory of gpu0$/m);
    expect(out).toMatch(/^ {2}a device page: moves first$/m);
    expect(out).toMatch(/^ {2}a P2P page: pcie-p2p, page 0x380000000 of the bus addresses/m);
    expect(out).toMatch(/^ {4}yes {2}PCI_P2PDMA_MAP_BUS_ADDR by nic0\. /m);
    expect(out).toMatch(/^ {2}PCI: PCI_P2PDMA_MAP_BUS_ADDR, 4 hops$/m);
  });

  test("--design takes the place of the file's", async () => {
    const { out } = await run("s.yaml", "--path", "nic0", "gpu0", "--design", "hmm.p2pOp=off");
    expect(out).not.toContain("P2P page:");
  });

  test("--json gives the same as data", async () => {
    const { out } = await run("s.yaml", "--json", "--path", "nic0", "gpu0");
    const value = JSON.parse(out) as { pages: { aperture: string | null }[] };
    expect(value.pages.map(({ aperture }) => aperture)).toEqual([null, "pcie-p2p"]);
  });

  test("unknown devices and designs are named with what there is", async () => {
    const { code, err } = await run("s.yaml", "--path", "nic1", "gpu0", "--design", "hmm.op=v2");
    expect(code).toBe(2);
    expect(err).toContain("unknown device: nic1");
    expect(err).toContain("did you mean nic0?");
    expect(err).toContain("unknown design: hmm.op");
    expect((await run("s.yaml", "--path", "nic0")).err).toContain("not two devices: nic0");
    const value = await run("s.yaml", "--path", "nic0", "gpu0", "--design", "hmm.p2pOp=v3");
    expect(value.err).toContain("hmm.p2pOp is one of off, v2, targetAware");
  });

  test("a machine with too little memory for its pages is refused", async () => {
    const tiny = pair.replace(/memory: \w+, cpus/, "memory: 4KiB, cpus");
    const small = { "tiny.yaml": tiny };
    const argv = ["explain", "tiny.yaml", "--path", "nic0", "gpu0"];
    const { code, err } = await runCommand(addExplainCommand, argv, small);
    expect(tiny).not.toBe(pair);
    expect(code).toBe(2);
    expect(err).toMatch(
      /^tiny\.yaml: error E_VALUE_RANGE: too little memory: .*\n {2}hint: node 0/,
    );
  });

  test("something must be asked for", async () => {
    const { code, err } = await run("s.yaml");
    expect(code).toBe(2);
    expect(err).toContain("nothing to explain");
  });
});
