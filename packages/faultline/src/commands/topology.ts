// `faultline topology FILE`: who can reach whose memory on a machine, and what decided.
import { diagnosticToJson } from "@faultline/diagnostics";
import { bootPciMachine } from "@faultline/engine";
import { buildPciMachine, loadMachine } from "@faultline/platform";
import type { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { examplesText } from "../command-examples.ts";
import { readSource } from "../read-source.ts";
import { showDiagnostics } from "../show-diagnostics.ts";
import { formatTopology, topologyOf } from "../topology-matrix.ts";

interface TopologyOptions {
  readonly bridges?: true;
  readonly json?: true;
}

/** Adds the command. */
export function addTopologyCommand(program: Command, context: CommandContext): void {
  program
    .command("topology")
    .summary("show who can reach whose memory on a machine")
    .description(
      "Boots a machine and prints, for each pair of PCI functions, how the kernel lets one reach" +
        " memory of the other: map type, distance, and what decided.",
    )
    .argument("<file>", "machine document; - is stdin")
    .option("--bridges", "ports and bridges too")
    .option("--json", "print every pair with the rules tried, as JSON")
    .addHelpText(
      "after",
      examplesText([
        {
          shows: "what ACS on a switch's ports does",
          line: "topology scenarios/machines/switch-box-acs.yaml",
        },
        {
          shows: "the rules in order, as data",
          line: "topology scenarios/machines/two-sockets.yaml --json",
        },
      ]),
    )
    .action((file: string, options: TopologyOptions) => topology(context, file, options));
}

function topology(context: CommandContext, file: string, options: TopologyOptions): void {
  const { source, problem } = { problem: undefined, ...readSource(context.io, file) };
  const loaded =
    source === undefined
      ? { document: null, diagnostics: problem === undefined ? [] : [problem] }
      : loadMachine(source.text, source.file);
  const { document, diagnostics } = loaded;
  showDiagnostics(context, diagnostics, source === undefined ? [] : [source]);
  if (document === null) {
    if (options.json) context.printJson({ diagnostics: diagnostics.map(diagnosticToJson) });
    return;
  }
  const machine = bootPciMachine(buildPciMachine(document));
  const result = topologyOf(machine, options.bridges === true);
  if (options.json) {
    const { title } = document;
    const problems = diagnostics.map(diagnosticToJson);
    context.printJson({ file, title, ...result, diagnostics: problems });
  } else {
    context.io.writeOut(`${document.title}\n\n${formatTopology(result)}`);
  }
}
