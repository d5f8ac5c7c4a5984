import { readFileSync } from "node:fs";
import { loadMachine } from "@faultline/platform";
import { describe, expect, test } from "vitest";
import { type Ran, runCommand } from "../testing/run-command.ts";
import { platformNpu } from "./platform-npu.ts";

const path = new URL("../../../../scenarios/devicetrees/ac922.dts", import.meta.url);
const AC922 = readFileSync(path, "utf8");

function npu(...argv: string[]): Promise<Ran> {
  const files = {
    "ac922.dts": AC922,
    "wrong.dts": AC922.replace("ibm,device-tgt-addr = <0xc00 0x0>", "ibm,device-tgt-addr = <1 2>"),
    "broken.dtb": Uint8Array.from([0xd0, 0x0d, 0xfe, 0xed, 0]),
    "noise.bin": Uint8Array.from([0xff, 0xfe, 0]),
    "small.dts": "/dts-v1/; / { };",
  };
  return runCommand(platformNpu.add, ["npu", ...argv], files);
}

describe("faultline platform npu", () => {
  test("shows GPUs with their links and windows, links by pair, and IOMMU groups", async () => {
    const { code, out } = await npu("ac922.dts");
    expect(code).toBe(0);
    expect(out.split("\n")[0]).toBe("8335-GTH, redbud board, tree of the host: 4 GPUs on 2 NPUs");
    expect(out).toMatch(/^GPU4 +8 +3 4 5 +pci@1 pci@1,1 pci@1,2 +0x6230200830000 \+0x10000 /m);
    expect(out).toMatch(/128 GiB at 0x242000000000 +0xc2000000000 +252$/m);
    expect(out).toMatch(/^GPU3 +GPU4 +3 +75 GB\/s$/m);
    expect(out.match(/^IOMMU group \d$/gm)).toHaveLength(2);
    const { out: older } = await npu("ac922.dts", "--groups", "per-gpu");
    expect(older.match(/^IOMMU group \d$/gm)).toHaveLength(4);
  });

  test("as JSON, addresses in hexadecimal", async () => {
    const { out } = await npu("ac922.dts", "--json");
    const found = JSON.parse(out) as { gpus: unknown[]; links: unknown[]; iommuGroups: unknown[] };
    expect(found.gpus[2]).toMatchObject({
      name: "GPU3",
      chip: 8,
      memory: { base: "0x240000000000", windowBytes: "0x2000000000", tgt: "0xc0000000000" },
    });
    expect([found.links.length, found.iommuGroups.length]).toEqual([6, 2]);
    expect(found).toMatchObject({ guest: [{ gpus: [{ base: "0x400000000000" }, {}] }, {}] });
  });

  test("writes a machine document with the links", async () => {
    const { code, written } = await npu("ac922.dts", "-o", "machine.yaml", "--gpu-memory", "32GiB");
    const text = written.get("machine.yaml") ?? "";
    const { document, diagnostics } = loadMachine(text, "machine.yaml");
    expect([code, diagnostics]).toEqual([0, []]);
    expect(document?.fabric.links[0]).toMatchObject({ kind: "nvlink", bandwidth: "75GB/s" });
    expect(document?.devices[0]?.memory?.size).toBe("32GiB");
    expect((await npu("ac922.dts", "-o", "none/such.yaml")).err).toContain("E_FILE_UNWRITABLE");
  });

  test("a contradiction is bad input, shown at its place, and nothing is written", async () => {
    const { code, out, err, written } = await npu("wrong.dts", "-o", "machine.yaml");
    expect([code, out, written.size]).toEqual([2, "", 0]);
    expect(err).toMatch(/^wrong\.dts:\d+:\d+ error E_NPU_WIRING: target address 0x100000002 /m);
    expect(err).toContain("hint: the window's target address is 0xc0000000000");
  });

  test.each([
    ["broken.dtb", "E_DEVICETREE_BLOB: byte 0x5: the header is cut off"],
    ["noise.bin", "E_FILE_NOT_TEXT: neither a device tree blob nor UTF-8 text"],
    ["none.dts", "E_FILE_NOT_FOUND"],
  ])("%s is bad input", async (file, message) => {
    const { code, err, out } = await npu(file, "--json");
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(JSON.parse(out)).toMatchObject({ diagnostics: [{ file }] });
  });

  test("a tree without NPUs says so", async () => {
    expect((await npu("small.dts")).out).toBe("the machine: no NPU in this tree\n");
  });
});
