// A machine from the matrix of `nvidia-smi topo -m`.
import { connectedSets, directLinkGroups, type LinkedPair } from "../direct-link-groups.ts";
import { type ImportOptions, type ImportResult, refusedImport } from "../import-result.ts";
import { machineOfSketch, type SketchBridge, type SketchLinks } from "../machine-sketch.ts";
import { readTopologyMatrix, type TopologyMatrix } from "./read-topology-matrix.ts";

interface Pair {
  readonly a: string;
  readonly b: string;
  readonly way: string;
}

/** Reads the text that the tool prints. */
export function importNvidiaSmi(
  text: string,
  file: string,
  options: ImportOptions = {},
): ImportResult {
  const { matrix, diagnostics } = readTopologyMatrix(text, file);
  if (matrix === null) return refusedImport(diagnostics);
  const pairs = pairsOf(matrix);
  const gpus = matrix.names.filter(isGpu);
  const nvlinks = pairs.filter(({ way }) => way.startsWith("NV"));
  const linked = nvlinks.map(({ a, b }): LinkedPair => [a, b]);
  const nodes = nodesOf(matrix);
  const sketch = machineOfSketch({
    title: `${gpus.length} GPUs, as nvidia-smi shows them`,
    cpu: null,
    nodes: nodes.map(({ cpus }, socket) => ({ socket, memoryMib: null, cpus })),
    bridges: bridgesOf(matrix, pairs, nodes),
    devices: matrix.names.map((name) => ({ name, kind: isGpu(name) ? "gpu" : "nic", id: null })),
    links: linksOf(nvlinks),
    gpuMemoryBytes: options.gpuMemoryBytes,
  });
  const { cpuAffinity, numaAffinity } = matrix;
  const kinds = pairs.filter(({ a, b }) => isGpu(a) && isGpu(b)).map(({ way }) => way);
  const facts = {
    gpuCount: gpus.length,
    nicCount: matrix.names.length - gpus.length,
    gpuPairKinds: countsOf(kinds),
    nvlinkPairs: nvlinks.length,
    gpuNuma: numaAffinity?.map((node) => (/^\d+$/.test(node) ? Number(node) : node)) ?? null,
    cpuAffinity,
    nicColumns: matrix.names.filter((name) => !isGpu(name)),
    directLinkGreedyGroups: { order: "GPU index", ...directLinkGroups(gpus, linked) },
  };
  const assumptions = [
    ...sketch.assumptions,
    ...(nvlinks.length > 0
      ? ["fabric: whether NVLinks pass a switch is not in the file; direct"]
      : []),
  ];
  return { machine: sketch.machine, assumptions, facts, diagnostics };
}

function isGpu(name: string): boolean {
  return /^GPU\d+$/.test(name);
}

function pairsOf({ names, cells }: TopologyMatrix): Pair[] {
  return names.flatMap((a, i) =>
    names.slice(i + 1).map((b, k) => ({ a, b, way: cells[i]?.[i + 1 + k] ?? "" })),
  );
}

function countsOf(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

interface NearNode {
  readonly affinity: string;
  readonly cpus: readonly (number | string)[];
}

/** A node for each set of CPUs that GPUs are near to. */
function nodesOf({ cpuAffinity }: TopologyMatrix): NearNode[] {
  const sets = [...new Set((cpuAffinity ?? []).filter((one) => one !== "N/A"))];
  return sets.map((affinity) => ({
    affinity,
    cpus: affinity.split(",").map((part) => (part.includes("-") ? part : Number(part))),
  }));
}

/** Devices that one switch joins share a port, and those that one host bridge joins a bridge. */
function bridgesOf(
  { names, cpuAffinity }: TopologyMatrix,
  pairs: readonly Pair[],
  nodes: readonly NearNode[],
): SketchBridge[] {
  const joined = (...ways: readonly string[]): string[][] => {
    const close = pairs.filter(({ way }) => ways.includes(way));
    const sets = connectedSets(
      names,
      close.map(({ a, b }): LinkedPair => [a, b]),
    );
    const alone = names.filter((name) => !sets.some((set) => set.includes(name)));
    return [...sets, ...alone.map((name) => [name])];
  };
  const ports = joined("PIX", "PXB");
  return joined("PIX", "PXB", "PHB").map((members) => {
    const gpu = members.find(isGpu);
    const near = gpu === undefined ? undefined : cpuAffinity?.[names.filter(isGpu).indexOf(gpu)];
    const socket = Math.max(
      0,
      nodes.findIndex(({ affinity }) => affinity === near),
    );
    const own = ports.filter(([first]) => first !== undefined && members.includes(first));
    return { socket, ports: own.map((devices) => ({ devices })) };
  });
}

function linksOf(nvlinks: readonly Pair[]): SketchLinks[] {
  return [...new Set(nvlinks.map(({ way }) => way))].map((way) => ({
    kind: "nvlink",
    width: Number(way.slice(2)),
    pairs: nvlinks.filter((one) => one.way === way).map(({ a, b }): LinkedPair => [a, b]),
  }));
}
