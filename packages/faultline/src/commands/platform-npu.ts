// `faultline platform npu`: the NVLink2 wiring of a POWER9 machine, from its device tree.
import { type Diagnostic, diagnosticToJson } from "@faultline/diagnostics";
import {
  type DeviceTree,
  type IommuGroupRule,
  npuIommuGroups,
  npuLinkFacts,
  npuMachine,
  nvlink2Regions,
  type NpuWiring,
  placeInGuest,
  printMachine,
  readNpuWiring,
} from "@faultline/platform";
import { type Command, Option } from "commander";
import { parseByteSize } from "../byte-size.ts";
import type { CommandContext } from "../command-context.ts";
import { examplesText } from "../command-examples.ts";
import { readDeviceTree } from "../read-device-tree.ts";
import { showDiagnostics } from "../show-diagnostics.ts";
import { writeOutput } from "../write-output.ts";
import { npuText } from "./platform-npu-text.ts";
import type { PlatformCommand } from "./platform.ts";

interface NpuOptions {
  readonly output?: string;
  readonly gpuMemory?: bigint;
  readonly groups: IommuGroupRule;
  readonly json?: true;
}

const EXAMPLE = {
  shows: "which GPU is on which links of which chip",
  line: "platform npu scenarios/devicetrees/ac922.dts",
};

/** The sub-command of `faultline platform`. */
export const platformNpu: PlatformCommand = { add: addNpuCommand, example: EXAMPLE };

function addNpuCommand(group: Command, context: CommandContext): void {
  group
    .command("npu")
    .summary("show the NVLink2 wiring of a POWER9 machine")
    .description(
      "Reads a device tree (source or blob), pairs GPUs with their NVLink2 bridges, links and" +
        " memory windows, and shows what belongs together. The wiring is fixed in hardware: a" +
        " tree that contradicts itself is refused, with every contradiction at its place. -o" +
        " writes a machine document with the links.",
    )
    .argument("<file>", "device tree, .dts or .dtb; - is stdin")
    .option("-o, --output <file>", "write a machine document")
    .option(
      "--gpu-memory <size>",
      "memory of each GPU; the tree has its window only",
      parseByteSize,
    )
    .addOption(
      new Option("--groups <rule>", "IOMMU groups: of Linux 4.20 on, or of the first patches")
        .choices(["per-npu", "per-gpu"])
        .default("per-npu"),
    )
    .option("--json", "print the wiring, links, groups, VFIO regions and guest places as JSON")
    .addHelpText(
      "after",
      examplesText([
        EXAMPLE,
        {
          shows: "a machine document from the tree of a running host",
          line: "platform npu /sys/firmware/fdt -o machine.yaml",
        },
      ]),
    )
    .action((file: string, options: NpuOptions) => showNpu(context, file, options));
}

function showNpu(context: CommandContext, file: string, options: NpuOptions): void {
  const { tree, sources, diagnostics } = readDeviceTree(context.io, file);
  const read = tree === null ? { wiring: null, diagnostics: [] } : readNpuWiring(tree);
  const { wiring } = read;
  const problems = [...diagnostics, ...read.diagnostics];
  if (tree !== null && wiring !== null)
    problems.push(...writeMachine(context, tree, wiring, options));
  showDiagnostics(context, problems, sources);
  if (options.json) {
    const found = wiring === null ? {} : npuJson(wiring, options);
    context.printJson({ file, ...found, diagnostics: problems.map(diagnosticToJson) });
  } else if (wiring !== null) {
    context.io.writeOut(npuText(wiring, options.groups));
  }
}

function writeMachine(
  { io }: CommandContext,
  tree: DeviceTree,
  wiring: NpuWiring,
  { output, gpuMemory }: NpuOptions,
): Diagnostic[] {
  if (output === undefined) return [];
  const options = gpuMemory === undefined ? {} : { gpuMemoryBytes: gpuMemory };
  const text = printMachine(npuMachine(tree, wiring, options), `From ${tree.file}.`);
  const problem = writeOutput(io, output, text);
  return problem === null ? [] : [problem];
}

function npuJson(wiring: NpuWiring, { groups }: NpuOptions): object {
  const all = {
    ...wiring,
    links: npuLinkFacts(wiring),
    iommuGroups: npuIommuGroups(wiring, groups),
    vfioRegions: nvlink2Regions(wiring),
    guest: placeInGuest(wiring),
  };
  return withHexAddresses(all) as object;
}

/** Addresses and sizes as 0x…, because they can be larger than what JSON numbers hold exactly. */
function withHexAddresses(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, item: unknown) =>
      typeof item === "bigint" ? `0x${item.toString(16)}` : item,
    ),
  );
}
