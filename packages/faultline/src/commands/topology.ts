// `faultline topology FILE`: who can reach whose memory on a machine, what owner spaces form on it,
// and its drawing.
import type { Machine } from "@faultline/core";
import { type Diagnostic, diagnosticToJson } from "@faultline/diagnostics";
import { bootMachine, OWNER_FORMATIONS, type OwnerFormation } from "@faultline/engine";
import { buildMachine, loadMachine } from "@faultline/platform";
import {
  CONNECTED_BY,
  type ConnectedBy,
  devicePaths,
  drawMachine,
  type OwnerStudy,
  ownerStudy,
} from "@faultline/report";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { CommandContext } from "../command-context.ts";
import { examplesText } from "../command-examples.ts";
import { formatDevicePaths } from "../device-path-table.ts";
import { formatOwnerStudy } from "../owner-table.ts";
import { readSource } from "../read-source.ts";
import { showDiagnostics } from "../show-diagnostics.ts";
import { formatTopology, topologyOf } from "../topology-matrix.ts";
import { writeOutput } from "../write-output.ts";

interface TopologyOptions {
  readonly bridges?: true;
  readonly owners?: true;
  readonly formation?: OwnerFormation;
  readonly connected: ConnectedBy;
  readonly seed: number;
  readonly expectKept?: number;
  readonly svg?: string;
  readonly json?: true;
}

const EXAMPLES = [
  {
    shows: "what ACS on a switch's ports does",
    line: "topology scenarios/machines/switch-box-acs.yaml",
  },
  {
    shows: "the rules in order, as data",
    line: "topology scenarios/machines/two-sockets.yaml --json",
  },
  {
    shows: "how many links owner spaces waste",
    line: "topology scenarios/machines/mi250x-node.yaml --owners",
  },
  {
    shows: "a test that they do not waste more",
    line: "topology scenarios/machines/mi300x-node.yaml --formation greedyClique --expect-kept 28",
  },
];

/** Adds the command. */
export function addTopologyCommand(program: Command, context: CommandContext): void {
  program
    .command("topology")
    .summary("show who can reach whose memory on a machine")
    .description(
      "Boots a machine and prints, for each pair of PCI functions, how the kernel lets one reach" +
        " memory of the other: map type, distance, and what decided; then the best way between" +
        " its devices. With --owners: how many linked pairs each formation of owner spaces keeps" +
        " together, and what the order of joining does to that.",
    )
    .argument("<file>", "machine document; - is stdin")
    .option("--bridges", "ports and bridges too")
    .option("--owners", "owner spaces instead of pairs")
    .addOption(
      new Option("--formation <name>", `one formation only: ${OWNER_FORMATIONS.join(", ")}`)
        .argParser(parseFormation)
        .implies({ owners: true }),
    )
    .addOption(
      new Option("--connected <by>", "what counts as linked, a private link or PCI peer DMA")
        .choices(CONNECTED_BY)
        .default("links"),
    )
    .option("--seed <n>", "of the sample of join orders", parseCount, 1)
    .addOption(
      new Option("--expect-kept <n>", "fail when fewer linked pairs are kept in document order")
        .argParser(parseCount)
        .implies({ owners: true }),
    )
    .option("--svg <file>", "draw the machine")
    .option("--json", "print everything as JSON")
    .addHelpText("after", examplesText(EXAMPLES))
    .action((file: string, options: TopologyOptions) => topology(context, file, options));
}

/** Accepts `greedy-clique` for `greedyClique`. */
function parseFormation(text: string): OwnerFormation {
  const plain = (name: string): string => name.replaceAll("-", "").toLowerCase();
  const found = OWNER_FORMATIONS.find((formation) => plain(formation) === plain(text));
  if (found === undefined) {
    throw new InvalidArgumentError(`Allowed choices are ${OWNER_FORMATIONS.join(", ")}.`);
  }
  return found;
}

function parseCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}

async function topology(
  context: CommandContext,
  file: string,
  options: TopologyOptions,
): Promise<void> {
  const { machine, diagnostics } = load(context, file);
  if (machine === null) {
    if (options.json) context.printJson({ diagnostics: diagnostics.map(diagnosticToJson) });
    return;
  }
  const problems: Diagnostic[] = [...diagnostics];
  if (options.svg !== undefined) {
    const problem = writeOutput(context.io, options.svg, await drawMachine(machine));
    if (problem !== null) problems.push(problem);
    showDiagnostics(context, problems.slice(diagnostics.length));
  }
  const owners = options.owners ? studyOwners(machine, options) : null;
  const pairs = owners === null ? pairsOf(machine, options) : null;
  const { title } = machine;
  if (options.json) {
    const data = owners === null ? (pairs?.data ?? {}) : { owners };
    context.printJson({ file, title, ...data, diagnostics: problems.map(diagnosticToJson) });
  } else {
    context.io.writeOut(`${title}\n\n${owners ? formatOwnerStudy(owners) : (pairs?.text ?? "")}`);
  }
  if (owners !== null) checkKept(context, file, owners, options);
}

function load(
  context: CommandContext,
  file: string,
): { machine: Machine | null; diagnostics: readonly Diagnostic[] } {
  const { source, problem } = { problem: undefined, ...readSource(context.io, file) };
  const { document, diagnostics } =
    source === undefined
      ? { document: null, diagnostics: problem === undefined ? [] : [problem] }
      : loadMachine(source.text, source.file);
  showDiagnostics(context, diagnostics, source === undefined ? [] : [source]);
  const machine = document === null ? null : bootMachine(buildMachine(document));
  return { machine, diagnostics };
}

function pairsOf(machine: Machine, options: TopologyOptions): { data: object; text: string } {
  const functions = topologyOf(machine.pci, options.bridges === true);
  const paths = devicePaths(machine);
  const ways = paths.length === 0 ? "" : `\nDevices\n\n${formatDevicePaths(paths)}`;
  return { data: { ...functions, paths }, text: `${formatTopology(functions)}${ways}` };
}

function studyOwners(machine: Machine, options: TopologyOptions): OwnerStudy {
  const { formation, connected: connectedBy, seed } = options;
  const formations = formation === undefined ? OWNER_FORMATIONS : [formation];
  return ownerStudy(machine, { formations, connectedBy, seed });
}

/** Without a formation the expectation is about what 7.2 has: the greedy clique. */
function checkKept(
  context: CommandContext,
  file: string,
  { formations }: OwnerStudy,
  { formation = "greedyClique", expectKept }: TopologyOptions,
): void {
  const study = formations.find((one) => one.formation === formation);
  if (expectKept === undefined || study === undefined || study.given.nrKept >= expectKept) return;
  const message = `${formation} keeps ${study.given.nrKept} linked pairs, fewer than ${expectKept}`;
  context.io.writeErr(`${file}: ${message}\n`);
  context.note("expectation-failed");
}
