// Wiring → machine document: sockets with their memory, the PCI ports above each GPU, GPUs with
// coherent memory, NVLink2 links with their bandwidth. What a device tree does not say (latency,
// the size of GPU memory behind its window) is said to be assumed.
import { type DeviceTree, type DtNode, nodesOf } from "../devicetree/device-tree.ts";
import { cellOf, cellsOf, textOf } from "../devicetree/dt-value.ts";
import { formatSize } from "../fields.ts";
import type { MachineInput } from "../machine-schema.ts";
import { gpuPciFunctions, type PciParts } from "./gpu-pci-functions.ts";
import { npuDeviceName } from "./npu-device-name.ts";
import { npuLinkFacts } from "./npu-links.ts";
import { chipOf } from "./npu-nodes.ts";
import type { NpuGpu, NpuWiring } from "./npu-wiring.ts";

/** What the tree does not say. */
export interface NpuMachineOptions {
  /** Memory of each GPU. @defaultValue by its PCI device id; 16 GiB where that is not known */
  readonly gpuMemoryBytes?: bigint;
}

const GIB = 1n << 30n;
/** V100 on SXM2, by device id; names of pci.ids. */
const MEMORY_BY_ID: ReadonlyMap<number, bigint> = new Map([
  [0x1db1, 16n * GIB],
  [0x1db5, 32n * GIB],
]);
const SOURCES = {
  links:
    "ends, width: the device tree; bandwidth: 25 GB/s for each NVLink2 link and direction, eight " +
    "lanes at 25 Gbit/s; latency: assumed, 0.82 us between NVLink GPUs in the MSCCL++ paper.",
  gpu: "node, links: the device tree; page sizes: assumed; memory: ",
};
const BY_ID = "by the PCI device id, 10de:1db1 has 16 GiB and 10de:1db5 32 GiB.";

/** A document of the machine that a tree describes. */
export function npuMachine(
  tree: DeviceTree,
  wiring: NpuWiring,
  options: NpuMachineOptions = {},
): MachineInput {
  const chips = chipsOf(wiring);
  const names = new Map(wiring.gpus.map((gpu) => [gpu.name, npuDeviceName(gpu.name)]));
  const parts = gpuPciFunctions(tree, wiring, chips);
  const numa = numaOf(tree, wiring, chips);
  return {
    version: 1,
    title: `${wiring.model ?? "POWER9"}, ${wiring.gpus.length} GPUs on ${wiring.npus.length} NPUs`,
    description: descriptionOf(wiring, parts),
    cpu: { vendor: "", family: 0 },
    page_size: "64KiB",
    ...(numa.nodes.length === 0 ? {} : { numa }),
    host_bridges: parts.hostBridges,
    functions: parts.functions,
    fabric: { links: linksOf(wiring, chips, names) },
    devices: wiring.gpus.map((gpu) => deviceOf(tree, gpu, chips, numa.nodes, options)),
  };
}

/** Chips in ascending order: their places are the numbers of the sockets. */
function chipsOf({ npus, gpus, memory }: NpuWiring): (number | null)[] {
  const system = memory.filter(({ kind }) => kind === "system");
  const chips = new Set([...npus, ...gpus, ...system].map(({ chip }) => chip));
  const known = [...chips].filter((chip) => chip !== null).toSorted((a, b) => a - b);
  return known.length === 0 ? [null] : known;
}

/** The socket of a chip; what is on no known chip is on socket 0. */
function socketOf(chips: readonly (number | null)[], chip: number | null): number {
  return Math.max(0, chips.indexOf(chip));
}

function descriptionOf({ stage, gpus }: NpuWiring, { isPlaceholder }: PciParts): string {
  const notes = [`From a device tree of the ${stage}.`];
  if (gpus.some(({ links }) => links === null)) {
    notes.push("It does not say how GPUs are linked to each other; such links are missing here.");
  }
  if (isPlaceholder)
    notes.push("It has no GPUs on PCI: the ports here stand in for the real ones.");
  return notes.join(" ");
}

type Numa = NonNullable<MachineInput["numa"]>;

function numaOf(tree: DeviceTree, { memory }: NpuWiring, chips: readonly (number | null)[]): Numa {
  let nextCpu = 0;
  const nodes = chips.flatMap((chip, socket): Numa["nodes"] => {
    const own = memory.filter((one) => one.kind === "system" && one.chip === chip);
    const sizeBytes = own.reduce((sum, window) => sum + window.sizeBytes, 0n);
    const nrCpus = countThreads(tree, chip);
    const cpus = nrCpus === 0 ? [] : [`${nextCpu}-${nextCpu + nrCpus - 1}`];
    nextCpu += nrCpus;
    if (sizeBytes === 0n && nrCpus === 0) return [];
    return [
      {
        socket,
        ...(sizeBytes === 0n ? {} : { memory: formatSize(sizeBytes) }),
        ...(cpus.length === 0 ? {} : { cpus }),
      },
    ];
  });
  return { nodes };
}

function countThreads({ root }: DeviceTree, chip: number | null): number {
  return [...nodesOf(root)]
    .filter((node) => textOf(node, "device_type") === "cpu" && chipOf(node) === chip)
    .filter((node) => (textOf(node, "status") ?? "okay") === "okay")
    .reduce((sum, node) => sum + (cellsOf(node, "ibm,ppc-interrupt-server#s")?.length ?? 1), 0);
}

function linksOf(
  wiring: NpuWiring,
  chips: readonly (number | null)[],
  names: ReadonlyMap<string, string>,
): NonNullable<NonNullable<MachineInput["fabric"]>["links"]> {
  const groups = new Map<string, [string, string][]>();
  for (const { kind, from, to, nrLinks, gigabytesPerSecond } of npuLinkFacts(wiring)) {
    const key = `${nrLinks} ${gigabytesPerSecond}`;
    const chip = wiring.gpus.find((gpu) => gpu.name === from)?.chip ?? null;
    const end = kind === "gpu-cpu" ? `socket${socketOf(chips, chip)}` : (names.get(to) ?? to);
    groups.set(key, [...(groups.get(key) ?? []), [names.get(from) ?? from, end]]);
  }
  return [...groups].map(([key, between]) => {
    const [width = 1, bandwidth = 25] = key.split(" ").map(Number);
    const speed = { width, bandwidth: `${bandwidth}GB/s`, latency: "820ns" };
    return { kind: "nvlink" as const, between, ...speed, source: SOURCES.links };
  });
}

type Device = NonNullable<MachineInput["devices"]>[number];

function deviceOf(
  tree: DeviceTree,
  { name: label, path, chip }: NpuGpu,
  chips: readonly (number | null)[],
  nodes: Numa["nodes"],
  { gpuMemoryBytes }: NpuMachineOptions,
): Device {
  const name = npuDeviceName(label);
  const node = nodes.findIndex(({ socket }) => socket === socketOf(chips, chip));
  const byId = MEMORY_BY_ID.get(deviceIdOf(tree, path) ?? 0);
  const known = gpuMemoryBytes === undefined ? byId && BY_ID : "as asked for.";
  return {
    name,
    kind: "gpu",
    ...(path === null ? {} : { initiators: [name] }),
    memory: { size: formatSize(gpuMemoryBytes ?? byId ?? 16n * GIB), cpu_coherent: true },
    page_sizes: ["64KiB", "2MiB"],
    ...(node < 0 ? {} : { node }),
    stack: "ats",
    source: `${SOURCES.gpu}${known ?? "assumed."}`,
  };
}

function deviceIdOf({ root }: DeviceTree, path: string | null): number | null {
  const node: DtNode | undefined = [...nodesOf(root)].find((one) => one.path === path);
  return node === undefined ? null : cellOf(node, "device-id");
}
