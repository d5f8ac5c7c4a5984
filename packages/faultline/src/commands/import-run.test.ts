// Machines of other tools from end to end: imported by the command, named by a scenario, run by the
// command, with what is expected of private links and of PCI in the scenario itself.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { main } from "../main.ts";
import { CapturedIo } from "../testing/captured-io.ts";

const imports = fileURLToPath(new URL("../../../../scenarios/", import.meta.url));
const shared = process.env["FAULTLINE_FIXTURES"];

interface Case {
  readonly kind: string;
  readonly file: string;
  /** Entries of the scenario's `machine.devices`. */
  readonly devices?: readonly string[];
  readonly designs?: string;
  readonly steps: readonly string[];
}

const START = ["{ do: mmap, name: heap, pages: 512 }", "{ do: write, at: heap, value: 5 }"];
const CLIQUES = "{ owner.formation: greedyClique, hmm.p2pOp: v2 }";

/** Inside a hive pages stay where they are preferred; for whoever is outside they come back. */
function hiveSteps(home: string, peer: string, stranger: string): string[] {
  return [
    ...START,
    `{ do: device_advise, device: ${peer}, at: heap, preferred_location: ${home} }`,
    `{ do: device_read, device: ${peer}, at: heap }`,
    `{ do: check, at: heap, state: device-private, device: ${home} }`,
    `{ do: check, at: heap, seen_by: ${peer}, aperture: interconnect }`,
    `{ do: device_read, device: ${stranger}, at: heap }`,
    `{ do: check, at: heap, state: device-private, device: ${stranger}, value: 5 }`,
  ];
}

/** Over a private link a peer reads in place; for whoever has none the pages come back. */
function linkSteps(home: string, peer: string, stranger: string): string[] {
  return [
    ...START,
    `{ do: migrate_to_device, device: ${home}, at: heap }`,
    `{ do: device_read, device: ${peer}, at: heap }`,
    `{ do: check, at: heap, seen_by: ${peer}, aperture: interconnect, value: 5 }`,
    `{ do: check, at: heap, state: device-private, device: ${home} }`,
    `{ do: device_read, device: ${stranger}, at: heap }`,
    "{ do: check, at: heap, state: present, value: 5 }",
  ];
}

/** Through a common switch a NIC reads a GPU's memory in place. */
function peerSteps(gpu: string, nic: string): string[] {
  return [
    ...START,
    `{ do: migrate_to_device, device: ${gpu}, at: heap }`,
    `{ do: device_read, device: ${nic}, at: heap }`,
    `{ do: check, at: heap, seen_by: ${nic}, aperture: pcie-p2p, address: bus, value: 5 }`,
    `{ do: check, at: heap, state: device-private, device: ${gpu} }`,
  ];
}

/** Through host bridges that Linux trusts a GPU reads another one's memory in place. */
function hostSteps(home: string, peer: string): string[] {
  return [
    ...START,
    `{ do: migrate_to_device, device: ${home}, at: heap }`,
    `{ do: device_read, device: ${peer}, at: heap }`,
    `{ do: check, at: heap, seen_by: ${peer}, aperture: pcie-p2p, value: 5 }`,
    `{ do: check, at: heap, state: device-private, device: ${home} }`,
  ];
}

const ideal = (...names: readonly string[]): string[] =>
  names.map((name) => `{ name: ${name}, stack: ideal }`);

const MINIATURES: readonly Case[] = [
  {
    kind: "kfd",
    file: "imports/kfd-three-gpus",
    steps: hiveSteps("gpu0", "gpu1", "gpu2"),
  },
  {
    kind: "lspci",
    file: "imports/one-switch.txt",
    devices: ideal("gpu0"),
    designs: "{ hmm.p2pOp: v2 }",
    steps: peerSteps("gpu0", "nic0"),
  },
  {
    kind: "lspci",
    file: "imports/lspci-tree.txt",
    devices: ideal("gpu0", "gpu1"),
    designs: "{ hmm.p2pOp: v2 }",
    steps: peerSteps("gpu0", "nic0"),
  },
  {
    kind: "nvidia-smi",
    file: "imports/four-gpus.txt",
    devices: ideal("GPU0", "GPU1", "GPU2", "GPU3"),
    designs: CLIQUES,
    steps: linkSteps("GPU0", "GPU1", "GPU3"),
  },
  {
    kind: "hwloc",
    file: "imports/two-packages.xml",
    devices: ideal("gpu0", "gpu1"),
    designs: CLIQUES,
    steps: linkSteps("gpu0", "gpu1", "nic0").slice(0, -2),
  },
];

const FIXTURES: readonly Case[] = [
  {
    kind: "kfd",
    file: "kfd/topo-mi210-xgmi-pcie",
    steps: hiveSteps("gpu0", "gpu3", "gpu4"),
  },
  {
    kind: "nccl",
    file: "rccl/topo_8p_940.xml",
    steps: hiveSteps("gpu0", "gpu7", "gpu1").slice(0, -2),
  },
  {
    kind: "hwloc",
    file: "hwloc/power8gpudistances.xml",
    devices: ideal("gpu0", "gpu1", "gpu2", "gpu3"),
    designs: CLIQUES,
    steps: linkSteps("gpu0", "gpu1", "gpu2"),
  },
  {
    kind: "nvidia-smi",
    file: "nvidia-smi/dgx1-v100-8gpu.txt",
    devices: ideal(...Array.from({ length: 8 }, (_, n) => `GPU${n}`)),
    designs: CLIQUES,
    steps: linkSteps("GPU0", "GPU1", "GPU5"),
  },
  {
    kind: "lspci",
    file: "lspci/esc8000a-lspci-tv.txt",
    devices: ideal("gpu0", "gpu1", "gpu2", "gpu3"),
    designs: CLIQUES,
    steps: hostSteps("gpu0", "gpu1"),
  },
];

/** The file, or every file of the folder, by the paths that a command would be given. */
function filesAt(root: string, name: string): Record<string, Uint8Array> {
  const path = join(root, name);
  if (!statSync(path).isDirectory()) return { [name]: readFileSync(path) };
  const below = readdirSync(path, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    below
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((at) => [relative(root, at), readFileSync(at)]),
  );
}

function scenarioOf({ kind, devices = [], designs = "{}", steps }: Case): string {
  return [
    "version: 1",
    `title: On an imported machine of ${kind}`,
    "machine:",
    "  file: machine.yaml",
    `  devices: [${devices.join(", ")}]`,
    `designs: ${designs}`,
    "steps:",
    ...steps.map((step) => `  - ${step}`),
    "",
  ].join("\n");
}

/** What the run prints; what goes wrong before it is an exception. */
async function importAndRun(root: string, one: Case): Promise<string> {
  const io = new CapturedIo({ ...filesAt(root, one.file), "scenario.yaml": scenarioOf(one) });
  const imported = await main(["import", one.kind, one.file, "-o", "machine.yaml"], io);
  if (imported !== 0) throw new Error(io.err);
  await main(["run", "scenario.yaml"], io);
  return io.err + io.out;
}

describe("a miniature of a machine runs what it was imported for", () => {
  test.each(MINIATURES)("$kind: $file", async (one) => {
    expect(await importAndRun(imports, one)).toContain(`passed: ${one.steps.length} steps`);
  });
});

describe("a real machine does", () => {
  const root = join(shared ?? "", "fixtures");
  const isThere = shared !== undefined && existsSync(root);
  test.skipIf(!isThere).each(FIXTURES)("$kind: $file", async (one) => {
    expect(await importAndRun(root, one)).toContain(`passed: ${one.steps.length} steps`);
  });
});
