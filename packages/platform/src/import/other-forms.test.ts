// Forms of files beside the first one of their kind: the tree of lspci, tables of firmware, device
// trees.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { IMPORT_KINDS } from "./import-kinds.ts";
import { ImportInput } from "./import-input.ts";
import type { ImportResult } from "./import-result.ts";

const folder = new URL("../../../../scenarios/imports/", import.meta.url);

function read(
  kind: string,
  file: string,
  change: (text: string) => string = (text) => text,
): ImportResult {
  const reader = IMPORT_KINDS.find(({ name }) => name === kind);
  const text = file.startsWith("bare") ? "" : readFileSync(new URL(file, folder), "utf8");
  if (reader === undefined) throw new Error(`no kind ${kind}`);
  return reader.read(ImportInput.ofText(file, change(text)));
}

describe("lspci -tv", () => {
  const tree = (change?: (text: string) => string): ImportResult =>
    read("lspci", "lspci-tree.txt", change);

  test("knows GPUs and NICs by their names, and switches by their places", () => {
    const { machine, facts } = tree();
    expect(facts).toEqual({
      devices: 15,
      rootBuses: ["0000:40", "0000:00"],
      gpusByName: ["0000:43:00.0", "0000:01:00.0"],
      gpuPorts: ["0000:42:00.0", "0000:00:01.1"],
      nicFunctions: ["0000:44:00.0"],
      pciSwitchesAboveGpus: 1,
    });
    const kinds = new Map(machine?.functions.map(({ at, kind }) => [at, kind]));
    expect(kinds.get("0000:41:00.0")).toBe("switch-upstream");
    expect(kinds.get("0000:42:01.0")).toBe("switch-downstream");
    expect(kinds.get("0000:02:00.0")).toBe("pcie-to-pci-bridge");
    expect(machine?.devices?.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      "gpu0 gpu",
      "nic0 nic",
      "gpu1 gpu",
    ]);
  });

  test("refuses what is below no bus, or twice, at its place", () => {
    const told = (change: (text: string) => string): string[] =>
      tree(change).diagnostics.map(({ line, column, message }) => `${line}:${column} ${message}`);
    expect(told((text) => text.replace("             \\-05.1", " \\-05.1"))).toEqual([
      "9:4 a function below no bus: 05.1",
    ]);
    expect(told((text) => text.replace("+-01.1-[01]", "+-00.0-[01]"))).toEqual([
      "8:1 a second function at 0000:00:00.0",
    ]);
  });
});

describe("acpi", () => {
  test("gives each domain a node, and a generic initiator a device on its node", () => {
    const { machine, facts } = read("acpi", "srat-hmat.dsl");
    expect(facts).toMatchObject({
      oemId: "MINI  ",
      cpus: [
        { apic: 0, pxm: 0 },
        { apic: 1, pxm: 0 },
        { apic: 4, pxm: 1 },
        { apic: 5, pxm: 1 },
      ],
      memory: [{ pxm: 0, bytes: 16 * 2 ** 30 }, { bytes: 16 * 2 ** 30 }, { bytes: 32 * 2 ** 30 }],
      memoryOnlyPxm: [2],
      genericInitiators: [{ pxm: 2, device: "0000:41:00.0" }],
      readLatencyNs: [
        [90, 140, 500],
        [140, 90, 640],
        [510, 650, 120],
      ],
      readBandwidthMBps: [
        [200_000, 100_000, 50_000],
        [100_000, 200_000, 40_000],
        [50_000, 40_000, 900_000],
      ],
    });
    expect(machine?.numa?.nodes).toMatchObject([
      { socket: 0, memory: "16384MiB", cpus: ["0-1"] },
      { socket: 1, memory: "16384MiB", cpus: ["2-3"] },
      { memory: "32768MiB", cpus: [] },
    ]);
    expect(machine?.devices).toMatchObject([{ name: "initiator0", node: 2 }]);
  });

  test("reads a kernel's log, and says what a cut one lacks", () => {
    const log = (change?: (text: string) => string): ImportResult =>
      read("acpi", "boot-log.txt", change);
    expect(log().facts).toMatchObject({
      numaNodes: 3,
      cpusOnNode: [2, 2, 0],
      memory: [
        { node: 0, ranges: [["0x00000000", "0x7fffffff"], {}], bytes: 8 * 2 ** 30 },
        { node: 1, bytes: 8 * 2 ** 30 },
        { node: 2, pxm: 3 },
      ],
      readLatencyNs: [
        [95, 150],
        [150, 95],
      ],
    });
    const cut = log((text) => text.replace(/.*Target\[1-0\].*\n/, ""));
    expect(cut.diagnostics).toMatchObject([
      { line: 14, message: "4 numbers of HMAT are announced, 3 are there" },
    ]);
    const stray = log((text) => text.replace("Processor Domain:1", "Processor Domain:3"));
    expect(stray.diagnostics).toMatchObject([{ line: 13, severity: "warning" }]);
    expect(stray.machine).not.toBeNull();
  });

  test("says which field of a table is missing, twice or no number", () => {
    const told = (from: string | RegExp, to: string): string[] =>
      read("acpi", "srat-hmat.dsl", (text) => text.replace(from, to)).diagnostics.map(
        ({ line, column, message }) => `${line}:${column} ${message}`,
      );
    expect(told("Apic ID : 04", "Apic ID : four")).toEqual([
      "44:1 Apic ID is no hexadecimal number: four",
    ]);
    expect(told(/ +Base Address : .*\n/, "")).toEqual([
      '62:1 SRAT, structure of type 01: no line "Base Address"',
    ]);
    expect(told(/(.*Apic ID : 05\n)/, "$1$1")).toEqual([
      "56:1 SRAT, structure of type 00: a second Apic ID",
    ]);
    expect(told(/.* Entry : 0078\n/, "")).toEqual([
      "165:1 a matrix of 3 initiators and 3 targets needs 9 entries, this one has 8",
    ]);
  });
});

describe("devicetree", () => {
  test("gives sockets, their memory and NVLink2", () => {
    const { machine, facts } = read("devicetree", "../devicetrees/ac922.dts");
    expect(facts).toMatchObject({
      npus: [
        { chip: 0, index: 0, links: 6 },
        { chip: 8, index: 1, links: 6 },
      ],
      nvlinksPerGpu: { GPU0: 3 },
      phandlesUnique: true,
    });
    expect(machine?.fabric?.links?.length).toBeGreaterThan(0);
  });

  test("a tree without an NPU or without memory is a machine as well", () => {
    const bare = '/dts-v1/;\n/ { model = "A board"; cpus { cpu@0 { device_type = "cpu"; }; }; };\n';
    const { machine, facts, assumptions } = read("devicetree", "bare.dts", () => bare);
    expect(facts).toMatchObject({ model: "A board", npus: 0, cpuNodes: 1, memory: [] });
    expect(machine?.memory).toBe("64GiB");
    expect(assumptions.join()).toContain("the tree has no memory");
  });
});

describe("the text of lstopo", () => {
  test("has nodes, sockets, GPUs by class and NICs by their interfaces", () => {
    const { machine, facts } = read("hwloc", "lstopo.txt");
    expect(facts).toMatchObject({
      packages: 2,
      cores: 3,
      pus: 4,
      numaNodes: 2,
      numaText: ["94GB", "97GB"],
      gpuCandidates: [
        { pci: "0000:03:00.0", lstopoClass: "3D", osdevs: ["cuda0", "nvml0"] },
        { pci: "0000:81:00.0", lstopoClass: "3D", osdevs: [] },
      ],
      nics: ["0000:04:00.0"],
    });
    expect(machine?.numa?.nodes).toMatchObject([
      { socket: 0, memory: `${94 * 1024}MiB`, cpus: ["0-1", 4] },
      { socket: 1, memory: `${97 * 1024}MiB`, cpus: [2] },
    ]);
    expect(machine?.host_bridges.map(({ socket }) => socket)).toEqual([0, 1]);
    const places = new Map(machine?.functions.map(({ name, above }) => [name, above]));
    expect(places.get("gpu0")?.split("-down")[0]).toBe(places.get("nic0")?.split("-down")[0]);
  });

  test("may be an old one, with nodes around sockets or none at all", () => {
    const old = [
      "Machine (64GB)",
      "  NUMANode L#0 (P#0 32GB) + Socket L#0 + L3 L#0 (20MB)",
      "    L2 L#0 (256KB) + L1d L#0 (32KB) + Core L#0 + PU L#0 (P#0)",
      "  NUMANode L#1 (P#1 32GB) + Socket L#1 + L3 L#1 (20MB)",
      "    L2 L#1 (256KB) + L1d L#1 (32KB) + Core L#1 + PU L#1 (P#1)",
      "",
    ];
    const two = read("hwloc", "bare.txt", () => old.join("\n"));
    expect(two.machine?.numa?.nodes.map(({ cpus }) => cpus)).toEqual([[0], [1]]);
    const lines = ["Machine (16GB)", "  Socket L#0 + Core L#0 + PU L#0 (P#0)", ""];
    const one = read("hwloc", "bare.txt", () => lines.join("\n"));
    expect(one.machine?.numa?.nodes).toMatchObject([{ memory: "16384MiB", cpus: [0] }]);
  });

  test("is refused where something is twice, and told of what is no object", () => {
    const twice = read("hwloc", "lstopo.txt", (text) => text.replace("PCI 82:", "PCI 81:"));
    expect(twice.diagnostics).toMatchObject([
      { line: 30, message: "twice in the file: 0000:81:00.0" },
    ]);
    const odd = read("hwloc", "lstopo.txt", (text) => text.replace("L3 L#1", "Lx L#1"));
    expect(odd.diagnostics).toMatchObject([{ line: 24, severity: "warning" }]);
  });
});

test("a QEMU command line gives nodes, root buses and a device for its generic initiator", () => {
  const { machine, facts } = read("qemu", "qemu.txt");
  expect(facts).toMatchObject({
    machineType: "q35",
    numaNodes: 3,
    cpusOnNode: [2, 2, 0],
    memory: [
      { node: 0, bytes: 2 ** 31 },
      { node: 1, bytes: 2 ** 31 },
    ],
    genericInitiators: [{ id: "gi0", node: 2, device: "gpu" }],
  });
  expect(machine?.numa?.distances?.[1]).toEqual([21, 10, 60]);
  expect(machine?.host_bridges).toMatchObject([
    { root_bus: "0000:00", socket: 0 },
    { root_bus: "0000:40", socket: 1 },
  ]);
  const places = machine?.functions.map(({ name, at, kind, above }) => [name, at, kind, above]);
  expect(places).toContainEqual(["port0", "0000:00:02.0", "root-port", "root00"]);
  expect(places).toContainEqual(["gpu", "0000:01:00.0", "conventional", "port0"]);
  expect(places).toContainEqual(["disk", "0000:41:00.0", "endpoint", "port1"]);
  expect(machine?.devices).toMatchObject([{ name: "gpu", kind: "accelerator", node: 2 }]);
});
