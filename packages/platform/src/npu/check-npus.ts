// NPUs: six links with numbers of their own, groups that are slots, and ATSD registers.
import type { DtNode } from "../devicetree/device-tree.ts";
import { doubleCellsOf } from "../devicetree/dt-value.ts";
import { duplicates } from "../duplicates.ts";
import { type LinkNode, type NpuNodes, reportWiring } from "./npu-nodes.ts";
import type { NpuStage } from "./npu-wiring.ts";
import { NR_ATSD_REGISTERS } from "./target-address.ts";

/** Links of an NPU: three stacks of two bricks. */
const NR_LINKS = 6;

/** Checks links and registers of every NPU. */
export function checkNpus(nodes: NpuNodes, stage: NpuStage): void {
  for (const npu of nodes.npus) {
    const links = nodes.links.filter((link) => link.npu === npu);
    checkNumbers(nodes, links);
    if (stage !== "guest") checkGroups(nodes, links);
  }
  for (const phb of new Set(nodes.bridges.map((bridge) => bridge.phb))) {
    checkAtsd(nodes, phb, stage);
  }
}

function checkNumbers(nodes: NpuNodes, links: readonly LinkNode[]): void {
  for (const { node, index } of links) {
    if (index < NR_LINKS) continue;
    const hint = `an NPU has ${NR_LINKS} links, numbered from 0`;
    reportWiring(nodes, node, "ibm,npu-link-index", `no link of an NPU: ${index}`, hint);
  }
  for (const [index, [first, ...others]] of duplicates(links, (link) => link.index)) {
    for (const { node } of others) {
      const message = `link ${index} is ${first.node.path} already`;
      reportWiring(nodes, node, "ibm,npu-link-index", message, "each link has its own number");
    }
  }
}

/** A group is a slot: links of one group have one label, and links of one label one group. */
function checkGroups(nodes: NpuNodes, links: readonly LinkNode[]): void {
  for (const link of links) {
    const { node, group, slotLabel } = link;
    const other = links.find(
      (one) =>
        one.group !== null &&
        one.slotLabel !== null &&
        (one.group === group) !== (one.slotLabel === slotLabel),
    );
    if (other === undefined || group === null || slotLabel === null) continue;
    if (links.indexOf(other) > links.indexOf(link)) continue;
    const message =
      `group ${group} is slot ${slotLabel} here, ` +
      `group ${other.group} is slot ${other.slotLabel} at ${other.node.path}`;
    const hint = "the links of one GPU, and no others, are a group";
    reportWiring(nodes, node, "ibm,npu-group-id", message, hint);
  }
}

function checkAtsd(nodes: NpuNodes, phb: DtNode, stage: NpuStage): void {
  const registers = doubleCellsOf(phb, "ibm,mmio-atsd");
  const hint = `${NR_ATSD_REGISTERS} addresses of two cells each`;
  if (registers === null) {
    reportWiring(nodes, phb, "ibm,mmio-atsd", "the host bridge has no ATSD registers", hint);
    return;
  }
  const isRight =
    stage === "host"
      ? registers.length === NR_ATSD_REGISTERS
      : registers.length <= NR_ATSD_REGISTERS;
  if (!isRight) {
    const message = `${registers.length} ATSD registers`;
    reportWiring(nodes, phb, "ibm,mmio-atsd", message, hint);
  }
  for (const [address] of duplicates(registers, (register) => register)) {
    const message = `an ATSD register is listed twice: 0x${address.toString(16)}`;
    reportWiring(nodes, phb, "ibm,mmio-atsd", message, hint);
  }
}
