// A machine from KFD's topology in sysfs: CPUs and GPUs, their hives, XGMI with its rates.
import type { ImportInput } from "../import-input.ts";
import { type ImportOptions, type ImportResult, refusedImport } from "../import-result.ts";
import {
  machineOfSketch,
  type SketchBridge,
  type SketchDevice,
  type SketchLinks,
  type SketchNode,
} from "../machine-sketch.ts";
import { hivesOf, kfdFacts, type KfdPair, xgmiPairs } from "./kfd-facts.ts";
import { kfdAddress, type KfdNode, readKfd } from "./read-kfd.ts";

const MIB = 1n << 20n;
const LOCAL_DISTANCE = 10;
const MAX_DISTANCE = 254;

/** Reads the folder, or an archive of it. */
export function importKfd(input: ImportInput, options: ImportOptions = {}): ImportResult {
  const { tree, diagnostics } = readKfd(input);
  if (tree === null) return refusedImport(diagnostics);
  const { nodes } = tree;
  // A node may have memory alone.
  const cpus = nodes.filter(
    ({ isGpu, properties }) => !isGpu || properties.number("cpu_cores_count") > 0,
  );
  const gpus = nodes.filter(({ isGpu }) => isGpu);
  const distances = distancesOf(cpus);
  const sketch = machineOfSketch({
    title: `${gpus.length} GPU nodes and ${cpus.length} CPU nodes, as KFD shows them`,
    cpu: { vendor: "AuthenticAMD", family: 0x19 },
    nodes: sketchNodes(cpus),
    ...(distances === null ? {} : { distances }),
    bridges: bridgesOf(cpus, gpus),
    devices: gpus.map((gpu) => deviceOf(gpu, gpus, nodes)),
    links: linksOf(nodes, cpus, gpus),
    gpuMemoryBytes: options.gpuMemoryBytes,
  });
  const links = nodes.flatMap((node) => node.links);
  const assumptions = [
    ...sketch.assumptions,
    "cpu: family 0x19; the file has no CPUID",
    "numa: CPUs are numbered node after node; the file has only how many there are",
    ...(cpus.length === 0 ? ["numa: no CPU node in the file"] : []),
    ...(xgmiPairs(nodes).length > 0
      ? ["fabric: how many XGMI links a pair has is not in the file; 1, with the rate of all"]
      : []),
    ...(links.some(({ type, maxBandwidth }) => type === 11 && maxBandwidth === 0)
      ? ["fabric: a bandwidth of 0 in the file means unknown, not zero"]
      : []),
  ];
  const facts = kfdFacts(tree, input.origin === "archive");
  return { machine: sketch.machine, assumptions, facts, diagnostics };
}

function sketchNodes(cpus: readonly KfdNode[]): SketchNode[] {
  let next = 0;
  return cpus.map(({ properties, memoryBytes }, socket) => {
    const first = next;
    next += properties.number("cpu_cores_count");
    const memoryMib = memoryBytes === null ? null : Number(memoryBytes / MIB);
    const range = first === next - 1 ? first : `${first}-${next - 1}`;
    return { socket, memoryMib, cpus: first === next ? [] : [range] };
  });
}

/** A link between CPUs weighs what the nodes' distance is. */
function distancesOf(cpus: readonly KfdNode[]): number[][] | null {
  const weights = cpus.flatMap(({ links }) => links.filter(({ where }) => where === "io_links"));
  const between = (from: KfdNode, to: KfdNode): number => {
    if (from === to) return LOCAL_DISTANCE;
    const found = weights.find((one) => one.from === from.number && one.to === to.number);
    return found?.weight ?? 0;
  };
  const rows = cpus.map((from) => cpus.map((to) => between(from, to)));
  const isMatrix = rows.every((row, n) =>
    row.every((value, to) => {
      const isFar = n === to || (value > LOCAL_DISTANCE && value <= MAX_DISTANCE);
      return isFar && value === rows[to]?.[n];
    }),
  );
  return isMatrix && rows.length > 1 ? rows : null;
}

/** The CPU node that a GPU has the lightest link to; the first without one. */
function socketOf(gpu: KfdNode, cpus: readonly KfdNode[]): number {
  const own = cpus.indexOf(gpu);
  if (own >= 0) return own;
  const ways = gpu.links
    .filter(({ where, to }) => where === "io_links" && cpus.some(({ number }) => number === to))
    .toSorted((a, b) => a.weight - b.weight);
  const near = cpus.findIndex(({ number }) => number === ways[0]?.to);
  return Math.max(0, near);
}

/** Partitions of one GPU are functions of one device, below one port. */
function bridgesOf(cpus: readonly KfdNode[], gpus: readonly KfdNode[]): SketchBridge[] {
  const sockets = cpus.length === 0 ? [0] : cpus.map((_, socket) => socket);
  return sockets.map((socket) => {
    const own = gpus.filter((gpu) => socketOf(gpu, cpus) === socket);
    const slotOf = (gpu: KfdNode): string =>
      kfdAddress(gpu)?.replace(/\.\d$/, "") ?? nameOf(gpu, gpus);
    const slots = [...new Set(own.map(slotOf))];
    return {
      socket,
      ports: slots.map((slot) => ({
        devices: own.filter((gpu) => slotOf(gpu) === slot).map((gpu) => nameOf(gpu, gpus)),
        isOneDevice: true,
      })),
    };
  });
}

function nameOf(gpu: KfdNode, gpus: readonly KfdNode[]): string {
  return `gpu${gpus.indexOf(gpu)}`;
}

function deviceOf(gpu: KfdNode, gpus: readonly KfdNode[], nodes: readonly KfdNode[]): SketchDevice {
  const { properties, memoryBytes } = gpu;
  const hex = (name: string): string => properties.number(name).toString(16).padStart(4, "0");
  const at = kfdAddress(gpu);
  const isShared = gpus.some((other) => other !== gpu && kfdAddress(other) === at);
  const hive = hivesOf(nodes).find((one) => one.nodes.includes(gpu));
  const card = properties.exact("unique_id") ?? 0n;
  return {
    name: nameOf(gpu, gpus),
    kind: "gpu",
    id: `${hex("vendor_id").slice(-4)}:${hex("device_id").slice(-4)}`,
    ...(at === null || isShared ? {} : { at }),
    ...(hive === undefined ? {} : { hive: `hive-${hive.id}` }),
    ...(card === 0n ? {} : { card: `card-${card}` }),
    ...(memoryBytes === null || memoryBytes === 0n ? {} : { memoryBytes }),
  };
}

function linksOf(
  nodes: readonly KfdNode[],
  cpus: readonly KfdNode[],
  gpus: readonly KfdNode[],
): SketchLinks[] {
  const endOf = (number: number): string => {
    const gpu = gpus.findIndex((one) => one.number === number);
    return gpu >= 0 ? `gpu${gpu}` : `socket${cpus.findIndex((one) => one.number === number)}`;
  };
  const isWanted = (a: KfdNode, b: KfdNode): boolean => a.isGpu || b.isGpu;
  const pairs = xgmiPairs(nodes, isWanted);
  const rates = [...new Set(pairs.map(({ bandwidthMb }) => bandwidthMb))];
  return rates.map((rate) => ({
    kind: "xgmi",
    width: 1,
    ...(rate === 0 ? {} : { bandwidthMb: rate }),
    pairs: pairs
      .filter((pair: KfdPair) => pair.bandwidthMb === rate)
      .map(({ a, b }): [string, string] => [endOf(a), endOf(b)]),
  }));
}
