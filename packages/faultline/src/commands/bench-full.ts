// `faultline bench full`, or `faultline bench --full`: every noise with every access, size and
// place.
import type { Profile } from "@faultline/profiles";
import { type NamedRow, rowsAsJsonl, rowsFromJsonl } from "@faultline/report";
import { DEFAULT_SEED } from "@faultline/scenario";
import { type Command, Option } from "commander";
import { cellRows } from "../cell-rows.ts";
import { choicesOption } from "../choices-option.ts";
import { commaSeparated } from "../comma-separated.ts";
import type { CommandContext } from "../command-context.ts";
import { examplesText } from "../command-examples.ts";
import { gpuProfileIds } from "../gpu-profiles.ts";
import {
  MATRIX_ACCESSES,
  MATRIX_NOISES,
  MATRIX_PLACES,
  MATRIX_SIZES,
  type MatrixCell,
} from "../matrix/matrix-cell.ts";
import { MATRIX_JOB } from "../matrix/matrix-job.ts";
import { matrixScenario } from "../matrix/matrix-scenario.ts";
import type { MatrixResult } from "../matrix/run-matrix-cell.ts";
import { matrixHtml } from "../matrix/matrix-html.ts";
import { matrixTables } from "../matrix/matrix-table.ts";
import { findProfiles } from "../profile-option.ts";
import { startProgress } from "../progress.ts";
import { readSource } from "../read-source.ts";
import { rowsOption, writeRows } from "../rows-option.ts";
import { seedOption } from "../seed-option.ts";
import { showDiagnostics } from "../show-diagnostics.ts";
import { timeOption } from "../time-option.ts";
import { jobsOption, runJobs } from "../workers/run-jobs.ts";
import { writeOutput } from "../write-output.ts";

/** What the command is told. */
export interface FullOptions {
  readonly profiles: readonly string[];
  readonly noises: readonly string[];
  readonly accesses: readonly string[];
  readonly sizes: readonly string[];
  readonly places: readonly string[];
  readonly every: string;
  readonly seed?: number;
  readonly jobs: number;
  readonly markdown?: true;
  readonly scenario?: true;
  readonly output?: string;
  readonly html?: string;
}

/** Everything there is to run, of the profiles that are asked for. */
export const WHOLE_MATRIX: Pick<FullOptions, "noises" | "accesses" | "sizes" | "places" | "every"> =
  {
    noises: MATRIX_NOISES,
    accesses: MATRIX_ACCESSES,
    sizes: MATRIX_SIZES,
    places: MATRIX_PLACES,
    every: "1ms",
  };

const description =
  "A GPU touches mappings that are put into the same place before every round: absent, in RAM, in" +
  " its own memory but unmapped, on a peer over a private link or over PCIe, or on a device of" +
  " another driver. Meanwhile the kernel does one of nine things. Every cell has 512 accesses, or" +
  " 104 of 2 MiB; a percentile is there where one fault at least lies beyond it (p50 and p90" +
  " of ten faults, p99 of a hundred), and a cell without one says why. What has run is kept" +
  " beside the output, so a run that was stopped goes on where it was. All profiles take some" +
  " ten to twenty minutes on two cores.";

/** Adds the command to `bench`. */
export function addBenchFullCommand(bench: Command, context: CommandContext): void {
  bench
    .command("full")
    .summary("the whole matrix: noise, access, size and place, for every GPU")
    .description(description)
    .addOption(
      new Option("--profiles <names>", "profiles, with commas between them")
        .argParser(commaSeparated)
        .default(gpuProfileIds(), "those of all GPUs"),
    )
    .addOption(choicesOption("--noises <noises>", "what the kernel does", MATRIX_NOISES))
    .addOption(choicesOption("--accesses <names>", "what the GPU does", MATRIX_ACCESSES))
    .addOption(choicesOption("--sizes <sizes>", "what is mapped at once", MATRIX_SIZES))
    .addOption(choicesOption("--places <places>", "where the memory is", MATRIX_PLACES))
    .addOption(
      timeOption("--every <time>", "how often the noise happens").default(WHOLE_MATRIX.every),
    )
    .addOption(seedOption())
    .addOption(jobsOption())
    .option("--markdown", "print the tables in Markdown")
    .option("--scenario", "print the scenario of the first cell in place of running any")
    .addOption(rowsOption("every cell"))
    .option("--html <file>", "write heat maps of each profile and size as one HTML file")
    .addHelpText(
      "after",
      examplesText([
        {
          shows: "everything, as a table for SQL or a data frame, and to look at",
          line: "bench --full -o all.parquet --html all.html",
        },
        {
          shows: "reads of 64 KiB on one GPU",
          line: "bench full --profiles intel-xe-svm-thp --accesses read --sizes 64KiB",
        },
      ]),
    )
    .action((options: FullOptions) => benchFull(context, options));
}

/** Runs the matrix. */
export async function benchFull(context: CommandContext, options: FullOptions): Promise<void> {
  const profiles = findProfiles(context, options.profiles);
  if (profiles === null) return;
  const cells = cellsOf(profiles, options);
  const [first] = cells;
  if (options.scenario === true) {
    if (first !== undefined) context.io.writeOut(matrixScenario(first));
    return;
  }
  const rows = await runAll(context, cells, options);
  if (rows === null) return;
  if (options.output !== undefined) await writeRows(context, options.output, rows);
  if (options.html !== undefined) {
    const problem = writeOutput(context.io, options.html, matrixHtml(rows));
    if (problem !== null) showDiagnostics(context, [problem]);
  }
  if (options.output !== undefined || options.html !== undefined) return;
  context.io.writeOut(matrixTables(rows, options.markdown === true));
}

function cellsOf(profiles: readonly Profile[], options: FullOptions): MatrixCell[] {
  const { every } = options;
  const chosen = <T extends string>(all: readonly T[], names: readonly string[]): readonly T[] =>
    all.filter((one) => names.includes(one));
  return profiles.flatMap((profile) =>
    chosen(MATRIX_SIZES, options.sizes).flatMap((size) =>
      chosen(MATRIX_ACCESSES, options.accesses).flatMap((access) =>
        chosen(MATRIX_PLACES, options.places).flatMap((place) =>
          chosen(MATRIX_NOISES, options.noises).map((noise) => {
            return { profile, noise, access, size, place, every };
          }),
        ),
      ),
    ),
  );
}

/** Cells between two times that what has run is put aside. */
const KEEP_EVERY = 20;

/** A row for each cell, in their order; null when it was stopped. */
async function runAll(
  context: CommandContext,
  cells: readonly MatrixCell[],
  { output, jobs, seed = DEFAULT_SEED }: FullOptions,
): Promise<NamedRow[] | null> {
  const kept = new KeptRows(context, output);
  const names = cells.map((cell) => nameOf(whereOf(cell, seed, null)));
  const rows = names.map((name) => kept.rows.get(name) ?? null);
  const left = [...cells.keys()].filter((i) => rows[i] === null);
  const progress = startProgress(context.io, "cells");
  let nrDone = cells.length - left.length;
  let isStopped = false;
  const release = context.io.onInterrupt(() => {
    isStopped = true;
  });
  const inputs = left.map((i) => ({ cell: cells[i] as MatrixCell, seed }));
  await runJobs(MATRIX_JOB, inputs, {
    nrWorkers: jobs,
    onResult: (result, n) => {
      const i = left[n] as number;
      const row = whereOf(cells[i] as MatrixCell, seed, result);
      rows[i] = row;
      kept.rows.set(names[i] as string, row);
      nrDone++;
      progress.show(`${nrDone} of ${cells.length}`);
      if (nrDone % KEEP_EVERY === 0) kept.write();
      return !isStopped;
    },
  });
  release();
  progress.end();
  if (!isStopped) {
    kept.remove();
    return rows.filter((row) => row !== null);
  }
  kept.write();
  context.note("expectation-failed");
  const where = output === undefined ? "" : "; the same command goes on from here";
  context.io.writeErr(`stopped after ${nrDone} of ${cells.length} cells${where}\n`);
  return null;
}

/** A cell as a row, with its result or as what it is called. */
function whereOf(cell: MatrixCell, seed: number, result: MatrixResult | null): NamedRow {
  const { profile, noise, access, size, place, every } = cell;
  const where = { profile: profile.id, noise, access, size, place };
  const run = { kernel: "7.2-fixed", every, seed };
  const [row = {}] = cellRows("full", { ...run, cells: [{ ...where, ...result }] });
  return row;
}

/** Rows of a run that was stopped, beside its output. */
class KeptRows {
  readonly rows = new Map<string, NamedRow>();
  private readonly context: CommandContext;
  private readonly path: string | null;

  constructor(context: CommandContext, output: string | undefined) {
    this.context = context;
    this.path = output === undefined ? null : `${output}.partial.jsonl`;
    if (this.path === null) return;
    const { source } = readSource(context.io, this.path);
    for (const row of source === undefined ? [] : completeRows(source.text)) {
      this.rows.set(nameOf(row), row);
    }
  }

  write(): void {
    if (this.path === null) return;
    this.context.io.writeFile(this.path, rowsAsJsonl([...this.rows.values()]));
  }

  remove(): void {
    if (this.path !== null) this.context.io.removeFile(this.path);
  }
}

/** What a row is called: its columns before the result. */
function nameOf(row: NamedRow): string {
  const names = Object.keys(row);
  const end = names.indexOf("result");
  return JSON.stringify(names.slice(0, end < 0 ? undefined : end).map((name) => row[name]));
}

/** Rows of a file whose last line may be cut. */
function completeRows(text: string): NamedRow[] {
  return rowsFromJsonl(text.slice(0, text.lastIndexOf("\n") + 1));
}
