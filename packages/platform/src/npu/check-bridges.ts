// Bridges: one for each link, with the GPU, the memory, the target address and the place on the
// emulated bus that belong to it.
import { isCompatible, registersOf } from "../devicetree/dt-value.ts";
import { duplicates } from "../duplicates.ts";
import { type BridgeNode, labelOf, type NpuNodes, reportWiring } from "./npu-nodes.ts";
import type { NpuStage } from "./npu-wiring.ts";
import { compressTargetAddress } from "./target-address.ts";

/** Checks every bridge by itself and against its link. */
export function checkBridges(nodes: NpuNodes, stage: NpuStage): void {
  for (const bridge of nodes.bridges) {
    checkTarget(nodes, bridge, stage);
    checkMemoryRegion(nodes, bridge);
    checkBackPointer(nodes, bridge);
    if (stage === "host") checkPlace(nodes, bridge);
    checkSpeed(nodes, bridge);
  }
  checkUse(nodes, stage);
}

function checkTarget(nodes: NpuNodes, { node, tgt, memory }: BridgeNode, stage: NpuStage): void {
  const name = "ibm,device-tgt-addr";
  if (tgt === null) {
    const hint = "two cells; without it VFIO refuses the bridge with -EFAULT";
    return reportWiring(nodes, node, name, "the bridge has no target address", hint);
  }
  const [window] = memory === null ? [] : (registersOf(memory) ?? []);
  // A guest keeps the host's target address beside a guest address of its own.
  if (window === undefined || stage !== "host") return;
  const right = compressTargetAddress(window.address);
  if (tgt === right) return;
  const message = `target address ${hex(tgt)} is not that of the window at ${hex(window.address)}`;
  reportWiring(nodes, node, name, message, `the window's target address is ${hex(right)}`);
}

function checkMemoryRegion(nodes: NpuNodes, { node, memory }: BridgeNode): void {
  if (memory === null || isCompatible(memory, "ibm,coherent-device-memory")) return;
  const hint = "memory-region names a node compatible with ibm,coherent-device-memory";
  reportWiring(nodes, node, "memory-region", `no GPU memory: ${memory.path}`, hint);
}

/** A bridge that names a GPU must be one of those that this GPU names, and the other way round. */
function checkBackPointer(nodes: NpuNodes, bridge: BridgeNode): void {
  const { node, gpu } = bridge;
  const listing = nodes.gpus.find(({ bridges }) => bridges.includes(bridge));
  if (gpu === (listing?.node ?? null)) return;
  const listed = listing === undefined ? "no GPU lists it" : `${listing.node.path} lists it`;
  const message =
    gpu === null ? `${listed}, and it names no GPU` : `it names ${gpu.path}, ${listed}`;
  const hint = "a GPU's ibm,npu and its bridges' ibm,gpu say the same";
  reportWiring(nodes, node, "ibm,gpu", message, hint);
}

/** Firmware numbers devices by group, and functions by links of that group before. */
function checkPlace(nodes: NpuNodes, { node, device, fn, link, gpu }: BridgeNode): void {
  if (link === null) return;
  const { group, slotLabel } = link;
  if (group !== null && group !== device) {
    const message = `device ${device} on the bus, but its link is of group ${group}`;
    reportWiring(nodes, node, "reg", message, "a bridge's device number is its link's group");
  }
  const earlier = nodes.links.filter(
    (one) => one.npu === link.npu && one.group === group && one.index < link.index,
  );
  if (group !== null && earlier.length !== fn) {
    const message = `function ${fn}, but its link is number ${earlier.length} of its group`;
    reportWiring(nodes, node, "reg", message, "a bridge's function counts its group's links");
  }
  const labels = [labelOf(node), gpu === null ? null : labelOf(gpu)];
  for (const label of labels) {
    if (label === null || slotLabel === null || label === slotLabel) continue;
    const message = `slot ${label}, but its link leads to slot ${slotLabel}`;
    const hint = "slot labels are the wiring: link, bridge and GPU have the same";
    return reportWiring(nodes, node, "ibm,loc-code", message, hint);
  }
}

function checkSpeed(nodes: NpuNodes, { node, speedCode }: BridgeNode): void {
  if (speedCode !== null) return;
  const hint = "one cell: 3, 8 or 9; without it VFIO refuses the bridge with -EFAULT";
  reportWiring(nodes, node, "ibm,nvlink-speed", "the bridge has no link speed", hint);
}

function checkUse(nodes: NpuNodes, stage: NpuStage): void {
  for (const [link, [first, ...others]] of duplicates(nodes.bridges, (bridge) => bridge.link)) {
    if (link === null) continue;
    for (const { node } of others) {
      const message = `${link.node.path} is the link of ${first.node.path} already`;
      reportWiring(nodes, node, "ibm,nvlink", message, "each link has one bridge");
    }
  }
  if (stage !== "host") return;
  for (const { node, group } of nodes.links) {
    if (group === null || nodes.bridges.some(({ link }) => link?.node === node)) continue;
    const hint = "firmware makes a bridge for each link with a group";
    reportWiring(nodes, node, undefined, "no bridge has this link", hint);
  }
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}
