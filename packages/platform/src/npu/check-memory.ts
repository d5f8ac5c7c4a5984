// Memory: windows do not overlap, each has its own NUMA id, and a host's GPU windows are where the
// chip puts them.
import type { DtNode } from "../devicetree/device-tree.ts";
import { type DtRegister, registersOf } from "../devicetree/dt-value.ts";
import { cellsOf, isCompatible } from "../devicetree/dt-value.ts";
import { duplicates } from "../duplicates.ts";
import { chipOf, type NpuNodes, reportWiring } from "./npu-nodes.ts";
import type { NpuStage } from "./npu-wiring.ts";
import { type GpuMemoryMap, gpuWindowBase } from "./target-address.ts";

interface Window extends DtRegister {
  readonly node: DtNode;
}

const MAPS: readonly GpuMemoryMap[] = ["up", "down"];

/** Checks all memory nodes; only where there is an NPU, for others are none of our business. */
export function checkMemory(nodes: NpuNodes, stage: NpuStage): void {
  if (nodes.npus.length === 0) return;
  const windows = nodes.memory.flatMap((node) => windowsOf(nodes, node));
  checkOverlap(nodes, windows);
  const gpuMemory = nodes.memory.filter((node) => isCompatible(node, "ibm,coherent-device-memory"));
  for (const [id, [first, ...others]] of duplicates(gpuMemory, numaIdOf)) {
    if (id === null) continue;
    for (const node of others) {
      const message = `NUMA id ${id} is that of ${first?.path ?? "another"} already`;
      reportWiring(nodes, node, "ibm,associativity", message, "each GPU's memory is a node");
    }
  }
  if (stage === "host") checkPlaces(nodes);
}

function windowsOf(nodes: NpuNodes, node: DtNode): Window[] {
  const registers = registersOf(node);
  if (registers !== null) return registers.map((register) => ({ ...register, node }));
  const hint = "reg is address and size, in the cells that the node above says";
  reportWiring(nodes, node, "reg", "the memory has no address", hint);
  return [];
}

function numaIdOf(node: DtNode): number | null {
  return cellsOf(node, "ibm,associativity")?.at(-1) ?? null;
}

function checkOverlap(nodes: NpuNodes, windows: readonly Window[]): void {
  const sorted = windows.toSorted((a, b) => (a.address < b.address ? -1 : 1));
  for (const [at, window] of sorted.entries()) {
    const before = sorted[at - 1];
    if (before === undefined || before.address + before.sizeBytes <= window.address) continue;
    const message = `it overlaps ${before.node.path}`;
    const end = (before.address + before.sizeBytes).toString(16);
    reportWiring(nodes, window.node, "reg", message, `that memory ends at 0x${end}`);
  }
}

/** A chip's window number g belongs to the GPU that is device g on its NPU. */
function checkPlaces(nodes: NpuNodes): void {
  const bridges = nodes.bridges.filter(({ fn }) => fn === 0);
  for (const { memory, link, device } of bridges) {
    const chip = link === null ? null : chipOf(link.npu);
    const [window] = memory === null ? [] : (registersOf(memory) ?? []);
    if (memory === null || chip === null || window === undefined) continue;
    const bases = MAPS.map((map) => gpuWindowBase(map, chip, device));
    if (bases.includes(window.address)) continue;
    const list = bases.map((base) => `0x${base.toString(16)}`).join(" or ");
    const message = `the window of GPU ${device} of chip ${chip} is at another place`;
    // Firmware for other chips has other maps, so this alone is no contradiction.
    reportWiring(nodes, memory, "reg", message, `known chips put it at ${list}`, "warning");
  }
}
