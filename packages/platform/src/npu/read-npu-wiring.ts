// Device tree → NVLink2 wiring. The wiring is fixed in hardware; a tree that contradicts itself is
// refused, with every contradiction at its place.
import { type Diagnostic, DiagnosticSink } from "@faultline/diagnostics";
import type { DeviceTree, DtNode } from "../devicetree/device-tree.ts";
import {
  cellOf,
  cellsOf,
  doubleCellsOf,
  isCompatible,
  registersOf,
  textOf,
} from "../devicetree/dt-value.ts";
import { checkNpuWiring } from "./check-npu-wiring.ts";
import { firmwareGpus } from "./firmware-gpus.ts";
import {
  type BridgeNode,
  chipOf,
  collectNpuNodes,
  type GpuNode,
  type LinkNode,
  type NpuNodes,
} from "./npu-nodes.ts";
import type {
  GpuLinkEnd,
  GpuMemory,
  MemoryWindow,
  NpuBoard,
  NpuGpu,
  NpuLink,
  NpuStage,
  NpuUnit,
  NpuWiring,
} from "./npu-wiring.ts";

/** Wiring when the tree is sound, and everything there is to say about it. */
export interface LoadedNpuWiring {
  readonly wiring: NpuWiring | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Gigabytes per second in one direction, by `ibm,nvlink-speed`: eight lanes at 20 or 25 Gbit/s. */
const SPEEDS: ReadonlyMap<number, number> = new Map([
  [3, 20],
  [8, 25],
  [9, 25],
]);
const USUAL_SPEED = 25;

/** Reads the wiring of a tree; a tree without NPUs gives wiring without any. */
export function readNpuWiring(tree: DeviceTree): LoadedNpuWiring {
  const sink = new DiagnosticSink();
  const nodes = collectNpuNodes(tree, sink);
  const stage = stageOf(nodes);
  checkNpuWiring(nodes, stage);
  if (sink.hasErrors) return { wiring: null, diagnostics: sink.sorted() };
  const phbs = hostBridgesOf(nodes);
  const npus = phbs.length > 0 ? phbs.map((phb) => unitOf(nodes, phb)) : firmwareUnits(nodes);
  const wiring: NpuWiring = {
    stage,
    board: stage === "guest" ? null : boardOf(nodes),
    model: textOf(tree.root, "model"),
    npus,
    gpus:
      stage === "firmware"
        ? firmwareGpus(npus)
        : nodes.gpus.map((gpu) => readGpu(nodes, gpu, npus)),
    memory: nodes.memory.flatMap(windowsOf),
  };
  return { wiring, diagnostics: sink.sorted() };
}

function stageOf({ tree, bridges }: NpuNodes): NpuStage {
  if (isCompatible(tree.root, "qemu,pseries")) return "guest";
  return bridges.length === 0 ? "firmware" : "host";
}

/** The board by the highest group of any link. */
function boardOf({ links }: NpuNodes): NpuBoard | null {
  const highest = Math.max(-1, ...links.map(({ group }) => group ?? -1));
  return highest === 1 ? "redbud" : highest === 2 ? "sequoia" : null;
}

/** Host bridges that have NVLink bridges below them, in the order of the tree. */
function hostBridgesOf({ bridges }: NpuNodes): DtNode[] {
  return [...new Set(bridges.map(({ phb }) => phb))];
}

function unitOf({ bridges, npus, links, byPhandle }: NpuNodes, phb: DtNode): NpuUnit {
  const own = bridges.filter((bridge) => bridge.phb === phb).toSorted(byFunction);
  const named = byPhandle.get(cellsOf(phb, "ibm,npcq")?.[0] ?? 0);
  const npu = named ?? own.find(({ link }) => link !== null)?.link?.npu ?? npus[0];
  return {
    path: phb.path,
    chip: npu === undefined ? null : chipOf(npu),
    index:
      cellOf(phb, "ibm,npu-index") ?? (npu === undefined ? null : cellOf(npu, "ibm,npu-index")),
    links: links.filter((link) => link.npu === npu).map(linkOf),
    bridges: own.map(({ node }) => node.path),
    atsd: doubleCellsOf(phb, "ibm,mmio-atsd") ?? [],
  };
}

function byFunction(a: BridgeNode, b: BridgeNode): number {
  return a.device - b.device || a.fn - b.fn;
}

function firmwareUnits({ npus, links }: NpuNodes): NpuUnit[] {
  return npus.map((npu) => ({
    path: npu.path,
    chip: chipOf(npu),
    index: cellOf(npu, "ibm,npu-index"),
    links: links.filter((link) => link.npu === npu).map(linkOf),
    bridges: [],
    atsd: [],
  }));
}

function linkOf({ node, index, group, slotLabel }: LinkNode): NpuLink {
  return {
    path: node.path,
    index,
    group,
    slotLabel,
    laneMask: cellOf(node, "ibm,npu-lane-mask"),
    brick: cellOf(node, "ibm,npu-brick-id"),
    gigabytesPerSecond: speedOf(cellOf(node, "nvidia,link-speed")),
  };
}

function speedOf(code: number | null): number {
  return SPEEDS.get(code ?? 0) ?? USUAL_SPEED;
}

function readGpu(nodes: NpuNodes, gpu: GpuNode, npus: readonly NpuUnit[]): NpuGpu {
  const { node, label, bridges } = gpu;
  const npu = npus.findIndex(({ path }) => path === bridges[0]?.phb.path);
  const { atsd = [], chip = null } = npus[npu] ?? {};
  return {
    name: nameOf(nodes, gpu),
    label,
    path: node.path,
    npu,
    chip,
    bridges: bridges.map(({ node: { path }, link, speedCode }) => {
      const linkIndex = link?.index ?? 0;
      return { path, linkIndex, atsd: atsd[linkIndex] ?? null, speedCode };
    }),
    memory: gpuMemory(bridges[0]),
    links: linkEnds(nodes, gpu),
    cpuGigabytesPerSecond: bridges.reduce((sum, { speedCode }) => sum + speedOf(speedCode), 0),
  };
}

function nameOf({ gpus }: NpuNodes, gpu: GpuNode): string {
  return gpu.label ?? `gpu${gpus.indexOf(gpu)}`;
}

function gpuMemory(bridge: BridgeNode | undefined): GpuMemory | null {
  const memory = bridge?.memory ?? null;
  const [window] = memory === null ? [] : (registersOf(memory) ?? []);
  if (memory === null || window === undefined) return null;
  return {
    path: memory.path,
    base: window.address,
    windowBytes: window.sizeBytes,
    tgt: bridge?.tgt ?? 0n,
    numaId: numaIdOf(memory),
  };
}

function numaIdOf(memory: DtNode): number | null {
  return cellsOf(memory, "ibm,associativity")?.at(-1) ?? null;
}

function linkEnds(nodes: NpuNodes, { node }: GpuNode): GpuLinkEnd[] | null {
  const peers = cellsOf(node, "ibm,nvlink-peers");
  return (
    peers?.map((phandle): GpuLinkEnd => {
      const peer = nodes.byPhandle.get(phandle);
      const gpu = nodes.gpus.find((one) => one.node === peer);
      if (gpu !== undefined) return { to: "gpu", path: gpu.node.path, name: nameOf(nodes, gpu) };
      const bridge = nodes.bridges.find((one) => one.node === peer);
      if (bridge === undefined) return { to: "nothing" };
      return { to: "cpu", linkIndex: bridge.link?.index ?? 0 };
    }) ?? null
  );
}

function windowsOf(node: DtNode): MemoryWindow[] {
  return (registersOf(node) ?? []).map(({ address, sizeBytes }) => ({
    path: node.path,
    kind: isCompatible(node, "ibm,coherent-device-memory") ? "gpu" : "system",
    base: address,
    sizeBytes,
    numaId: numaIdOf(node),
    chip: cellOf(node, "ibm,chip-id"),
  }));
}
