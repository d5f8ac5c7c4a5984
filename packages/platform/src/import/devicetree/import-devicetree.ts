// A machine from a device tree, source or blob: sockets with their memory and CPUs, and what there
// is of POWER9's NVLink2.
import { type Diagnostic, hasErrors } from "@faultline/diagnostics";
import type { DeviceTree } from "../../devicetree/device-tree.ts";
import { parseDts } from "../../devicetree/parse-dts.ts";
import { isDtb, readDtb } from "../../devicetree/read-dtb.ts";
import type { MachineInput } from "../../machine-schema.ts";
import { npuMachine } from "../../npu/npu-machine.ts";
import type { NpuWiring } from "../../npu/npu-wiring.ts";
import { readNpuWiring } from "../../npu/read-npu-wiring.ts";
import type { ImportInput } from "../import-input.ts";
import { type ImportOptions, type ImportResult, refusedImport } from "../import-result.ts";
import { devicetreeFacts } from "./devicetree-facts.ts";

interface OpenTree {
  readonly tree: DeviceTree | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads the one file; its first bytes say which form it has. */
export function importDevicetree(input: ImportInput, options: ImportOptions = {}): ImportResult {
  const { tree, diagnostics } = openTree(input);
  if (tree === null) return refusedImport(diagnostics);
  const { wiring, diagnostics: contradictions } = readNpuWiring(tree);
  const found = [...diagnostics, ...contradictions];
  if (wiring === null || hasErrors(found)) return refusedImport(found);
  const { machine, assumptions } = withMemory(npuMachine(tree, wiring, options));
  return {
    machine,
    assumptions: [...assumptions, ...assumptionsOf(wiring)],
    facts: devicetreeFacts(tree, wiring),
    diagnostics: found,
  };
}

function openTree(input: ImportInput): OpenTree {
  const file = input.only();
  const bytes = file === null ? null : input.bytes(file);
  if (file === null || bytes === null) return { tree: null, diagnostics: input.problems };
  if (isDtb(bytes)) return readDtb(bytes, input.name);
  const source = input.text(file);
  if (source === null) return { tree: null, diagnostics: input.problems };
  return parseDts(source.text, source.file);
}

/** A boot loader may fill the memory in later; a machine has some all the same. */
function withMemory(machine: MachineInput): {
  readonly machine: MachineInput;
  readonly assumptions: readonly string[];
} {
  const { numa, ...rest } = machine;
  const hasMemory = numa?.nodes.some(({ memory }) => memory !== undefined) === true;
  if (hasMemory) return { machine, assumptions: [] };
  const assumptions = ["numa: the tree has no memory; 64GiB on one node"];
  return { machine: { ...rest, memory: "64GiB" }, assumptions };
}

function assumptionsOf({ npus, gpus }: NpuWiring): string[] {
  return [
    "cpu: no CPUID on such machines; peer DMA has no list of host bridges to go by",
    "numa: CPUs are numbered chip after chip; distances are not in the tree",
    ...(npus.length === 0
      ? ["functions: no NPU in the tree; a port stands in for PCI, whose devices are left out"]
      : []),
    ...(gpus.some(({ links }) => links === null)
      ? ["fabric: links between GPUs are not in the tree, which does not mean that there are none"]
      : []),
    ...(gpus.length > 0
      ? [
          "fabric: latency of NVLink2, 820 ns",
          "devices: memory of GPUs by their PCI device ids, 16GiB where those are not known",
        ]
      : []),
  ];
}
