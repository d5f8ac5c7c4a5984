// `faultline conformance p2p MACHINES ANSWERS`: replays a kernel's peer-to-peer decisions.
import { formatP2pReport, loadP2pFiles, type P2pReport, replayP2p } from "@faultline/conformance";
import { diagnosticToJson } from "@faultline/diagnostics";
import { type Command, InvalidArgumentError } from "commander";
import type { CommandContext } from "../command-context.ts";
import { examplesText } from "../command-examples.ts";
import { startProgress } from "../progress.ts";
import { showDiagnostics } from "../show-diagnostics.ts";

interface P2pOptions {
  readonly limit: number;
  readonly json?: true;
}

/** Adds the kind to `faultline conformance`. */
export function addConformanceP2p(command: Command, context: CommandContext): void {
  command
    .command("p2p")
    .summary("recordings of PCI peer-to-peer decisions")
    .description(
      "Replays what a real Linux kernel decided about peer-to-peer DMA on many PCI machines:" +
        " distances, map types, ACS controls, the addresses of every mapping route. A machine" +
        " passes when all its answers agree. The last line is `N passed, N failed`.",
    )
    .argument("<machines>", "machine file, .jsonl, .jsonl.gz or .jsonl.br")
    .argument("<answers>", "answer file, joined by machine id; it may answer only some machines")
    .option("--limit <count>", "failing machines to print", parseCount, 20)
    .option("--json", "print the report as JSON")
    .addHelpText(
      "after",
      examplesText([
        { shows: "replay every machine", line: "conformance p2p machines.jsonl answers.jsonl" },
      ]),
    )
    .action((machines: string, answers: string, options: P2pOptions) => {
      replay(context, machines, answers, options);
    });
}

function replay(
  context: CommandContext,
  machines: string,
  answers: string,
  { limit, json }: P2pOptions,
): void {
  const files = loadP2pFiles(machines, answers);
  showDiagnostics(context, files.problems);
  if (context.outcome === "bad-input") {
    if (json) context.printJson({ diagnostics: files.problems.map(diagnosticToJson) });
    return;
  }
  const progress = startProgress(context.io, "replaying");
  let report: P2pReport;
  try {
    report = replayP2p(files, { onProgress: progress.update });
  } finally {
    progress.end();
  }
  if (report.failed > 0) context.note("expectation-failed");
  if (json) context.printJson(report);
  else context.io.writeOut(formatP2pReport(report, limit));
}

function parseCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}
