import { describe, expect, test } from "vitest";
import { type Ran, runCommand } from "../testing/run-command.ts";
import { addPlatformCommand } from "./platform.ts";

const MACHINE =
  "qemu-system-x86_64 -M q35,hmat=on -nodefaults -m 512M,slots=1,maxmem=1G -smp 2 " +
  "-object memory-backend-ram,id=m0,size=512M -numa node,nodeid=0,cpus=0-1,memdev=m0 " +
  "-numa node,nodeid=1 -device pci-testdev,id=gpu,addr=04.0 " +
  "-object acpi-generic-initiator,id=gi0,pci-dev=gpu,node=1 " +
  "-numa hmat-lb,initiator=0,target=0,hierarchy=memory,data-type=access-latency,latency=90";

function run(argv: readonly string[], files: Record<string, Uint8Array> = {}): Promise<Ran> {
  return runCommand(addPlatformCommand, ["platform", ...argv], files);
}

const nodes = (...argv: readonly string[]): Promise<Ran> => run(["nodes", ...argv]);

describe("faultline platform nodes", () => {
  test("shows every proposal side by side", async () => {
    const { code, out, err } = await nodes();
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/^2 devices with 8 nodes each, x86;/);
    expect(out).toMatch(
      /^object-per-node +0-17 +0-17 +2-17 +2-17 +15 5 10 16 6 11 17 7 {2}12 2 8/m,
    );
    expect(out).toMatch(/^placeholder-hmat +0-19 +0-3 +2-3 +2-3 +4-11 +12-19$/m);
    expect(out).toMatch(/^cdat +0-1 +0-1 +- +- +- +-$/m);
  });

  test("shows another kernel, other numbers, and what late deletion leaves", async () => {
    const { out } = await nodes("--arch", "arm64", "--devices", "1", "--nodes", "2");
    expect(out).toMatch(/^placeholder +0-3 +0-3 +2-3 +- +2-3$/m);
    const late = await nodes("--delete-unused", "strict", "--instances", "3", "1");
    expect(late.out).toMatch(/^node-list .* {2}0-4,10$/m);
    const missing = await nodes("--delete-unused", "weak", "--missing", "1");
    expect(missing.out).toMatch(/^node-list .* {2}0-9$/m);
  });

  test("shows one proposal in detail, with the command line that makes it", async () => {
    const { out } = await nodes("--design", "object-per-node");
    expect(out).toContain("status: QEMU since 9.0\n");
    expect(out).toMatch(/^dev0 0000:00:04\.0 {2}15 5 10 16 6 11 17 7 {2}- +3 or 8$/m);
    expect(out).toMatch(
      /^ +2 +11 {2}online +- +- +generic initiator 0000:00:05\.0 at \+0x[0-9a-f]+/m,
    );
    expect(out).toContain("-object acpi-generic-initiator,id=gi15,pci-dev=dev1,node=17");
    const hmat = await nodes("--design", "hmat-only");
    expect(hmat.out).toContain("HMAT is not used: HMAT names memory of domain 4");
    expect(hmat.out).toContain("no QEMU builds these tables");
  });

  test("--json has the same as data", async () => {
    const { out } = await nodes("--design", "placeholder", "node-per-device", "--json");
    expect(JSON.parse(out)).toMatchObject({
      example: { nrDevices: 2, nodesPerDevice: 8, architecture: "x86" },
      designs: [
        { id: "node-per-device", possible: [0, 1, 2, 3], memoryless: [2, 3] },
        { id: "placeholder", online: [0, 1], devices: [{ nodes: [2, 3, 4, 5, 6, 7, 8, 9] }, {}] },
      ],
    });
  });
});

describe("the nodes of a machine", () => {
  test("come from its command line", async () => {
    const { code, out } = await nodes("--qemu-args", MACHINE);
    expect(code).toBe(0);
    expect(out).toMatch(/^online without memory +1$/m);
    expect(out).toMatch(/^ +0 +0 {2}online +0-1 {3}yes +CPU 0 at \+0x30 +10 20$/m);
    expect(out).toMatch(/^ +0 +0 {2}0 +90 +90 +- +-$/m);
    expect(out).toContain("memory tier 4: nodes 0\n");
  });

  test("or from its tables, and memory may arrive later", async () => {
    const { writtenBytes } = await run(["srat", "--qemu-args", MACHINE, "-o", "SRAT"]);
    const files = { SRAT: writtenBytes.get("SRAT") ?? new Uint8Array() };
    const { out } = await run(["nodes", "--table", "SRAT", "--plug", "1", "--json"], files);
    expect(JSON.parse(out)).toMatchObject({
      hasMemory: [0, 1],
      memoryless: [],
      pxmToNode: [
        { domain: 0, node: 0 },
        { domain: 1, node: 1 },
      ],
      nodes: [{ cpus: [0, 1], distances: [10, 20] }, {}],
    });
  });

  test("that does not come up are told why", async () => {
    const { out } = await nodes("--design", "node-list", "--json");
    expect(JSON.parse(out)).toMatchObject({ designs: [{ panic: null, sratRejected: null }] });
  });

  test("need a table of each kind at most, and sound ones", async () => {
    const { writtenBytes } = await run(["srat", "--qemu-args", MACHINE, "-o", "SRAT"]);
    const files = { SRAT: writtenBytes.get("SRAT") ?? new Uint8Array(), bad: new Uint8Array(8) };
    const twice = await run(["nodes", "--table", "SRAT", "SRAT"], files);
    expect([twice.code, twice.out]).toEqual([2, ""]);
    expect(twice.err).toContain("a second SRAT");
    expect((await run(["nodes", "--table", "bad", "none", "--json"], files)).code).toBe(2);
  });
});

describe("bad input", () => {
  test.each([
    [["--qemu-args", "-M q35", "--design", "cdat"], "exclude each other"],
    [["--devices", "4", "--nodes", "50"], "4 devices with 50 nodes each are more than QEMU's 126"],
    [["--qemu-args", "-M virt -numa node,nodeid=5", "--json"], "numa: node 4 is missing"],
  ])("%j", async (argv, message) => {
    const { code, err } = await nodes(...argv);
    expect([code, err]).toEqual([2, expect.stringContaining(message)]);
  });

  test.each([
    ["--devices", "9"],
    ["--nodes", "0"],
    ["--plug", "x"],
    ["--design", "best"],
  ])("%s %s", async (...argv) => {
    expect((await nodes(...argv)).code).toBe(2);
  });
});

test("--help explains the proposals and has examples", async () => {
  const { code, out } = await nodes("--help");
  expect(code).toBe(0);
  expect(out).toContain("  virtio-mem             a virtio-mem device for each node\n");
  expect(out).toContain("faultline platform nodes --design placeholder-hmat --arch arm64");
});
