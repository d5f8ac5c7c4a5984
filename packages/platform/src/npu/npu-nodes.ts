// The nodes of a device tree that are about NVLink2, tied together by their phandles. A phandle
// that leads nowhere or to something else is a diagnostic.
import type { DiagnosticSink, Severity } from "@faultline/diagnostics";
import { type DeviceTree, dtDiagnostic, type DtNode, nodesOf } from "../devicetree/device-tree.ts";
import {
  cellOf,
  cellsOf,
  doubleCellsOf,
  isCompatible,
  pciAddressOf,
  phandleOf,
  textOf,
} from "../devicetree/dt-value.ts";

/** `link@N` below an NPU. */
export interface LinkNode {
  readonly node: DtNode;
  readonly npu: DtNode;
  readonly index: number;
  readonly group: number | null;
  readonly slotLabel: string | null;
}

/** An emulated bridge: one link, as a PCI function. */
export interface BridgeNode {
  readonly node: DtNode;
  /** The emulated host bridge above it. */
  readonly phb: DtNode;
  readonly device: number;
  readonly fn: number;
  readonly link: LinkNode | null;
  readonly gpu: DtNode | null;
  readonly memory: DtNode | null;
  readonly tgt: bigint | null;
  readonly speedCode: number | null;
}

/** A GPU with the bridges it lists. */
export interface GpuNode {
  readonly node: DtNode;
  readonly label: string | null;
  readonly bridges: readonly BridgeNode[];
}

/** All of them. */
export interface NpuNodes {
  readonly tree: DeviceTree;
  readonly sink: DiagnosticSink;
  readonly byPhandle: ReadonlyMap<number, DtNode>;
  readonly npus: readonly DtNode[];
  readonly links: readonly LinkNode[];
  readonly bridges: readonly BridgeNode[];
  readonly gpus: readonly GpuNode[];
  readonly memory: readonly DtNode[];
}

const BRIDGE_VENDOR = 0x1014;
const BRIDGE_DEVICE = 0x4ea;

/** Collects the nodes; problems with their references go to the sink. */
export function collectNpuNodes(tree: DeviceTree, sink: DiagnosticSink): NpuNodes {
  const nodes = [...nodesOf(tree.root)];
  const byPhandle = new Map<number, DtNode>();
  for (const node of nodes) {
    const phandle = phandleOf(node);
    if (phandle !== null) byPhandle.set(phandle, node);
  }
  const npus = nodes.filter((node) => isCompatible(node, "ibm,power9-npu"));
  const links = npus.flatMap((npu) => linksOf(tree, sink, npu));
  const base = { tree, sink, byPhandle, npus, links };
  const bridges = nodes.filter(isBridge).map((node) => bridgeOf(base, node));
  const targets = new Set(bridges.map(({ gpu }) => gpu));
  const gpus = nodes
    .filter((node) => node.properties.has("ibm,npu") || targets.has(node))
    .map((node) => gpuOf({ ...base, bridges }, node));
  const memory = nodes.filter((node) => textOf(node, "device_type") === "memory");
  return { ...base, bridges, gpus, memory };
}

/** Reports a contradiction at a property of a node, or at the node. */
export function reportWiring(
  { tree, sink }: Pick<NpuNodes, "tree" | "sink">,
  node: DtNode,
  property: string | undefined,
  message: string,
  hint: string,
  severity: Severity = "error",
): void {
  sink.add(dtDiagnostic({ tree, node, property }, "E_NPU_WIRING", message, { hint, severity }));
}

function linksOf(tree: DeviceTree, sink: DiagnosticSink, npu: DtNode): LinkNode[] {
  return npu.children
    .filter((node) => isCompatible(node, "ibm,npu-link"))
    .flatMap((node) => {
      const index = cellOf(node, "ibm,npu-link-index");
      const [group, slotLabel] = [cellOf(node, "ibm,npu-group-id"), textOf(node, "ibm,slot-label")];
      if (index !== null) return [{ node, npu, index, group, slotLabel }];
      const hint = "a link has ibm,npu-link-index, one cell";
      reportWiring({ tree, sink }, node, "ibm,npu-link-index", "the link has no number", hint);
      return [];
    });
}

function isBridge(node: DtNode): boolean {
  const isEmulated =
    cellOf(node, "vendor-id") === BRIDGE_VENDOR && cellOf(node, "device-id") === BRIDGE_DEVICE;
  return node.parent !== null && (isEmulated || node.properties.has("ibm,nvlink"));
}

type Tied = Pick<NpuNodes, "tree" | "sink" | "byPhandle" | "links">;

function bridgeOf(nodes: Tied, node: DtNode): BridgeNode {
  const { devfn } = pciAddressOf(node, 0);
  const linkNode = follow(nodes, node, "ibm,nvlink");
  const link = nodes.links.find((one) => one.node === linkNode) ?? null;
  if (linkNode !== null && link === null) {
    const message = `no link of an NPU: ${linkNode.path}`;
    reportWiring(nodes, node, "ibm,nvlink", message, "it is the phandle of a link@N node");
  }
  return {
    node,
    phb: node.parent ?? nodes.tree.root,
    device: devfn >> 3,
    fn: devfn & 7,
    link,
    gpu: node.properties.has("ibm,gpu") ? follow(nodes, node, "ibm,gpu") : null,
    memory: follow(nodes, node, "memory-region"),
    tgt: doubleCellsOf(node, "ibm,device-tgt-addr")?.[0] ?? null,
    speedCode: cellOf(node, "ibm,nvlink-speed"),
  };
}

function gpuOf(nodes: Tied & Pick<NpuNodes, "bridges">, node: DtNode): GpuNode {
  const phandles = cellsOf(node, "ibm,npu") ?? [];
  const bridges = phandles.flatMap((phandle) => {
    const found = nodes.byPhandle.get(phandle);
    const bridge = nodes.bridges.find((one) => one.node === found);
    if (bridge !== undefined) return [bridge];
    const what = found === undefined ? "of no node" : `of ${found.path}, which is no bridge`;
    const hint = "ibm,npu lists the phandles of the GPU's NVLink bridges";
    reportWiring(nodes, node, "ibm,npu", `phandle 0x${phandle.toString(16)} ${what}`, hint);
    return [];
  });
  return { node, label: labelOf(node), bridges };
}

/** The slot label of a device: its own or the nearest above it. */
export function labelOf(node: DtNode): string | null {
  for (let at: DtNode | null = node; at?.parent; at = at.parent) {
    const label = textOf(at, "ibm,loc-code");
    if (label !== null) return label;
  }
  return null;
}

/** The node that a property's phandle means; null after a complaint, also when it is missing. */
function follow(nodes: Tied, node: DtNode, property: string): DtNode | null {
  const phandle = cellsOf(node, property)?.[0];
  const found = phandle === undefined ? undefined : nodes.byPhandle.get(phandle);
  if (found !== undefined) return found;
  const message =
    phandle === undefined ? `the bridge has no ${property}` : `no node has the phandle ${phandle}`;
  reportWiring(nodes, node, property, message, `${property} is the phandle of a node`);
  return null;
}

/** The physical id of the chip that a node is on, its own or the nearest above it. */
export function chipOf(node: DtNode): number | null {
  for (let at: DtNode | null = node; at !== null; at = at.parent) {
    const chip = cellOf(at, "ibm,chip-id");
    if (chip !== null) return chip;
  }
  return null;
}
