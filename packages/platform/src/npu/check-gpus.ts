// GPUs: their bridges are functions 0, 1, 2… of one device of one NPU, on ascending links, and
// share one window and one target address.
import { type GpuNode, type NpuNodes, reportWiring } from "./npu-nodes.ts";
import type { NpuStage } from "./npu-wiring.ts";

/** What QEMU takes: GPUs of one host bridge, bridges of one GPU. */
const MAX_GUEST_GPUS = 6;
const MAX_GUEST_BRIDGES = 3;

/** Checks the bridges that each GPU lists. */
export function checkGpus(nodes: NpuNodes, stage: NpuStage): void {
  for (const gpu of nodes.gpus) {
    if (gpu.bridges.length === 0) {
      const hint = "ibm,npu lists the phandles of its NVLink bridges";
      reportWiring(nodes, gpu.node, "ibm,npu", "the GPU has no bridges", hint);
    }
    checkOrder(nodes, gpu);
    checkShared(nodes, gpu);
  }
  if (stage === "guest") checkGuestLimits(nodes);
}

function checkOrder(nodes: NpuNodes, { node, bridges }: GpuNode): void {
  const list = bridges.map(({ device, fn }) => `${device}.${fn}`).join(", ");
  const isOrdered = bridges.every(
    ({ device, fn, phb }, at) =>
      fn === at && device === bridges[0]?.device && phb === bridges[0].phb,
  );
  if (!isOrdered) {
    const hint = "they are functions 0, 1, 2… of one device on one host bridge, in this order";
    reportWiring(nodes, node, "ibm,npu", `its bridges are ${list}`, hint);
  }
  const indices = bridges.flatMap(({ link }) => (link === null ? [] : [link.index]));
  if (indices.some((index, at) => at > 0 && index <= (indices[at - 1] ?? -1))) {
    const message = `its bridges have the links ${indices.join(", ")}`;
    reportWiring(nodes, node, "ibm,npu", message, "links ascend along ibm,npu");
  }
}

function checkShared(nodes: NpuNodes, { node, bridges }: GpuNode): void {
  const [first] = bridges;
  if (first === undefined) return;
  for (const { node: bridge, memory, tgt } of bridges) {
    if (memory !== first.memory && memory !== null && first.memory !== null) {
      const message = `${node.path} has the window ${first.memory.path} by another bridge`;
      reportWiring(nodes, bridge, "memory-region", message, "a GPU has one window");
    }
    if (tgt !== first.tgt && tgt !== null && first.tgt !== null) {
      const hint = `another bridge of the GPU has 0x${first.tgt.toString(16)}`;
      const message = `a second target address of one GPU: 0x${tgt.toString(16)}`;
      reportWiring(nodes, bridge, "ibm,device-tgt-addr", message, hint);
    }
  }
}

function checkGuestLimits(nodes: NpuNodes): void {
  for (const phb of new Set(nodes.bridges.map((bridge) => bridge.phb))) {
    const gpus = nodes.gpus.filter(({ bridges }) => bridges[0]?.phb === phb);
    if (gpus.length <= MAX_GUEST_GPUS) continue;
    const message = `${gpus.length} GPUs on one host bridge`;
    reportWiring(nodes, phb, undefined, message, `QEMU takes at most ${MAX_GUEST_GPUS}`);
  }
  for (const { node, bridges } of nodes.gpus) {
    if (bridges.length <= MAX_GUEST_BRIDGES) continue;
    const message = `${bridges.length} bridges of one GPU`;
    reportWiring(nodes, node, "ibm,npu", message, `QEMU takes at most ${MAX_GUEST_BRIDGES}`);
  }
}
