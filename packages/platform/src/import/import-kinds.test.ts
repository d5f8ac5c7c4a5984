import { readFileSync } from "node:fs";
import { renderDiagnostic } from "@faultline/diagnostics";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadMachine } from "../load-machine.ts";
import type { MachineInput } from "../machine-schema.ts";
import { printMachine } from "../print-machine.ts";
import { IMPORT_KINDS, type ImportKind } from "./import-kinds.ts";
import { ImportInput } from "./import-input.ts";
import type { ImportResult } from "./import-result.ts";

const FILES = {
  "nvidia-smi": "four-gpus.txt",
  nccl: "two-hives.xml",
  numactl: "three-nodes.txt",
  "rocm-smi": "three-gpus.txt",
  hwloc: "two-packages.xml",
  lspci: "one-switch.txt",
  acpi: "srat-hmat.dsl",
  devicetree: "../devicetrees/ac922.dts",
  qemu: "qemu.txt",
} as const;

type Kind = keyof typeof FILES;

/** Other forms of files that have one above. */
const MORE_FILES: readonly (readonly [kind: Kind, file: string])[] = [
  ["acpi", "boot-log.txt"],
  ["lspci", "lspci-tree.txt"],
  ["hwloc", "lstopo.txt"],
];
const ALL_FILES = [...(Object.entries(FILES) as [Kind, string][]), ...MORE_FILES];

const folder = new URL("../../../../scenarios/imports/", import.meta.url);

function textOf(file: string): string {
  return readFileSync(new URL(file, folder), "utf8");
}

function kindNamed(name: string): ImportKind {
  const found = IMPORT_KINDS.find((kind) => kind.name === name);
  if (found === undefined) throw new Error(`no kind ${name}`);
  return found;
}

function read(
  kind: Kind,
  change: (text: string) => string = (text) => text,
  file: string = FILES[kind],
): ImportResult {
  return kindNamed(kind).read(ImportInput.ofText(file, change(textOf(file))));
}

/** `line:column message` of every problem. */
function problems(kind: Kind, change: (text: string) => string): string[] {
  const { machine, diagnostics } = read(kind, change);
  expect(machine === null).toBe(diagnostics.some(({ severity }) => severity === "error"));
  return diagnostics.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

describe("every form of text", () => {
  test.each(ALL_FILES)("%s: %s gives a machine that loads without a word", (kind, file) => {
    const { machine, assumptions, diagnostics } = read(kind, (text) => text, file);
    expect(diagnostics).toEqual([]);
    if (machine === null) throw new Error("no machine");
    const loaded = loadMachine(printMachine(machine), "imported.yaml");
    expect(loaded.diagnostics.map((one) => renderDiagnostic(one))).toEqual([]);
    expect(loaded.document).not.toBeNull();
    expect(assumptions.length).toBeGreaterThan(0);
  });

  test.each(ALL_FILES)(
    "%s: %s, mangled, gives a machine that loads or says why not",
    (name, file) => {
      const kind = kindNamed(name);
      const text = textOf(file);
      const at = fc.nat({ max: text.length });
      const mangled = fc.tuple(at, at, fc.string({ maxLength: 8 })).map(([from, to, put]) => {
        return text.slice(0, Math.min(from, to)) + put + text.slice(Math.max(from, to));
      });
      const nearby = fc.tuple(at, fc.nat({ max: 3 }), fc.string({ maxLength: 3 }));
      const typo = nearby.map(([from, length, put]) => {
        return text.slice(0, from) + put + text.slice(from + length);
      });
      const shuffled = fc.shuffledSubarray(text.split("\n")).map((lines) => lines.join("\n"));
      fc.assert(
        fc.property(fc.oneof(typo, mangled, shuffled, fc.string()), (broken) => {
          const { machine, diagnostics } = kind.read(ImportInput.ofText("broken", broken));
          const isRefused = diagnostics.some(({ severity }) => severity === "error");
          expect(machine === null).toBe(isRefused);
          for (const { start, end } of diagnostics) {
            expect(start).toBeGreaterThanOrEqual(0);
            expect(end).toBeLessThanOrEqual(Math.max(broken.length, 1));
          }
          if (machine === null) return;
          const loaded = loadMachine(printMachine(machine), "imported.yaml");
          const wrong = loaded.diagnostics.filter(({ severity }) => severity === "error");
          expect(wrong.map((one) => renderDiagnostic(one))).toEqual([]);
        }),
        { numRuns: 100 },
      );
    },
  );
});

describe("nvidia-smi", () => {
  test("knows switches, host bridges, sockets and links", () => {
    const { machine, facts } = read("nvidia-smi");
    expect(facts).toMatchObject({
      gpuCount: 4,
      nicColumns: ["mlx5_0"],
      gpuPairKinds: { NV4: 2, PIX: 1, PHB: 1, SYS: 2 },
      gpuNuma: [0, 0, 0, 1],
      directLinkGreedyGroups: {
        groups: [
          ["GPU0", "GPU1"],
          ["GPU2", "GPU3"],
        ],
        linkedPairsKept: 2,
      },
    });
    expect(machine?.host_bridges).toHaveLength(2);
    expect(machine?.numa?.nodes.map(({ cpus }) => cpus)).toEqual([["0-15"], ["16-31"]]);
    const places = new Map(machine?.functions.map(({ name, above }) => [name, above]));
    expect(places.get("GPU0")?.split("-down")[0]).toBe(places.get("mlx5_0")?.split("-down")[0]);
    expect(places.get("GPU1")).toMatch(/^port0-/);
    expect(places.get("GPU3")).toMatch(/^port1-/);
    expect(machine?.fabric?.links).toMatchObject([
      {
        kind: "nvlink",
        width: 4,
        bandwidth: "100GB/s",
        between: [
          ["GPU0", "GPU1"],
          ["GPU2", "GPU3"],
        ],
      },
    ]);
  });

  test("refuses a matrix that contradicts itself, at the cell", () => {
    const wrong = problems("nvidia-smi", (text) => text.replace("GPU1\tNV4", "GPU1\tSYS"));
    expect(wrong).toEqual(["3:6 not the same both ways: GPU0 to GPU1 is NV4, GPU1 to GPU0 is SYS"]);
    const short = problems("nvidia-smi", (text) => text.replace("GPU2\tPIX\t", "GPU2\t"));
    expect(short).toEqual(["4:1 the row of GPU2 has 4 ways, the header 5 devices"]);
    expect(problems("nvidia-smi", (text) => text.replace(/^GPU3.*\n/m, ""))).toEqual([
      "1:1 no row of GPU3",
    ]);
    const words = problems("nvidia-smi", (text) => text.replaceAll("0-15", "CPUs"));
    expect(words[0]).toMatch(/^2:\d+ no CPU Affinity of GPU0: CPUs$/);
    expect(words).toHaveLength(3);
    expect(problems("nvidia-smi", () => "No devices were found")).toEqual([
      "1:1 no line names the GPUs",
    ]);
  });
});

describe("nccl", () => {
  test("knows hives, links by their number, switches and ids", () => {
    const { machine, facts } = read("nccl");
    expect(facts).toMatchObject({
      gpuCount: 4,
      pciBridges: 1,
      hives: [
        ["0000:21:00.0", "0000:22:00.0"],
        ["0000:a1:00.0", "0000:a2:00.0"],
      ],
      linkedPairs: [
        { a: "0000:21:00.0", b: "0000:22:00.0", count: 2 },
        { a: "0000:a1:00.0", b: "0000:a2:00.0", count: 1 },
      ],
      linksSymmetric: true,
      nics: [{ pci: "0000:23:00.0", numa: 0, name: "mlx5_0", speedMbps: 200_000 }],
    });
    expect(machine?.cpu).toEqual({ vendor: "AuthenticAMD", family: 175 });
    expect(machine?.devices?.map(({ name, hive, stack }) => [name, hive, stack])).toEqual([
      ["gpu0", "hive0", "amdkfd"],
      ["gpu1", "hive0", "amdkfd"],
      ["nic0", undefined, "odp"],
      ["gpu2", "hive1", "amdkfd"],
      ["gpu3", "hive1", "amdkfd"],
    ]);
    const ids = new Map(machine?.functions.map(({ name, id }) => [name, id]));
    expect([ids.get("gpu0"), ids.get("nic0")]).toEqual(["1002:740f", "15b3:101b"]);
  });

  test("tells of links to nowhere, of one-way links and of two devices in one place", () => {
    const nowhere = problems("nccl", (text) => text.replace('target="0000:22', 'target="0000:ee'));
    expect(nowhere).toContain("6:11 a link from 0000:21:00.0 to an unknown device: 0000:ee:00.0");
    const oneWay = problems("nccl", (text) =>
      text.replace(/<xgmi target="0000:a1:00.0" count="1" tclass="0x038000"\/>/, ""),
    );
    expect(oneWay).toEqual([
      "24:9 the link 0000:a1:00.0 to 0000:a2:00.0 has no way back: it counts as a link",
    ]);
    const twice = problems("nccl", (text) =>
      text.replace('busid="0000:22:00.0"', 'busid="0000:21:00.0"'),
    );
    expect(twice.some((one) => one.includes("two devices with the bus id 0000:21:00.0"))).toBe(
      true,
    );
    expect(problems("nccl", () => "<graph/>")).toEqual(["1:1 no <system>: <graph>"]);
  });
});

describe("numactl", () => {
  test("knows sizes, distances and nodes without CPUs", () => {
    const { machine, facts } = read("numactl");
    expect(facts).toMatchObject({
      sizesMB: [32_768, 32_768, 16_384],
      cpusPerNode: [6, 4, 0],
      memoryOnlyNodes: [2],
      emptyNodes: [],
    });
    expect(machine?.numa).toEqual({
      nodes: [
        { socket: 0, memory: "32768MiB", cpus: ["0-3", "8-9"] },
        { socket: 1, memory: "32768MiB", cpus: ["4-7"] },
        { socket: 0, memory: "16384MiB", cpus: [] },
      ],
      distances: [
        [10, 21, 80],
        [21, 10, 80],
        [80, 80, 10],
      ],
    });
  });

  test("counts its nodes and distances", () => {
    expect(problems("numactl", (text) => text.replace("available: 3", "available: 4"))).toEqual([
      "1:1 4 nodes are announced, 3 are there",
    ]);
    expect(problems("numactl", (text) => text.replace("  1:  21  10  80", "  1:  21  10"))).toEqual(
      ["1:1 node 1 has 2 distances, there are 3 nodes"],
    );
    expect(problems("numactl", (text) => text.replace("16384 MB", "16384 GB"))).toContain(
      "9:1 no size in MB: 16384 GB",
    );
    expect(problems("numactl", () => "numactl: command not found")).toEqual([
      "1:1 no line is about a node",
    ]);
  });
});

describe("rocm-smi", () => {
  test("knows hives and nodes", () => {
    const { machine, facts } = read("rocm-smi");
    expect(facts).toMatchObject({
      gpuCount: 3,
      pairs: 3,
      linkType: ["XGMI", "PCIE"],
      weight: [15, 40],
      numaNode: [0, 0, 1],
      hives: [["GPU0", "GPU1"]],
      directLinkGreedyGroups: { groups: [["GPU0", "GPU1"], ["GPU2"]], linkedPairsKept: 1 },
    });
    expect(machine?.devices?.map(({ hive }) => hive)).toEqual(["hive0", "hive0", undefined]);
    const places = new Map(machine?.functions.map(({ name, above }) => [name, above]));
    expect(["GPU0", "GPU2"].map((name) => places.get(name)?.slice(0, 5))).toEqual([
      "port0",
      "port1",
    ]);
  });

  test("without nodes says so, and with an odd matrix where", () => {
    const nowhere = read("rocm-smi", (text) => text.replace(/=+ Numa Nodes[^]*/, ""));
    expect(nowhere.facts["numaNode"]).toBeNull();
    expect(nowhere.assumptions).toContain("numa: the file has no nodes; everything is on one");
    const odd = problems("rocm-smi", (text) => text.replace("GPU1   XGMI", "GPU1   PCIE"));
    expect(odd).toEqual([
      "17:8 not the same both ways: GPU0 to GPU1 is XGMI, GPU1 to GPU0 is PCIE",
    ]);
    expect(problems("rocm-smi", () => "ERROR")).toEqual([
      "1:1 no section says what links pairs of GPUs",
    ]);
  });
});

describe("hwloc", () => {
  test("knows nodes, GPUs by their PCI device, switches and NVLinks with their rates", () => {
    const { machine, facts } = read("hwloc");
    expect(facts).toMatchObject({
      numaNodes: [
        { os: 0, bytes: 2 ** 35, cpus: 4 },
        { os: 1, bytes: 2 ** 35, cpus: 4 },
      ],
      gpus: [
        {
          pci: "0000:03:00.0",
          osdevs: ["cuda0", "nvml0"],
          numa: [0],
          model: "GPU of a test",
          deviceMemoryBytes: 40 * 2 ** 30,
        },
        { pci: "0000:81:00.0", osdevs: ["nvml1"], numa: [1] },
      ],
      pciSwitches: [{ upstream: "0000:01:00.0", gpus: ["0000:03:00.0"] }],
      nvlink: {
        gpuGpuPairs: [{ a: "0000:03:00.0", b: "0000:81:00.0", MBps: 50_000 }],
        crossSocketGpuPairsLinked: 1,
      },
    });
    expect(machine?.devices?.map(({ name, memory }) => [name, memory?.size])).toEqual([
      ["gpu0", "40GiB"],
      ["gpu1", "16GiB"],
      ["nic0", undefined],
    ]);
    expect(machine?.fabric?.links).toMatchObject([
      { between: [["gpu0", "gpu1"]], bandwidth: "50000MB/s" },
    ]);
    const places = new Map(machine?.functions.map(({ name, above }) => [name, above]));
    expect(places.get("gpu0")?.split("-down")[0]).toBe(places.get("nic0")?.split("-down")[0]);
    expect(places.get("gpu1")).toBe("port1-0");
  });

  test("has CPUs on the node of ordinary memory alone, where fast memory is near, too", () => {
    const fast =
      '<object type="NUMANode" os_index="2" cpuset="0x0000000f" gp_index="90" subtype="HBM" ' +
      'local_memory="8589934592"/>';
    const { machine, assumptions } = read("hwloc", (text) =>
      text
        .replace('<object type="NUMANode" os_index="0"', `${fast}$&`)
        .replace(
          'os_index="0" cpuset="0x0000000f" nodeset="0x00000001" gp_index="3"',
          '$& subtype="DRAM"',
        ),
    );
    if (machine === null) throw new Error("no machine");
    expect(machine.numa?.nodes.map(({ cpus }) => cpus)).toEqual([["0-3"], ["4-7"], []]);
    expect(assumptions.join("\n")).toContain("CPUs that are near to several nodes");
    expect(read("hwloc").assumptions.join("\n")).not.toContain("several nodes");
    const loaded = loadMachine(printMachine(machine), "imported.yaml");
    expect(loaded.diagnostics.map((one) => renderDiagnostic(one))).toEqual([]);
  });

  test("refuses matrices that do not fit, and a file that ends early", () => {
    const short = problems("hwloc", (text) => text.replace("0 0 0 0 </u64", "0 0 </u64"));
    expect(short).toEqual(["43:3 NVLinkBandwidth: 7 values found, 9 expected for 3 objects"]);
    const few = problems("hwloc", (text) => text.replace(">Package:2 <", "><"));
    expect(few).toEqual(["43:3 NVLinkBandwidth: 2 indexes found, 3 objects announced"]);
    const nobody = problems("hwloc", (text) => text.replace(">Package:2 <", ">Package:99 <"));
    expect(nobody).toEqual(["45:5 NVLinkBandwidth: unknown object Package:99"]);
    const [cut] = problems("hwloc", (text) => text.slice(0, text.indexOf("<distances2 ")));
    expect(cut).toContain("end of file");
    expect(problems("hwloc", () => "<topology/>")).toEqual([
      "1:1 no <topology> with an <object>: <topology>",
    ]);
  });
});

describe("lspci", () => {
  test("keeps the tree with its addresses, ids, ACS, groups and BARs", () => {
    const { machine, facts, assumptions } = read("lspci");
    const functions = new Map(machine?.functions.map((one) => [one.at, one]));
    expect([...functions.values()].map(({ kind }) => kind)).toEqual([
      "conventional",
      "root-port",
      "switch-upstream",
      "switch-downstream",
      "switch-downstream",
      "endpoint",
      "endpoint",
    ]);
    expect(functions.get("0000:00:02.0")).toMatchObject({
      id: "8086:2030",
      above: "host-0000-00",
      iommu_group: 1,
      acs: {
        firmware: [
          "source-validation",
          "request-redirect",
          "completion-redirect",
          "upstream-forwarding",
        ],
      },
    });
    expect(functions.get("0000:02:01.0")?.acs).toBeUndefined();
    expect(functions.get("0000:03:00.0")).toMatchObject({
      above: "pci-0000-02-00.0",
      bars: [
        { index: 0, address: "0xd8000000", size: "16MiB", prefetchable: false },
        { index: 1, address: "0x380000000000", size: "64GiB" },
        { index: 3, address: "0x381000000000", size: "32MiB" },
      ],
    });
    expect(machine?.devices).toMatchObject([
      { name: "gpu0", stack: "uvm", memory: { size: "64GiB", window: { bar: 1 } } },
      { name: "nic0", stack: "odp", initiators: ["pci-0000-04-00.0"] },
    ]);
    expect(facts).toMatchObject({
      devices: 7,
      acsRedirectPorts: ["00:02.0"],
      portWithoutAcs: ["01:00.0", "02:01.0"],
      downgradedLink: { pci: "03:00.0", capability: "16GT/s x16", status: "2.5GT/s x16" },
    });
    expect(assumptions.some((one) => one.startsWith("links: a downgraded speed"))).toBe(true);
  });

  test("makes up a port where the file begins in the middle, and says so", () => {
    const middle = read("lspci", (text) => text.slice(text.indexOf("03:00.0 3D")));
    expect(middle.machine?.functions.map(({ kind }) => kind)).toEqual([
      "endpoint",
      "endpoint",
      "root-port",
      "root-port",
    ]);
    expect(middle.assumptions).toContain(
      "functions: a bus without a bridge in the file got a root port",
    );
    const { document } = loadMachine(printMachine(middle.machine as MachineInput), "m.yaml");
    expect(document).not.toBeNull();
  });

  test("without -nn takes the vendor of the name, and refuses two functions in one place", () => {
    const plain = read("lspci", (text) =>
      text.replaceAll(/ \[[0-9a-f]{4}(?::[0-9a-f]{4})?\]/g, ""),
    );
    const ids = new Set(plain.machine?.functions.map(({ id }) => id));
    expect([...ids]).toEqual(["8086:0000", "ffff:0000", "10de:0000", "15b3:0000"]);
    expect(problems("lspci", (text) => text.replace("04:00.0 Inf", "03:00.0 Inf"))).toEqual([
      "48:1 a second function at 0000:03:00.0",
    ]);
    expect(problems("lspci", () => "lspci: not found")).toEqual([
      "1:1 no line begins with a PCI address",
    ]);
    expect(problems("lspci", () => "")).toEqual(["1:1 the file is empty"]);
  });
});
