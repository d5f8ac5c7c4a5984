// `faultline platform nodes`: the nodes that Linux makes of tables, of a QEMU command line, or of
// the proposals for devices that want nodes of their own.
import { type Diagnostic, diagnosticFor, diagnosticToJson } from "@faultline/diagnostics";
import {
  ACPI_TABLE_NAMES,
  type AcpiTables,
  buildQemuTables,
  type DesignOptions,
  evaluateDesign,
  lateMemoryOf,
  type LinuxArchitecture,
  type LinuxMachine,
  linuxMachineFromTables,
  linuxMachineOf,
  linuxNodeMap,
  MAX_EXAMPLE_DEVICES,
  MAX_EXAMPLE_NODES,
  type MigExample,
  NODE_DESIGNS,
  readAcpiTable,
} from "@faultline/platform";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { CommandContext } from "../command-context.ts";
import { examplesText } from "../command-examples.ts";
import { readBytes } from "../read-source.ts";
import { showDiagnostics } from "../show-diagnostics.ts";
import type { PlatformCommand } from "./platform.ts";
import {
  designJson,
  formatDesign,
  formatDesigns,
  formatNodeMap,
  nodeMapJson,
} from "./platform-nodes-text.ts";
import { QEMU_ARGS_OPTION, readQemuArgs } from "./platform-qemu-args.ts";

interface NodesOptions {
  readonly qemuArgs?: string;
  readonly table?: readonly string[];
  readonly design?: readonly string[];
  readonly devices: number;
  readonly nodes: number;
  readonly arch: LinuxArchitecture;
  readonly plug?: readonly number[];
  readonly deleteUnused?: "strict" | "weak";
  readonly instances?: readonly number[];
  readonly missing?: readonly number[];
  readonly json?: true;
}

const EXAMPLE = {
  shows: "how each proposal numbers the nodes of two devices with eight instances each",
  line: "platform nodes",
};

/** The sub-command of `faultline platform`. */
export const platformNodes: PlatformCommand = { add: addNodesCommand, example: EXAMPLE };

const DESCRIPTION =
  "Shows the NUMA nodes that Linux 7.2 makes of ACPI tables: which are possible, online, without" +
  " memory, and which proximity domain became which node. The tables come from a QEMU command" +
  " line, from files, or from the proposals for devices that want a node for each instance.";

const examples = [
  EXAMPLE,
  {
    shows: "one proposal in detail, on Arm",
    line: "platform nodes --design placeholder-hmat --arch arm64",
  },
  {
    shows: "which nodes are left when drivers have claimed three, and the second device is missing",
    line: "platform nodes --design node-list --delete-unused strict --instances 3 --missing 1",
  },
  { shows: "the nodes of a QEMU machine", line: "platform nodes --qemu-args @cmdline.txt" },
  {
    shows: "the nodes of this machine, and where memory of domain 4 would go",
    line: "platform nodes --table SRAT SLIT HMAT --plug 4",
  },
];

function addNodesCommand(group: Command, context: CommandContext): void {
  const ids = NODE_DESIGNS.map(({ id }) => id);
  group
    .command("nodes")
    .summary("show the NUMA nodes that Linux makes of tables")
    .description(DESCRIPTION)
    .option(...QEMU_ARGS_OPTION)
    .option("--table <file...>", "tables in files: SRAT, SLIT, HMAT, CEDT")
    .addOption(new Option("--design <id...>", "proposals to show").choices(ids))
    .option("--devices <count>", "devices of the example", atMost(MAX_EXAMPLE_DEVICES), 2)
    .option("--nodes <count>", "nodes for each device", atMost(MAX_EXAMPLE_NODES), 8)
    .addOption(
      new Option("--arch <name>", "kernel of the example").choices(["x86", "arm64"]).default("x86"),
    )
    .option("--plug <domain...>", "memory that arrives later in these domains", collectNumber)
    .addOption(
      new Option(
        "--delete-unused <rule>",
        "delete nodes that no driver (strict) or no device (weak) claims; not in Linux",
      ).choices(["strict", "weak"]),
    )
    .option("--instances <count...>", "instances that each device's driver makes", collectNumber)
    .option("--missing <device...>", "devices that are not found, from 0", collectNumber)
    .option("--json", "print the same as JSON")
    .addHelpText("after", designsHelp())
    .addHelpText("after", examplesText(examples))
    .action((options: NodesOptions) => showNodes(context, options));
}

function designsHelp(): string {
  const width = Math.max(...NODE_DESIGNS.map(({ id }) => id.length));
  const lines = NODE_DESIGNS.map(({ id, title }) => `  ${id.padEnd(width)}  ${title}`);
  return ["", "Proposals:", ...lines].join("\n");
}

function showNodes(context: CommandContext, options: NodesOptions): void {
  const { qemuArgs, table } = options;
  const message = optionProblem(options);
  if (message !== null) {
    const problem = diagnosticFor("<command line>", "E_OPTION_INVALID", message);
    showDiagnostics(context, [problem]);
    if (options.json) context.printJson({ diagnostics: [diagnosticToJson(problem)] });
  } else if (qemuArgs !== undefined || table !== undefined) showMachine(context, options);
  else showDesigns(context, options);
}

function optionProblem({ qemuArgs, table, design, devices, nodes }: NodesOptions): string | null {
  const sources = [qemuArgs, table, design].filter((source) => source !== undefined);
  if (sources.length > 1) return "--qemu-args, --table and --design exclude each other";
  if (devices * nodes <= MAX_EXAMPLE_NODES) return null;
  return `${devices} devices with ${nodes} nodes each are more than QEMU's ${MAX_EXAMPLE_NODES}`;
}

function showDesigns(context: CommandContext, options: NodesOptions): void {
  const { devices: nrDevices, nodes: nodesPerDevice, arch: architecture } = options;
  const example: MigExample = { nrDevices, nodesPerDevice, architecture };
  const lateDomains = options.plug ?? [];
  const evaluation: DesignOptions =
    options.deleteUnused === undefined
      ? { lateDomains }
      : {
          lateDomains,
          deletion: {
            rule: options.deleteUnused,
            instances: options.instances ?? [],
            missing: options.missing ?? [],
          },
        };
  const chosen = NODE_DESIGNS.filter(({ id }) => options.design?.includes(id) ?? true);
  const outcomes = chosen.map((design) => evaluateDesign(design, example, evaluation));
  const [first] = outcomes;
  if (options.json) context.printJson({ example, designs: outcomes.map(designJson) });
  else if (outcomes.length === 1 && first !== undefined) {
    context.io.writeOut(formatDesign(first));
  } else context.io.writeOut(formatDesigns(outcomes, example));
}

function showMachine(context: CommandContext, options: NodesOptions): void {
  const { qemuArgs, table = [], plug = [] } = options;
  const found = qemuArgs === undefined ? fromFiles(context, table) : fromQemu(context, qemuArgs);
  const diagnostics = found.diagnostics.map(diagnosticToJson);
  if (found.machine === null) {
    if (options.json) context.printJson({ diagnostics });
    return;
  }
  const lateMemory = [...found.machine.lateMemory, ...plug.map(lateMemoryOf)];
  const map = linuxNodeMap(found.tables, { ...found.machine, lateMemory });
  if (options.json) context.printJson({ ...nodeMapJson(map), diagnostics });
  else context.io.writeOut(formatNodeMap(map));
}

interface FoundMachine {
  readonly tables: AcpiTables;
  readonly machine: LinuxMachine | null;
  readonly diagnostics: readonly Diagnostic[];
}

function fromQemu(context: CommandContext, qemuArgs: string): FoundMachine {
  const { machine, diagnostics } = readQemuArgs(context, qemuArgs);
  if (machine === null) {
    context.note("bad-input");
    return { tables: {}, machine: null, diagnostics };
  }
  return { tables: buildQemuTables(machine), machine: linuxMachineOf(machine), diagnostics };
}

/** Reads files; a table that is given twice is a mistake, an error in one ends the work. */
function fromFiles(context: CommandContext, paths: readonly string[]): FoundMachine {
  const diagnostics: Diagnostic[] = [];
  let tables: AcpiTables = {};
  for (const path of paths) {
    const read = readBytes(context.io, path);
    if (read.bytes === undefined) {
      diagnostics.push(read.problem);
      continue;
    }
    const found = readAcpiTable(read.bytes, read.file);
    diagnostics.push(...found.diagnostics);
    const twice = ACPI_TABLE_NAMES.find((name) => found.tables[name] && tables[name]);
    if (twice !== undefined) {
      const message = `a second ${twice.toUpperCase()}`;
      diagnostics.push(diagnosticFor(read.file, "E_ACPI_TABLE", message));
    }
    tables = { ...tables, ...found.tables };
  }
  showDiagnostics(context, diagnostics);
  const machine = context.outcome === "ok" ? linuxMachineFromTables(tables) : null;
  return { tables, machine, diagnostics };
}

function collectNumber(text: string, previous: readonly number[] | undefined): number[] {
  if (!/^\d{1,10}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return [...(previous ?? []), Number(text)];
}

function atMost(most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,4}$/.test(text) ? Number(text) : 0;
    if (value >= 1 && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${most}.`);
  };
}
