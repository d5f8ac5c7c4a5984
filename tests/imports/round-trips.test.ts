// What is imported, written and read again says the same. Every kind goes through a machine
// document in YAML; firmware tables, device trees and QEMU's machines also through files of their
// own formats. The table of docs/import.md names the way of each kind.
import { formatPciAddress, type MachineBootSpec } from "@faultline/core";
import {
  type AcpiTables,
  buildMachine,
  buildQemuTables,
  IMPORT_KINDS,
  ImportInput,
  type ImportResult,
  loadMachine,
  type MachineInput,
  parseDts,
  printDts,
  printMachine,
  readQemuMachine,
  writeAcpiTables,
  writeDtb,
} from "@faultline/platform";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readAcpi } from "../../packages/platform/src/import/acpi/read-acpi.ts";
import { decodeUtf8, IMPORT_SAMPLES, importAs, sampleInput, sampleText } from "./import-samples.ts";

type Facts = Readonly<Record<string, unknown>>;

function machineOf({ machine, diagnostics }: ImportResult): MachineInput {
  if (machine === null) throw new Error(`refused: ${diagnostics[0]?.message}`);
  return machine;
}

/** Through YAML: printed, loaded and built. */
function rebuilt(machine: MachineInput): MachineBootSpec {
  const { document, diagnostics } = loadMachine(printMachine(machine), "again.yaml");
  expect(diagnostics).toEqual([]);
  if (document === null) throw new Error("the document does not load");
  return buildMachine(document);
}

const gpusOf = ({ devices }: MachineBootSpec) => devices.filter(({ kind }) => kind === "gpu");

function placeOf(machine: MachineBootSpec, name: string): string {
  const [fn] = machine.devices.find((device) => device.name === name)?.initiators ?? [];
  return fn === undefined ? "" : formatPciAddress(fn.address);
}

/** Sets of GPUs that are in one hive, by what `name` calls each. */
function hivesOf(machine: MachineBootSpec, name: (gpu: string) => unknown): unknown[] {
  const gpus = gpusOf(machine);
  const hives = [...new Set(gpus.flatMap(({ hive }) => hive ?? []))];
  return hives.map((one) => gpus.filter(({ hive }) => hive === one).map((gpu) => name(gpu.name)));
}

/** Links between devices, by their places on PCI. */
function linkedPlaces(machine: MachineBootSpec): { readonly a: string; readonly b: string }[] {
  return machine.links.map(({ ends: [a, b] }) => {
    return { a: placeOf(machine, a), b: placeOf(machine, b) };
  });
}

const bytesOf = (machine: MachineBootSpec): number[] =>
  machine.nodes.map(({ memoryBytes }) => Number(memoryBytes));

const cpusOf = (machine: MachineBootSpec): number[] => machine.nodes.map(({ cpus }) => cpus.length);

/** What a built machine tells of the facts of its file, by kind and under the same names. */
const TELL: Readonly<Record<string, (machine: MachineBootSpec, facts: Facts) => Facts>> = {
  "nvidia-smi": (machine) => ({
    gpuCount: gpusOf(machine).length,
    nicColumns: machine.devices.filter(({ kind }) => kind === "nic").map(({ name }) => name),
    nvlinkPairs: machine.links.length,
    gpuNuma: gpusOf(machine).map(({ node }) => node),
  }),
  hwloc: (machine, facts) => {
    const places = gpusOf(machine).map(({ name }) => ({ pci: placeOf(machine, name) }));
    // The text of lstopo counts nodes, the XML lists them.
    if ("numaText" in facts) return { gpuCandidates: places, numaNodes: machine.nodes.length };
    const numaNodes = machine.nodes.map(({ memoryBytes, cpus }, os) => {
      return { os, bytes: Number(memoryBytes), cpus: cpus.length };
    });
    return { gpus: places, numaNodes, nvlink: { gpuGpuPairs: linkedPlaces(machine) } };
  },
  lspci: (machine, facts) => ({
    devices: machine.pci.tree.functions.length,
    ...("gpusByName" in facts
      ? { gpusByName: gpusOf(machine).map(({ name }) => placeOf(machine, name)) }
      : {}),
  }),
  nccl: (machine) => ({
    gpuCount: gpusOf(machine).length,
    hives: hivesOf(machine, (name) => placeOf(machine, name)),
    linkedPairs: linkedPlaces(machine).map((pair, n) => {
      return { ...pair, count: machine.links[n]?.width };
    }),
  }),
  "rocm-smi": (machine) => ({
    gpuCount: gpusOf(machine).length,
    hives: hivesOf(machine, (name) => name),
    numaNode: gpusOf(machine).map(({ node }) => node),
    xgmiPairs: machine.links.length,
  }),
  acpi: (machine, { distance }) => ({
    numaNodes: machine.nodes.length,
    cpusOnNode: cpusOf(machine),
    distance: distance === null ? null : machine.distances,
  }),
  devicetree: (machine) => ({
    nvlinksPerGpu: Object.fromEntries(
      machine.links
        .filter(({ ends }) => ends.some((end) => end.startsWith("socket")))
        .map(({ ends: [gpu], width }) => [gpu.toUpperCase(), width]),
    ),
    gpuGpuLinksInFile: machine.links.filter(({ ends }) => !ends[1].startsWith("socket")).length,
  }),
  kfd: (machine) => ({
    gpus: gpusOf(machine).map(({ name, memory }) => {
      return { pci: placeOf(machine, name), memoryBytes: Number(memory?.sizeBytes) };
    }),
    xgmiPairs: machine.links.length,
  }),
  qemu: (machine) => ({
    numaNodes: machine.nodes.length,
    cpusOnNode: cpusOf(machine),
    distance: machine.distances,
    pciFunctions: [...machine.pci.tree.functions].length,
  }),
  numactl: (machine) => ({
    sizesMB: bytesOf(machine).map((bytes) => bytes / 2 ** 20),
    cpusPerNode: cpusOf(machine),
    distance: machine.distances,
  }),
};

describe("import, YAML, load", () => {
  test("every kind is here", () => {
    const kinds = IMPORT_KINDS.map(({ name }) => name);
    expect([...new Set(IMPORT_SAMPLES.map(([kind]) => kind))].toSorted()).toEqual(kinds.toSorted());
    expect(Object.keys(TELL).toSorted()).toEqual(kinds.toSorted());
  });

  test.each(IMPORT_SAMPLES)("%s, %s: the loaded document is the imported one", (kind, file) => {
    const machine = machineOf(importAs(kind, sampleInput(kind, file)));
    const { document } = loadMachine(printMachine(machine), "again.yaml");
    expect(document).toEqual(loadMachine(JSON.stringify(machine), "again.json").document);
    if (document === null) throw new Error("the document does not load");
    const twice = loadMachine(printMachine(document), "twice.yaml");
    expect(twice.document).toEqual(document);
  });

  test.each(IMPORT_SAMPLES)("%s, %s: the built machine has the facts of the file", (kind, file) => {
    const result = importAs(kind, sampleInput(kind, file));
    const told = TELL[kind]?.(rebuilt(machineOf(result)), result.facts) ?? {};
    expect(Object.keys(told).length).toBeGreaterThan(0);
    expect(result.facts).toMatchObject(told);
  });
});

/** Firmware's bytes as a folder of tables. */
function tablesInput(tables: AcpiTables): ImportInput {
  const files = [...writeAcpiTables(tables)].map(([name, bytes]) => {
    return { path: name.toUpperCase(), read: () => bytes };
  });
  return new ImportInput("tables", files, decodeUtf8, "folder");
}

describe("acpi: text, bytes, tables", () => {
  test.each(IMPORT_SAMPLES.filter(([kind]) => kind === "acpi"))("%s %s", (kind, file) => {
    const input = sampleInput(kind, file);
    const reading = readAcpi(input);
    if (Array.isArray(reading)) throw new Error("no tables");
    const [first, again] = [importAs(kind, input), importAs(kind, tablesInput(reading.tables))];
    expect(again.diagnostics).toEqual([]);
    expect(again.facts).toEqual(first.facts);
    expect(again.machine).toEqual(first.machine);
  });
});

describe("qemu: command line, tables, nodes", () => {
  /** Facts that both kinds have, where QEMU writes them into tables. */
  const SHARED = ["numaNodes", "cpusOnNode", "distance"] as const;

  /** The same facts of the line, and of the tables that QEMU would build of it. */
  function bothWays(line: string): { readonly ofLine: Facts; readonly ofTables: Facts } {
    const first = importAs("qemu", ImportInput.ofText("line", line));
    const { machine } = readQemuMachine(line, "line");
    if (machine === null) throw new Error("no machine");
    const again = importAs("acpi", tablesInput(buildQemuTables(machine)));
    expect(again.diagnostics).toEqual([]);
    const [ours, theirs] = [rebuilt(machineOf(first)), rebuilt(machineOf(again))];
    // Tables leave out what a PC has below 1 MiB and is no memory; a document counts whole MiB.
    const [low = 0, ...others] = bytesOf(ours);
    const own = first.facts["genericInitiators"] as { node: number }[];
    const built = again.facts["genericInitiators"] as { pxm: number }[];
    const shared = ({ facts }: ImportResult): Facts =>
      Object.fromEntries(SHARED.map((name) => [name, facts[name]]));
    return {
      ofLine: {
        ...shared(first),
        memory: [low - 2 ** 20, ...others],
        cpus: cpusOf(ours),
        initiators: own.map(({ node }) => node),
      },
      ofTables: {
        ...shared(again),
        memory: bytesOf(theirs),
        cpus: cpusOf(theirs),
        initiators: built.map(({ pxm }) => pxm),
      },
    };
  }

  test("the sample: nodes, memory, CPUs, distances and the generic initiator", () => {
    const { ofLine, ofTables } = bothWays(sampleText("qemu.txt"));
    expect(ofTables).toEqual(ofLine);
    expect(ofTables).toMatchObject({ initiators: [2], cpus: [2, 2, 0] });
  });

  test("random nodes", () => {
    const node = fc.record({
      mib: fc.integer({ min: 1, max: 8 }),
      cpus: fc.integer({ max: 3, min: 1 }),
    });
    fc.assert(
      fc.property(
        fc.array(node, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 11, max: 254 }),
        (nodes, distance) => {
          const total = nodes.reduce((sum, { mib }) => sum + mib * 128, 0);
          const nrCpus = nodes.reduce((sum, { cpus }) => sum + cpus, 0);
          let first = 0;
          const words = nodes.map(({ mib, cpus }, n) => {
            const range = `cpus=${first}-${(first += cpus) - 1}`;
            const size = `size=${mib * 128}M`;
            return `-object memory-backend-ram,id=m${n},${size} -numa node,${range},memdev=m${n}`;
          });
          const pairs = nodes.flatMap((_, src) =>
            nodes.slice(src + 1).map((__, n) => `src=${src},dst=${src + 1 + n}`),
          );
          const dist = pairs.map((pair) => `-numa dist,${pair},val=${distance}`);
          const line = [...words, ...dist].join(" ");
          const { ofLine, ofTables } = bothWays(
            `qemu-system-x86_64 -M q35 -nodefaults -m ${total}M -smp ${nrCpus} ${line}`,
          );
          expect(ofTables).toEqual(ofLine);
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe("devicetree: source, blob, source", () => {
  const text = sampleText("../devicetrees/ac922.dts");
  const { tree } = parseDts(text, "ac922.dts");
  if (tree === null) throw new Error("the sample is broken");
  const first = importAs("devicetree", ImportInput.ofText("ac922.dts", text));

  test("the blob of a source", () => {
    const blob = writeDtb(tree);
    const file = { path: "ac922.dtb", read: () => blob };
    const again = importAs("devicetree", new ImportInput("ac922.dtb", [file], decodeUtf8));
    expect(again.diagnostics).toEqual([]);
    expect(again.facts).toEqual(first.facts);
    expect(again.machine).toEqual(first.machine);
  });

  test("the source of the tree", () => {
    const again = importAs("devicetree", ImportInput.ofText("again.dts", printDts(tree)));
    expect(again.diagnostics).toEqual([]);
    expect(again.facts).toEqual(first.facts);
    expect(again.machine).toEqual(first.machine);
  });
});
