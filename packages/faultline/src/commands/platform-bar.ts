// `faultline platform bar`: the fake BARs of a Grace Hopper or Grace Blackwell GPU in a guest.
import { errnoName } from "@faultline/core";
import { diagnosticFor, diagnosticToJson, hintForName } from "@faultline/diagnostics";
import {
  type BarSizeRule,
  createGraceSession,
  fakeBarRegister,
  GRACE_PARTS,
  type GraceCommand,
  type GraceDevice,
  type GraceGpuMemory,
  type GraceMemorySplit,
  type GraceRegionInfo,
  graceRegionInfos,
  memRegionJson,
  MEMBLK_SIZE,
  nrMemoryBlocks,
  nvgraceGpuInitNvdevStruct,
  openGraceDevice,
  parseGraceCommand,
  runGraceCommand,
} from "@faultline/platform";
import { type Command, Option } from "commander";
import { formatByteSize, formatHex, parseByteSize } from "../byte-size.ts";
import type { CommandContext } from "../command-context.ts";
import { examplesText } from "../command-examples.ts";
import { plainTable } from "../plain-table.ts";
import { showDiagnostics } from "../show-diagnostics.ts";
import type { PlatformCommand } from "./platform.ts";

interface BarOptions {
  readonly part?: string;
  readonly memory?: bigint;
  readonly base: bigint;
  readonly generation?: "hopper" | "blackwell";
  readonly rule: BarSizeRule;
  readonly access?: readonly string[];
  readonly json?: true;
}

const DEFAULT_BASE = 1n << 46n;
const PART_IDS = GRACE_PARTS.map(({ id }) => id);

const EXAMPLE = { shows: "a GH200 with 96 GiB", line: "platform bar --part gh200-96" };
const examples = [
  EXAMPLE,
  {
    shows: "memory that is no multiple of 512 MiB, and what Linux 6.9 made of it",
    line: "platform bar --memory 66660MiB --rule 6.9",
  },
  {
    shows: "how a guest's firmware sizes the BAR",
    line: 'platform bar --part gh200-96 --access "wcfg 0x20 ffffffffffffffff" "rcfg 0x20 8"',
  },
];

/** The sub-command of `faultline platform`. */
export const platformBar: PlatformCommand = { add: addPlatformBarCommand, example: EXAMPLE };

function addPlatformBarCommand(group: Command, context: CommandContext): void {
  group
    .command("bar")
    .summary("divide a Grace GPU's memory and show its fake BARs")
    .description(
      "Divides the memory of a Grace Hopper or Grace Blackwell GPU as the variant driver" +
        " nvgrace-gpu does, and shows the BARs that carry it into a guest: sizes, region indexes," +
        " what lies beyond the memory, cacheability. --access then reads and writes config space" +
        " and regions: `rcfg OFFSET COUNT`, `wcfg OFFSET HEX`, `rmem` and `wmem REGION OFFSET" +
        " COUNT`, `reset`; bytes cc are the real device's.",
    )
    .addOption(new Option("--part <id>", "a product, instead of --memory").choices(PART_IDS))
    .option("--memory <size>", "GPU memory, such as 96GiB, 94.5GiB or 0x1800000000", parseByteSize)
    .addOption(
      new Option("--base <address>", "where it starts")
        .argParser(parseByteSize)
        .default(DEFAULT_BASE, formatHex(DEFAULT_BASE)),
    )
    .addOption(
      new Option("--generation <name>", "hopper reserves memory for MIG, blackwell need not")
        .choices(["hopper", "blackwell"])
        .conflicts("part"),
    )
    .addOption(
      new Option("--rule <kernel>", "7.2 rounds the BAR before it aligns the memory, 6.9 after")
        .choices(["7.2", "6.9"])
        .default("7.2"),
    )
    .option("--access <line...>", "access the open device; one argument for each line")
    .option("--json", "print the same as JSON")
    .addHelpText("after", examplesText(examples))
    .action((options: BarOptions) => showBars(context, options));
}

function showBars(context: CommandContext, options: BarOptions): void {
  const memory = memoryOf(options);
  if (memory === null) {
    return complain(context, options, "no memory: --part or --memory", {
      hint: hintForName("parts", "", PART_IDS),
    });
  }
  const commands = (options.access ?? []).map(parseGraceCommand);
  const wrong = commands.find((command) => typeof command === "string");
  if (wrong !== undefined) return complain(context, options, `--access: ${wrong}`);
  const split = nvgraceGpuInitNvdevStruct(memory, options.rule);
  const device = split.usemem === null ? null : openGraceDevice(split);
  const answers = device === null ? [] : runAccesses(device, commands as GraceCommand[]);
  if (split.ret !== 0) context.note("expectation-failed");
  if (options.json) context.printJson(barJson(memory, options, split, device, answers));
  else context.io.writeOut(barText(memory, options, split, device, answers));
}

function complain(
  context: CommandContext,
  { json }: BarOptions,
  message: string,
  details: { hint?: string } = {},
): void {
  const problem = diagnosticFor("<command line>", "E_OPTION_INVALID", message, details);
  showDiagnostics(context, [problem]);
  if (json) context.printJson({ diagnostics: [diagnosticToJson(problem)] });
}

function memoryOf({ part: id, memory, base, generation }: BarOptions): GraceGpuMemory | null {
  const part = GRACE_PARTS.find((one) => one.id === id);
  const memLength = memory ?? part?.memLength;
  if (memLength === undefined) return null;
  const hasMigHwBug = part?.hasMigHwBug ?? generation !== "blackwell";
  return { memPhys: base, memLength, hasMigHwBug };
}

interface AccessAnswer {
  readonly line: string;
  readonly answer: object;
}

function runAccesses(device: GraceDevice, commands: readonly GraceCommand[]): object[] {
  const session = { ...createGraceSession(), device };
  return commands.map((command) => runGraceCommand(session, command));
}

function withLines({ access = [] }: BarOptions, answers: readonly object[]): AccessAnswer[] {
  return answers.map((answer, at) => ({ line: access[at] ?? "", answer }));
}

function barJson(
  memory: GraceGpuMemory,
  options: BarOptions,
  split: GraceMemorySplit,
  device: GraceDevice | null,
  answers: readonly object[],
): object {
  const { part = null, rule } = options;
  return {
    part,
    rule,
    hasMigHwBug: memory.hasMigHwBug,
    memPhys: formatHex(memory.memPhys),
    memLength: formatHex(memory.memLength),
    ret: split.ret,
    usemem: split.usemem && memRegionJson(split.usemem),
    resmem: split.resmem && memRegionJson(split.resmem),
    memoryBlocks: split.usemem && nrMemoryBlocks(split.usemem),
    regions: device === null ? [] : graceRegionInfos(device).map(regionJson),
    access: withLines(options, answers),
  };
}

function regionJson(info: GraceRegionInfo): object {
  const { fileOffset, sizeBytes, sparseMmap } = info;
  return {
    ...info,
    fileOffset: formatHex(fileOffset),
    sizeBytes: formatHex(sizeBytes),
    sparseMmap: { offset: "0x0", sizeBytes: formatHex(sparseMmap.sizeBytes) },
  };
}

function barText(
  memory: GraceGpuMemory,
  options: BarOptions,
  split: GraceMemorySplit,
  device: GraceDevice | null,
  answers: readonly object[],
): string {
  const { memPhys, memLength, hasMigHwBug } = memory;
  const mig = hasMigHwBug ? "MIG needs reserved memory" : "MIG needs no reserved memory";
  const head = `${formatByteSize(memLength)} at ${formatHex(memPhys)}; ${mig}\n`;
  if (device === null) {
    return `${head}probe fails: ${errnoName(split.ret)} (${split.ret}): ${reasonOf(split.ret)}\n`;
  }
  const infos = graceRegionInfos(device);
  const steps = withLines(options, answers).map(
    ({ line, answer }) => `${line}\n  ${JSON.stringify(answer)}`,
  );
  return [head, regionTable(device, infos), ...(steps.length === 0 ? [] : [steps.join("\n"), ""])]
    .join("\n")
    .trimEnd()
    .concat("\n");
}

function reasonOf(ret: number): string {
  return errnoName(ret) === "EINVAL"
    ? "after 1 GiB for MIG, less than one block of 512 MiB is left"
    : "less than 1 GiB, or the memory's end is beyond 64 bits";
}

function regionTable(device: GraceDevice, infos: readonly GraceRegionInfo[]): string {
  const columns = infos.map((info) => {
    const region = info.index === device.usemem.index ? device.usemem : device.resmem;
    const { memPhys, memLength, barSize } = region ?? device.usemem;
    const beyond = barSize - memLength;
    const blocks = nrMemoryBlocks({ memLength });
    const sized = fakeBarRegister({ ...device.usemem, barSize, barValue: -1n });
    return [
      `${info.index}, ${info.bars}`,
      `${formatByteSize(memLength)} at ${formatHex(memPhys)}`,
      formatByteSize(barSize),
      beyond === 0n ? "nothing" : `${formatByteSize(beyond)}: reads all ones, drops writes`,
      `0x${sized.toString(16).padStart(16, "0")}`,
      info.attributes.cached ? "cached" : "not cached",
      info.attributes.userMapping,
      info.attributes.kernelMapping,
      info.attributes.cached
        ? `${blocks} blocks of ${formatByteSize(MEMBLK_SIZE)}`
        : "reserved for MIG",
    ];
  });
  const names = [
    "region",
    "memory",
    "BAR size",
    "beyond the memory",
    "BAR sized with ones",
    "cacheability",
    "user mapping",
    "kernel mapping",
    "in the guest",
  ];
  const rows = names.map((name, at) => [name, ...columns.map((column) => column[at] ?? "")]);
  return plainTable(
    ["", ...infos.map(({ bars }) => (bars === "BAR4/5" ? "usemem" : "resmem"))],
    rows,
  );
}
