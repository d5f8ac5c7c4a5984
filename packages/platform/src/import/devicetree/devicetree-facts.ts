// What a device tree says of a machine, under the names of docs/import.md.
import { type DeviceTree, type DtNode, nodesOf } from "../../devicetree/device-tree.ts";
import { phandleOf, registersOf, textOf, textsOf } from "../../devicetree/dt-value.ts";
import { npuLinkFacts } from "../../npu/npu-links.ts";
import { chipOf } from "../../npu/npu-nodes.ts";
import type { NpuWiring } from "../../npu/npu-wiring.ts";

/** All facts. */
export function devicetreeFacts(tree: DeviceTree, wiring: NpuWiring): Record<string, unknown> {
  const nodes = [...nodesOf(tree.root)];
  const phandles = nodes.flatMap((node) => phandleOf(node) ?? []);
  const links = npuLinkFacts(wiring);
  const toCpu = links.filter(({ kind }) => kind === "gpu-cpu");
  return {
    model: textOf(tree.root, "model"),
    modelName: textOf(tree.root, "model-name"),
    compatible: textsOf(tree.root, "compatible"),
    memory: nodes.filter((node) => textOf(node, "device_type") === "memory").map(memoryFact),
    xscomChips: chipsOf(nodes.filter(({ name }) => name.startsWith("xscom@"))),
    cpuNodes: nodes.filter((node) => textOf(node, "device_type") === "cpu").length,
    npus:
      wiring.npus.length === 0
        ? 0
        : wiring.npus.map((npu) => ({
            chip: npu.chip,
            index: npu.index,
            links: npu.links.length,
          })),
    nvlinksPerGpu: Object.fromEntries(toCpu.map(({ from, nrLinks }) => [from, nrLinks])),
    gpuChip: Object.fromEntries(wiring.gpus.map(({ name, chip }) => [name, chip])),
    gpuGpuLinksInFile: links.filter(({ kind }) => kind === "gpu-gpu").length,
    phandles: phandles.length,
    phandlesUnique: new Set(phandles).size === phandles.length,
    memreserves: tree.reservations.length,
  };
}

function memoryFact(node: DtNode): object {
  const registers = registersOf(node) ?? [];
  return {
    node: node.name,
    base: `0x${(registers[0]?.address ?? 0n).toString(16)}`,
    bytes: Number(registers.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0n)),
    chip: chipOf(node),
  };
}

function chipsOf(nodes: readonly DtNode[]): number[] {
  const chips = new Set(nodes.flatMap((node) => chipOf(node) ?? []));
  return [...chips].toSorted((a, b) => a - b);
}
