// `faultline bench vendors`, or `faultline bench` alone: what fork(), huge pages and NUMA balancing
// cost the GPUs of several vendors.
import { diagnosticFor } from "@faultline/diagnostics";
import type { Profile } from "@faultline/profiles";
import { DEFAULT_SEED } from "@faultline/scenario";
import { type Command, Option } from "commander";
import { addBenchOutputOptions, type BenchOutputOptions, showBench } from "../bench-output.ts";
import { choicesOption } from "../choices-option.ts";
import { resultStyle } from "../colours.ts";
import { commaSeparated } from "../comma-separated.ts";
import type { CommandContext } from "../command-context.ts";
import { examplesText } from "../command-examples.ts";
import { gpuProfileIds } from "../gpu-profiles.ts";
import { benchFull, WHOLE_MATRIX } from "./bench-full.ts";
import { findProfiles } from "../profile-option.ts";
import { startProgress } from "../progress.ts";
import { showDiagnostics } from "../show-diagnostics.ts";
import type { BenchJson } from "../cell-rows.ts";
import { timeOption } from "../time-option.ts";
import { jobsOption } from "../workers/run-jobs.ts";
import {
  BENCH_NOISES,
  BENCH_PLACES,
  BENCH_SIZES,
  type BenchCell,
  type BenchNoise,
  type BenchPlace,
  benchScenario,
  type BenchSize,
  whyNot,
} from "../vendor-bench/bench-cell.ts";
import { type BenchEntry, benchTables, slowdown } from "../vendor-bench/bench-table.ts";
import { runBenchCell } from "../vendor-bench/run-bench-cell.ts";

interface BenchOptions extends BenchOutputOptions {
  readonly profiles: readonly string[];
  readonly sizes: readonly BenchSize[];
  readonly noises: readonly BenchNoise[];
  readonly places: readonly BenchPlace[];
  readonly every: string;
  readonly full?: true;
  readonly html?: string;
  readonly jobs: number;
}

const description =
  "A GPU's program writes its memory over and over, a mapping every 50 us, while the kernel forks" +
  " the process, collapses its pages into huge ones, or scans them for NUMA balancing. Shows for" +
  " each profile how long its write faults take (p50 and p99) and how much longer the whole" +
  " program takes than in quiet; then the stage or wait that has most of a fault's time, and what" +
  " of the priced time rests on assumed numbers at most. Each cell is a scenario, which" +
  " --scenario prints.";

/** Adds the command to `bench`, as what that does without a name of another. */
export function addBenchVendorsCommand(bench: Command, context: CommandContext): void {
  const command = bench
    .command("vendors", { isDefault: true })
    .summary("what fork(), huge pages and NUMA balancing cost GPUs, vendor by vendor")
    .description(description)
    .addOption(
      new Option("--profiles <names>", "profiles, with commas between them")
        .argParser(commaSeparated)
        .default(gpuProfileIds(), "those of all GPUs"),
    )
    .addOption(choicesOption("--sizes <sizes>", "what is mapped at once", BENCH_SIZES))
    .addOption(
      choicesOption("--noises <noises>", "what the kernel does; always with quiet", BENCH_NOISES),
    )
    .addOption(
      choicesOption(
        "--places <places>",
        "memory goes where the driver wants, or stays in RAM",
        BENCH_PLACES,
      ),
    )
    .addOption(timeOption("--every <time>", "how often the noise happens").default("10ms"));
  addBenchOutputOptions(command)
    .option("--full", "run the whole matrix of these profiles, as bench full does")
    .option("--html <file>", "with --full: write its heat maps as one HTML file")
    .addOption(jobsOption())
    .addHelpText(
      "after",
      examplesText([
        { shows: "all GPUs", line: "bench" },
        {
          shows: "two of them, with forty forks in a second",
          line: "bench --profiles intel-xe-svm-thp,amd-mi250x-xnack-svm --noises fork --every 25ms",
        },
        {
          shows: "the scenario behind a cell, run by itself",
          line:
            "bench --profiles intel-xe-svm-thp --noises fork --sizes 2MiB --places ram --scenario" +
            " > cell.yaml && npx --no-install faultline run cell.yaml",
        },
      ]),
    )
    .action((options: BenchOptions, own: Command) => benchVendors(context, options, own));
}

async function benchVendors(
  context: CommandContext,
  options: BenchOptions,
  command: Command,
): Promise<void> {
  if (options.full === true) {
    await fullMatrix(context, options, command);
    return;
  }
  if (options.html !== undefined) {
    const hint = "bench --full --html FILE";
    const what = "only the whole matrix has heat maps";
    showDiagnostics(context, [diagnosticFor("--html", "E_OPTION_INVALID", what, { hint })]);
    return;
  }
  const profiles = findProfiles(context, options.profiles);
  if (profiles === null) return;
  const noises = BENCH_NOISES.filter(
    (noise) => noise === "quiet" || options.noises.includes(noise),
  );
  const cells = cellsOf(profiles, noises, options);
  if (options.scenario === true) {
    const wanted = cells.find(({ noise }) => options.noises.includes(noise));
    if (wanted !== undefined) context.io.writeOut(benchScenario(wanted));
    return;
  }
  const entries = runAll(context, cells, options.seed ?? DEFAULT_SEED);
  const json = asJson(entries, options);
  await showBench(context, "vendors", options, json, () =>
    asText(context, entries, noises, options),
  );
}

/** `--full`: the sizes and noises of the matrix are others, and all of them are run. */
async function fullMatrix(
  context: CommandContext,
  { profiles, every, seed, jobs, output, html, markdown }: BenchOptions,
  command: Command,
): Promise<void> {
  await benchFull(context, {
    ...WHOLE_MATRIX,
    profiles,
    jobs,
    ...(command.getOptionValueSource("every") === "cli" ? { every } : {}),
    ...(seed === undefined ? {} : { seed }),
    ...(output === undefined ? {} : { output }),
    ...(html === undefined ? {} : { html }),
    ...(markdown === undefined ? {} : { markdown }),
  });
}

function cellsOf(
  profiles: readonly Profile[],
  noises: readonly BenchNoise[],
  { places, sizes, every }: BenchOptions,
): BenchCell[] {
  return places.flatMap((place) =>
    sizes.flatMap((size) =>
      profiles.flatMap((profile) =>
        noises.map((noise) => ({ profile, noise, size, place, every })),
      ),
    ),
  );
}

function runAll(context: CommandContext, cells: readonly BenchCell[], seed: number): BenchEntry[] {
  const progress = startProgress(context.io, "cells");
  const entries = cells.map((cell, n): BenchEntry => {
    progress.update(n, cells.length);
    const { profile, noise, size, place } = cell;
    return { profile, noise, size, place, cell: whyNot(cell) ?? runBenchCell(cell, seed) };
  });
  progress.end();
  return entries;
}

const PLACE_TITLES: Readonly<Record<BenchPlace, string>> = {
  driver: "placed by the driver",
  ram: "kept in RAM",
};

function asText(
  context: CommandContext,
  entries: readonly BenchEntry[],
  noises: readonly BenchNoise[],
  { places, sizes, every, seed, markdown }: BenchOptions,
): string {
  const { strong, dim } = resultStyle(context.io.outHasColours);
  const isMarkdown = markdown === true;
  const head = `kernel 7.2-fixed, noise once in ${every}, seed ${seed ?? DEFAULT_SEED}`;
  const parts = places.flatMap((place) =>
    sizes.map((size) => {
      const title = `Write faults of ${size}, memory ${PLACE_TITLES[place]}`;
      const own = entries.filter((entry) => entry.place === place && entry.size === size);
      const tables = benchTables(own, { noises, isMarkdown });
      return `${isMarkdown ? `### ${title}` : strong(title)}\n\n${tables}`;
    }),
  );
  return `${isMarkdown ? head : dim(head)}\n\n${parts.join("\n")}`;
}

function asJson(entries: readonly BenchEntry[], { every, seed }: BenchOptions): BenchJson {
  const cells = entries.map(({ profile, noise, size, place, cell }) => {
    const where = { profile: profile.id, noise, size, place };
    if (typeof cell === "string") return { ...where, notDone: cell };
    const isQuiet = (one: BenchEntry): boolean =>
      one.profile === profile && one.size === size && one.place === place && one.noise === "quiet";
    return { ...where, ...cell, slowdown: slowdown(cell, entries.find(isQuiet)?.cell ?? "") };
  });
  return { kernel: "7.2-fixed", every, seed: seed ?? DEFAULT_SEED, cells };
}
