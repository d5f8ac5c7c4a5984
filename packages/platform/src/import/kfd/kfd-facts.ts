// What KFD's topology says, under the names of docs/import.md.
import { directLinkGroups, type LinkedPair } from "../direct-link-groups.ts";
import {
  countMismatches,
  kfdAddress,
  KFD_XGMI,
  type KfdLink,
  type KfdNode,
  type KfdTree,
} from "./read-kfd.ts";

/** All facts; `isArchive` says whether files were unpacked. */
export function kfdFacts({ nodes, nrFiles }: KfdTree, isArchive: boolean): Record<string, unknown> {
  const gpus = nodes.filter(({ isGpu }) => isGpu);
  const [first, last] = [gpus[0], gpus.at(-1)];
  const mismatches = [...countMismatches(nodes).keys()];
  const pairs = xgmiPairs(nodes);
  const name = (node: number): string => `node${node}`;
  const { groups, linkedPairsKept } = directLinkGroups(
    gpus.map(({ number }) => name(number)),
    pairs.map(({ a, b }): LinkedPair => [name(a), name(b)]),
  );
  return {
    nodes: nodes.length,
    cpuNodes: nodes
      .filter(({ properties }) => properties.number("cpu_cores_count") > 0)
      .map(({ number, properties }) => ({
        node: number,
        cores: properties.number("cpu_cores_count"),
      })),
    gpuNodes: gpus.length,
    firstGpu: first === undefined ? null : gpuFact(first),
    lastGpu: last === undefined ? null : gpuFact(last),
    gpus: gpus.map(gpuFact),
    hives: hivesOf(nodes).map((hive) => ({
      hiveId: String(hive.id),
      nodes: hive.nodes.map(({ number }) => number),
    })),
    links: linkFacts(nodes),
    xgmiPairs: pairs.length,
    directXgmiGreedyGroups: {
      order: "node number",
      sizes: groups.map((group) => group.length),
      linkedPairsKept,
    },
    filesInArchive: isArchive ? nrFiles : null,
    countMismatch: mismatches.length === 0 ? null : mismatches.join(", "),
  };
}

function gpuFact(node: KfdNode): object {
  const { number, properties, memoryBytes } = node;
  return {
    node: number,
    pci: kfdAddress(node),
    renderMinor: properties.number("drm_render_minor"),
    simdCount: properties.number("simd_count"),
    simdPerCu: properties.number("simd_per_cu"),
    deviceId: `0x${properties.number("device_id").toString(16).padStart(4, "0")}`,
    gfxTargetVersion: properties.number("gfx_target_version"),
    ...(memoryBytes === null ? {} : { memoryBytes: Number(memoryBytes) }),
  };
}

/** GPUs of one hive; nodes without one are left out. */
export interface KfdHive {
  /** 64 bits. */
  readonly id: bigint;
  readonly nodes: readonly KfdNode[];
}

/** Hives in the order of their first nodes. */
export function hivesOf(nodes: readonly KfdNode[]): KfdHive[] {
  const ids = [...new Set(nodes.map(({ properties }) => properties.exact("hive_id") ?? 0n))];
  return ids
    .filter((id) => id !== 0n)
    .map((id) => {
      return { id, nodes: nodes.filter(({ properties }) => properties.exact("hive_id") === id) };
    });
}

/** Links that are alike, and how many directions there are of them. */
function linkFacts(nodes: readonly KfdNode[]): object[] {
  const isGpu = new Map(nodes.map((node) => [node.number, node.isGpu]));
  const end = (node: number): string => (isGpu.get(node) === true ? "gpu" : "cpu");
  const groups = new Map<string, { readonly link: KfdLink; kind: string; directed: number }>();
  for (const link of nodes.flatMap(({ links }) => links)) {
    const kind = `${end(link.from)}->${end(link.to)}`;
    const key = [link.where, link.type, link.weight, link.maxBandwidth, kind].join(" ");
    const group = groups.get(key) ?? { link, kind, directed: 0 };
    groups.set(key, group);
    group.directed += 1;
  }
  const order = ({ link }: { readonly link: KfdLink }): readonly number[] => {
    return [link.where === "io_links" ? 0 : 1, link.type, link.weight];
  };
  const sorted = [...groups.values()].toSorted((a, b) => {
    const [one, other] = [order(a), order(b)];
    const at = one.findIndex((value, n) => value !== other[n]);
    return at < 0 ? (a.kind < b.kind ? -1 : 1) : (one[at] ?? 0) - (other[at] ?? 0);
  });
  return sorted.map(({ link, kind, directed }) => ({
    where: link.where,
    type: link.type,
    weight: link.weight,
    maxBandwidthMBps: link.maxBandwidth,
    kind,
    directed,
  }));
}

/** Two GPUs with XGMI between them. */
export interface KfdPair {
  readonly a: number;
  readonly b: number;
  /** The smaller of both directions; 0 is unknown. */
  readonly bandwidthMb: number;
}

/** Pairs of GPUs, or of a GPU and a CPU, that XGMI connects; each once. */
export function xgmiPairs(
  nodes: readonly KfdNode[],
  isWanted: (a: KfdNode, b: KfdNode) => boolean = (a, b) => a.isGpu && b.isGpu,
): KfdPair[] {
  const byNumber = new Map(nodes.map((node) => [node.number, node]));
  const pairs = new Map<string, KfdPair>();
  for (const { where, type, from, to, maxBandwidth } of nodes.flatMap(({ links }) => links)) {
    const [one, other] = [byNumber.get(from), byNumber.get(to)];
    if (where !== "io_links" || type !== KFD_XGMI || one === undefined || other === undefined)
      continue;
    if (!isWanted(one, other)) continue;
    const [a, b] = [Math.min(from, to), Math.max(from, to)];
    const known = pairs.get(`${a} ${b}`)?.bandwidthMb ?? maxBandwidth;
    pairs.set(`${a} ${b}`, { a, b, bandwidthMb: Math.min(known, maxBandwidth) });
  }
  return [...pairs.values()];
}
