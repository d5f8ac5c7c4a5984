// `faultline conformance acpi|nvgrace|memlock|npu DIR`: folders of recorded answers about
// platforms.
import {
  formatGoldenReport,
  type GoldenFiles,
  loadAcpiFolder,
  loadFixturesFolder,
  loadMemlockFolder,
  loadNpuFolder,
  loadNvgraceFolder,
  replayGolden,
} from "@faultline/conformance";
import { type Command, InvalidArgumentError } from "commander";
import type { CommandContext } from "../command-context.ts";
import { examplesText } from "../command-examples.ts";
import { showDiagnostics } from "../show-diagnostics.ts";

interface GoldenOptions {
  readonly limit: number;
  readonly json?: true;
}

interface GoldenKind {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  readonly load: (path: string) => GoldenFiles | Promise<GoldenFiles>;
}

const kinds: readonly GoldenKind[] = [
  {
    name: "acpi",
    summary: "recorded tables and nodes of QEMU and Linux",
    description:
      "Replays machines of QEMU: their tables byte for byte, what Linux made of them" +
      " (`acpi/`, `acpi-alternatives/`), command lines that QEMU refuses (`qemu-errors.json`)," +
      " and the order of objects (`gi-order.json`).",
    load: loadAcpiFolder,
  },
  {
    name: "nvgrace",
    summary: "recorded answers of the Grace Hopper variant driver",
    description:
      "Replays how nvgrace-gpu divided memory (`init.json`) and answered accesses to config space" +
      " and regions (`access.json`).",
    load: loadNvgraceFolder,
  },
  {
    name: "memlock",
    summary: "recorded locked-memory limits of libvirt",
    description:
      "Replays the limits that libvirt 12.8 and 9.0 calculated, from each row of `rows.json` and" +
      " again from its domain in `xml/`, and libvirt's own test (`libvirt-own-test.json`).",
    load: loadMemlockFolder,
  },
  {
    name: "npu",
    summary: "device trees of POWER9 machines with their wiring",
    description:
      "Reads each device tree (`NAME.dts`, `NAME.dtb`) and compares its NVLink2 wiring with" +
      " `NAME.topology.json` beside it.",
    load: loadNpuFolder,
  },
  {
    name: "fixtures",
    summary: "files of other tools, and what they say of real machines",
    description:
      "Imports every file, folder and archive that has a NAME.expect.json beside it, and" +
      " compares what it says with the facts there; each machine must load. Files of `bad/` must" +
      " be told of at their line.",
    load: loadFixturesFolder,
  },
];

/** Adds the kinds to `faultline conformance`. */
export function addConformanceGolden(command: Command, context: CommandContext): void {
  for (const { name, summary, description, load } of kinds) {
    command
      .command(name)
      .summary(summary)
      .description(
        `${description} The first difference of each failing case is printed; the last line is` +
          " `N passed, N failed`.",
      )
      .argument("<folder>", "folder with the files")
      .option("--limit <count>", "failing cases to print", parseCount, 20)
      .option("--json", "print the report as JSON")
      .addHelpText(
        "after",
        examplesText([{ shows: "replay a folder", line: `conformance ${name} golden/${name}` }]),
      )
      .action(async (folder: string, options: GoldenOptions) =>
        replay(context, await load(folder), options),
      );
  }
}

/** What can be read is replayed even when something cannot; that is bad input all the same. */
function replay(context: CommandContext, files: GoldenFiles, { limit, json }: GoldenOptions): void {
  showDiagnostics(context, files.problems);
  const report = replayGolden(files);
  if (report.failed > 0) context.note("expectation-failed");
  if (json) context.printJson(report);
  else context.io.writeOut(formatGoldenReport({ ...report, problems: [] }, limit));
}

function parseCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}
