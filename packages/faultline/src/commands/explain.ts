// `faultline explain FILE`: what happened to a page, what a fault took its time for, and why.
import { diagnosticFor } from "@faultline/diagnostics";
import { type Command, Option } from "commander";
import type { CommandContext } from "../command-context.ts";
import { examplesText } from "../command-examples.ts";
import { kernelOption } from "../kernel-option.ts";
import { printDiagnosticsJson } from "../load-scenarios.ts";
import { repetitionOption } from "../repetition-option.ts";
import { setOption } from "../set-option.ts";
import { showDiagnostics } from "../show-diagnostics.ts";
import { profileOption } from "../profile-option.ts";
import { seedOption } from "../seed-option.ts";
import {
  explainFaultCommand,
  type ExplainFaultOptions,
  parseFaultNumber,
} from "./explain-fault.ts";
import { explainPageCommand } from "./explain-page.ts";
import { explainReachCommand } from "./explain-reach.ts";

interface ExplainOptions extends ExplainFaultOptions {
  readonly page?: string;
  readonly path?: readonly string[];
  readonly design?: readonly string[];
}

/** Adds the command. */
export function addExplainCommand(program: Command, context: CommandContext): void {
  program
    .command("explain")
    .summary("say why a fault took its time, what a page went through, how memory is reached")
    .description(
      "With --fault, runs a scenario under a clock and tells everything about one" +
        " fault: the page before and after, stages and waits, what each price was charged" +
        " for and where it is from, who held what it waited for, the rules that decided." +
        " Faults are numbered from 0 in the order in which they end, as in tables of" +
        " faults; --slowest lists some. Without a profile devices take no time. With" +
        " --page, tells the story of one page: each step that changed it, in every" +
        " process, and the kernel's rules that decided; under a clock its life: faults," +
        " moves, evictions and entries of devices with their times and who did it." +
        " With --path, says how one device" +
        " reaches memory of another: the rules of its driver in order, and which one" +
        " decided.",
    )
    .argument("<file>", "scenario file, or for --path a machine document too; - is stdin")
    .addOption(faultOption())
    .addOption(slowestOption())
    .addOption(pageOption())
    .option("--path <devices...>", "who asks, and whose memory it is")
    .option("--design <name=value...>", "with --path: designs that differ from the file's")
    .addOption(profileOption())
    .addOption(seedOption())
    .addOption(repetitionOption())
    .addOption(kernelOption())
    .addOption(setOption())
    .option("--json", "print the story as JSON")
    .addHelpText(
      "after",
      examplesText([
        {
          shows: "which faults took longest",
          line: "explain scenarios/clock/ping-pong.yaml --slowest 5",
        },
        {
          shows: "why one of them did",
          line: "explain scenarios/clock/ping-pong.yaml --fault 0",
        },
        {
          shows: "and in another repetition of a scenario with several",
          line: "explain scenarios/clock/random-or-in-order.yaml --slowest 5 --repetition 2",
        },
        { shows: "why a page moved", line: "explain scenarios/quickstart.yaml --page heap+1" },
        {
          shows: "what a page went through under a clock, and when",
          line: "explain scenarios/clock/ping-pong.yaml --page shared+1",
        },
        {
          shows: "the same as data",
          line: "explain scenarios/quickstart.yaml --page heap+1 --json",
        },
        {
          shows: "why a NIC reaches a GPU's memory by bus addresses",
          line:
            "explain scenarios/machines/switch-box.yaml --path nic0 gpu0" +
            " --design hmm.p2pOp=v2",
        },
      ]),
    )
    .action((file: string, options: ExplainOptions) => explain(context, file, options));
}

// One story is told, so what chooses another one is refused.

function faultOption(): Option {
  return new Option("--fault <number>", "the fault, 0 the first that ended")
    .argParser(parseFaultNumber)
    .conflicts(["page", "path"]);
}

function slowestOption(): Option {
  return new Option("--slowest [count]", "list the slowest faults with their numbers")
    .argParser(parseFaultNumber)
    .conflicts(["page", "path"]);
}

function pageOption(): Option {
  const what = "the page, as in the scenario: heap, heap+3; or an address: 0x100003000";
  return new Option("--page <place>", what).conflicts("path");
}

function explain(context: CommandContext, file: string, options: ExplainOptions): void {
  const { page, path, design = [], json, fault, slowest } = options;
  if (path !== undefined) {
    explainReachCommand(context, { file, path, designs: design, json: json === true });
  } else if (fault !== undefined || slowest !== undefined) {
    explainFaultCommand(context, file, options);
  } else if (page !== undefined) {
    explainPageCommand(context, file, { ...options, page });
  } else {
    const hint = "--fault NUMBER, --slowest, --page PLACE, or --path DEVICE DEVICE";
    const message = "nothing to explain";
    const problem = diagnosticFor("<command line>", "E_OPTION_INVALID", message, { hint });
    showDiagnostics(context, [problem]);
    if (json) printDiagnosticsJson(context, [problem]);
  }
}
