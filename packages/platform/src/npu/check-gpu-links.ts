// The GPUs' own links (`ibm,nvlink-peers`): six, to bridges of its own in the order of `ibm,npu`
// and to other GPUs, which must name this one as often.
import { cellsOf } from "../devicetree/dt-value.ts";
import { type GpuNode, type NpuNodes, reportWiring } from "./npu-nodes.ts";

/** Links of a V100. */
const NR_GPU_LINKS = 6;
const NAME = "ibm,nvlink-peers";

/** Checks the links of every GPU that lists them. */
export function checkGpuLinks(nodes: NpuNodes): void {
  for (const gpu of nodes.gpus) {
    const peers = cellsOf(gpu.node, NAME);
    if (peers === null) continue;
    if (peers.length !== NR_GPU_LINKS) {
      const message = `${peers.length} links`;
      reportWiring(nodes, gpu.node, NAME, message, `a GPU has ${NR_GPU_LINKS} links`);
    }
    checkKnown(nodes, gpu, peers);
    checkCpuLinks(nodes, gpu, peers);
    checkSymmetry(nodes, gpu);
  }
}

function checkKnown(nodes: NpuNodes, { node }: GpuNode, peers: readonly number[]): void {
  for (const [at, phandle] of peers.entries()) {
    const peer = nodes.byPhandle.get(phandle);
    const isOther = nodes.gpus.some((gpu) => gpu.node === peer) && peer !== node;
    const isBridge = nodes.bridges.some((bridge) => bridge.node === peer);
    if (phandle === 0 || isOther || isBridge) continue;
    const what = peer === undefined ? `no node (phandle 0x${phandle.toString(16)})` : peer.path;
    const hint = "a link leads to another GPU or to an NVLink bridge";
    reportWiring(nodes, node, NAME, `link ${at} leads to ${what}`, hint);
  }
}

function checkCpuLinks(
  nodes: NpuNodes,
  { node, bridges }: GpuNode,
  peers: readonly number[],
): void {
  const found = peers.flatMap((phandle) => {
    const peer = nodes.byPhandle.get(phandle);
    return nodes.bridges.filter((bridge) => bridge.node === peer);
  });
  const isSame = found.length === bridges.length && found.every((one, at) => one === bridges[at]);
  if (isSame) return;
  const list = found.map((bridge) => bridge.node.path).join(", ");
  const message = `its links to the CPU are ${list === "" ? "none" : list}`;
  const hint = "the same bridges as in ibm,npu, in the same order";
  reportWiring(nodes, node, NAME, message, hint);
}

function checkSymmetry(nodes: NpuNodes, gpu: GpuNode): void {
  for (const other of nodes.gpus) {
    if (nodes.gpus.indexOf(other) <= nodes.gpus.indexOf(gpu)) continue;
    if (!other.node.properties.has(NAME)) continue;
    const there = countLinks(nodes, gpu, other);
    const back = countLinks(nodes, other, gpu);
    if (there === back) continue;
    const message = `${there} links to ${other.node.path}, which has ${back} back`;
    reportWiring(nodes, gpu.node, NAME, message, "a link has two ends");
  }
}

function countLinks({ byPhandle }: NpuNodes, from: GpuNode, to: GpuNode): number {
  const peers = cellsOf(from.node, NAME) ?? [];
  return peers.filter((phandle) => byPhandle.get(phandle) === to.node).length;
}
