// `faultline platform srat|slit|hmat|cedt`: the table that QEMU builds for a command line, or a
// table from a file, as text, as JSON, or as bytes.
import { type Diagnostic, diagnosticFor, diagnosticToJson } from "@faultline/diagnostics";
import {
  type AcpiTableName,
  type AcpiTables,
  buildQemuTables,
  readAcpiTable,
  sratOffsets,
  writeAcpiTables,
} from "@faultline/platform";
import type { Command } from "commander";
import { formatHex } from "../byte-size.ts";
import type { CommandContext } from "../command-context.ts";
import { type CommandExample, examplesText } from "../command-examples.ts";
import { jsonReady } from "../json-ready.ts";
import { readBytes, writeBytes } from "../read-source.ts";
import { showDiagnostics } from "../show-diagnostics.ts";
import type { PlatformCommand } from "./platform.ts";
import { formatAcpiTables } from "./platform-acpi-text.ts";
import { QEMU_ARGS_OPTION, readQemuArgs } from "./platform-qemu-args.ts";

interface TableOptions {
  readonly qemuArgs?: string;
  readonly parse?: string;
  readonly output?: string;
  readonly json?: true;
}

interface TableCommand {
  readonly name: AcpiTableName;
  readonly title: string;
  readonly needs: string;
}

const MACHINE =
  "qemu-system-x86_64 -M q35,hmat=on -m 512M -smp 2" +
  " -object memory-backend-ram,id=m0,size=512M -numa node,nodeid=0,cpus=0-1,memdev=m0" +
  " -numa node,nodeid=1 -device pci-testdev,id=gpu,addr=04.0" +
  " -object acpi-generic-initiator,id=gi0,pci-dev=gpu,node=1";

const tableCommands: readonly TableCommand[] = [
  {
    name: "srat",
    title: "which processors, memory and devices are in which domain",
    needs: "-numa node",
  },
  { name: "slit", title: "how far domains are apart", needs: "-numa dist" },
  {
    name: "hmat",
    title: "who is next to which memory, and how fast it is",
    needs: "-machine hmat=on and -numa node",
  },
  { name: "cedt", title: "CXL host bridges and their windows", needs: "-machine cxl=on" },
];

/** One sub-command of `faultline platform` for each table. */
export const platformTables: readonly PlatformCommand[] = tableCommands.map((table) => {
  const example = {
    shows: `the ${table.name.toUpperCase()} of a machine`,
    line: `platform ${table.name} --qemu-args @cmdline.txt`,
  };
  return {
    add: (group, context) => addTableCommand(group, context, table, example),
    example,
  };
});

function addTableCommand(
  group: Command,
  context: CommandContext,
  table: TableCommand,
  example: CommandExample,
): void {
  const { name, title } = table;
  const upper = name.toUpperCase();
  group
    .command(name)
    .summary(`build or read ${upper}: ${title}`)
    .description(
      `Builds the ${upper} that QEMU 11.1 builds for a command line, byte for byte, or reads one` +
        " from a file, and prints it. A command line that QEMU refuses is refused, with the" +
        " object that is wrong.",
    )
    .option(...QEMU_ARGS_OPTION)
    .option("--parse <file>", "a table in a file, such as one of /sys/firmware/acpi/tables")
    .option("-o, --output <file>", "write the table's bytes instead of printing it")
    .option("--json", "print the table as JSON")
    .addHelpText(
      "after",
      examplesText([
        example,
        {
          shows: "the same with the command line itself, into a file",
          line: `platform ${name} --qemu-args "${MACHINE}" -o ${name}.bin`,
        },
        { shows: "a table of this machine", line: `platform ${name} --parse ${upper} --json` },
      ]),
    )
    .action((options: TableOptions) => runTable(context, table, options));
}

function runTable(context: CommandContext, table: TableCommand, options: TableOptions): void {
  const found = findTables(context, table, options);
  const { diagnostics } = found;
  const { name, needs } = table;
  const tables: AcpiTables = found.tables[name] === undefined ? {} : only(found.tables, name);
  const bytes = writeAcpiTables(tables).get(name);
  const isMissing = bytes === undefined && context.outcome === "ok";
  if (isMissing) {
    const message = `there is no ${name.toUpperCase()}`;
    const hint = `it needs ${needs}`;
    report(context, diagnostics, diagnosticFor(found.file, "E_ACPI_TABLE", message, { hint }));
  }
  if (bytes !== undefined && options.output !== undefined) {
    const problem = writeBytes(context.io, options.output, bytes);
    if (problem !== undefined) report(context, diagnostics, problem);
    else context.io.writeErr(`${options.output}: ${name.toUpperCase()}, ${bytes.length} bytes\n`);
  }
  if (options.json) {
    context.printJson({
      ...tablesJson(tables, bytes?.length),
      diagnostics: diagnostics.map(diagnosticToJson),
    });
  } else if (options.output === undefined) {
    context.io.writeOut(formatAcpiTables(tables));
  }
}

function only(all: AcpiTables, name: AcpiTableName): AcpiTables {
  return { [name]: all[name] };
}

function report(context: CommandContext, diagnostics: Diagnostic[], problem: Diagnostic): void {
  showDiagnostics(context, [problem]);
  diagnostics.push(problem);
}

interface FoundTables {
  readonly file: string;
  readonly tables: AcpiTables;
  readonly diagnostics: Diagnostic[];
}

function findTables(
  context: CommandContext,
  { name }: TableCommand,
  { qemuArgs, parse }: TableOptions,
): FoundTables {
  if ((qemuArgs === undefined) === (parse === undefined)) {
    const message = "either --qemu-args or --parse is needed";
    const problem = diagnosticFor("<command line>", "E_OPTION_INVALID", message);
    showDiagnostics(context, [problem]);
    return { file: "<command line>", tables: {}, diagnostics: [problem] };
  }
  if (parse !== undefined) return parseTable(context, parse, name);
  const { machine, diagnostics, verdict } = readQemuArgs(context, qemuArgs ?? "");
  const found = { file: "<qemu-args>", diagnostics: [...diagnostics] };
  if (verdict === "crashes" || verdict === "unknown") context.note("bad-input");
  return { ...found, tables: machine === null ? {} : buildQemuTables(machine) };
}

/** Reads a file; a table of another kind is a mistake. */
function parseTable(context: CommandContext, path: string, name: AcpiTableName): FoundTables {
  const read = readBytes(context.io, path);
  if (read.bytes === undefined) {
    showDiagnostics(context, [read.problem]);
    return { file: path, tables: {}, diagnostics: [read.problem] };
  }
  const { tables: found, diagnostics } = readAcpiTable(read.bytes, read.file);
  const all = [...diagnostics];
  const [other] = Object.keys(found);
  if (other !== undefined && other !== name) {
    const message = `this is a ${other.toUpperCase()}, not a ${name.toUpperCase()}`;
    const hint = `faultline platform ${other} --parse`;
    all.push(diagnosticFor(read.file, "E_ACPI_TABLE", message, { hint }));
  }
  showDiagnostics(context, all);
  return { file: read.file, tables: found, diagnostics: all };
}

/** Tables as JSON; entries of SRAT have the offset of their bytes. */
function tablesJson(tables: AcpiTables, lengthBytes?: number): object {
  const { srat } = tables;
  const length = lengthBytes === undefined ? {} : { lengthBytes };
  if (srat === undefined) return { ...(jsonReady(tables) as object), ...length };
  const offsets = sratOffsets(srat);
  const entries = srat.entries.map((entry, at) => ({ at: formatHex(offsets[at] ?? 0), ...entry }));
  return { ...(jsonReady({ ...tables, srat: { ...srat, entries } }) as object), ...length };
}
