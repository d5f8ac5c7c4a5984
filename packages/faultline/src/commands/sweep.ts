// `faultline sweep FILE --over PATH=V1,V2`: one scenario at every point of a grid, in parts if need
// be, and `faultline sweep merge`, which puts the parts together.
import { createHash } from "node:crypto";
import { hasErrors } from "@faultline/diagnostics";
import type { NamedRow } from "@faultline/report";
import type { ProfileChoice } from "@faultline/scenario";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { CommandContext } from "../command-context.ts";
import { examplesText } from "../command-examples.ts";
import { chosenProfiles, profileOption } from "../profile-option.ts";
import { startProgress } from "../progress.ts";
import { readRows, rowsOption, writeRows } from "../rows-option.ts";
import { seedOption } from "../seed-option.ts";
import { showDiagnostics } from "../show-diagnostics.ts";
import { loadSweep } from "../sweep/load-sweep.ts";
import { mergeSweep, type SweepPart } from "../sweep/merge-sweep.ts";
import { parseAxis, type SweepAxis, type SweepPoint, sweepPoints } from "../sweep/sweep-axes.ts";
import { SWEEP_JOB, type SweepFiles } from "../sweep/sweep-job.ts";
import { isInShard, parseShard, type SweepShard } from "../sweep/sweep-shard.ts";
import { packageVersion } from "../version.ts";
import { jobsOption, runJobs } from "../workers/run-jobs.ts";
import { sentChoice } from "../workers/sent-choice.ts";

interface SweepOptions {
  readonly over: readonly SweepAxis[];
  readonly shard: SweepShard;
  readonly profile?: readonly string[];
  readonly seed?: number;
  readonly jobs: number;
  readonly output: string;
}

/** So that no handful of values can grow without end. */
const MAX_POINTS = 1_000_000;

const description =
  "Runs a scenario under a clock once for every combination of values, and writes a row for each" +
  " kind of fault of each run. A path is one of the document, as --set of run has it; values are" +
  " YAML. A scenario with repetitions has rows for each of them. With --shard i/n only every" +
  " n-th point is run, for a cluster or a matrix of CI jobs; merge puts the parts together. The" +
  " rows do not depend on shards or workers.";

const SLOTS =
  "sweep scenarios/clock/pipeline.yaml --over steps.1.slots=1,2,4" +
  " --over profile=nv-v100-pcie3-uvm,nv-hopper-x86-uvm -o slots.parquet";

/** Adds the command. */
export function addSweepCommand(program: Command, context: CommandContext): void {
  const sweep = program
    .command("sweep")
    .summary("one scenario at every point of a grid, as a table")
    .description("Parameter sweeps. Without a name, run; its arguments then follow at once.")
    .addHelpText("after", examplesText([{ shows: "a grid", line: SLOTS }]));
  sweep
    .command("run", { isDefault: true })
    .summary("run a scenario with every combination of values")
    .description(description)
    .argument("<file>", "the scenario; - is stdin")
    .addOption(overOption())
    .addOption(shardOption())
    .addOption(profileOption())
    .addOption(seedOption())
    .addOption(jobsOption())
    .addOption(rowsOption("every kind of fault of every run").makeOptionMandatory())
    .addHelpText(
      "after",
      examplesText([
        {
          shows: "a pipeline with more slots, on two GPUs",
          line: SLOTS,
        },
        {
          shows: "the second of eight parts",
          line: "sweep FILE --over seed=1,2,3,4 --shard 2/8 -o part-2.parquet",
        },
      ]),
    )
    .action((file: string, options: SweepOptions) => runSweep(context, file, options));
  sweep
    .command("merge")
    .summary("put the parts of a sweep together")
    .description(
      "Reads parts that --shard has written, as Parquet or JSON lines, and writes them as one" +
        " table. Nothing is written where a point is missing, or is in two parts.",
    )
    .argument("<parts...>", "files that end with .parquet or .jsonl")
    .addOption(rowsOption("every row of the parts").makeOptionMandatory())
    .addHelpText(
      "after",
      examplesText([
        { shows: "all parts of a sweep", line: "sweep merge part-*.parquet -o all.parquet" },
      ]),
    )
    .action((parts: string[], { output }: { readonly output: string }) =>
      merge(context, parts, output),
    );
}

function overOption(): Option {
  const about = "a path of the document and its values, with commas between them; repeatable";
  return new Option("--over <path=values>", about)
    .argParser((text: string, before: readonly SweepAxis[] | undefined) => {
      const axis = parseAxis(text);
      if (axis !== null) return [...(before ?? []), axis];
      throw new InvalidArgumentError("it is PATH=VALUE,VALUE, such as steps.1.pages=64,128.");
    })
    .makeOptionMandatory();
}

function shardOption(): Option {
  return new Option("--shard <i/n>", "only the part i of n, from 1")
    .argParser((text: string) => {
      const shard = parseShard(text);
      if (shard !== null) return shard;
      throw new InvalidArgumentError("a part is i/n with i from 1 to n.");
    })
    .default({ index: 1, count: 1 }, "everything");
}

async function runSweep(
  context: CommandContext,
  file: string,
  options: SweepOptions,
): Promise<void> {
  const { over, profile, output, shard } = options;
  const nrPoints = over.reduce((product, { values }) => product * values.length, 1);
  if (nrPoints > MAX_POINTS) {
    context.io.writeErr(`${nrPoints} points are more than the ${MAX_POINTS} of a sweep\n`);
    context.note("bad-input");
    return;
  }
  const points = sweepPoints(over);
  const choice = profile === undefined ? null : chosenProfiles(context, profile);
  if (profile !== undefined && choice === null) return;
  const files = loadSweep(context, file, points, choice);
  if (files === null) return;
  const own = points.filter(({ index }) => isInShard(shard, index));
  const columns = {
    scenario: files.file,
    version: packageVersion(),
    sweep: sweepName(files, points, choice, options),
    points: points.length,
  };
  const rows = await rowsOf(context, own, { files, choice, columns }, options);
  if (rows !== null) await writeRows(context, output, rows);
}

/** Sixteen digits that tell sweeps apart: files, points, prices and seed. */
function sweepName(
  files: SweepFiles,
  points: readonly SweepPoint[],
  choice: ProfileChoice | null,
  { seed }: SweepOptions,
): string {
  const prices = choice === null ? null : { all: choice.all, byDevice: [...choice.byDevice] };
  const what = JSON.stringify([packageVersion(), files, points, prices, seed ?? null]);
  return createHash("sha256").update(what).digest("hex").slice(0, 16);
}

/** The rows of all points in their order; null when the user has stopped it. */
async function rowsOf(
  context: CommandContext,
  points: readonly SweepPoint[],
  common: {
    readonly files: SweepFiles;
    readonly choice: ProfileChoice | null;
    readonly columns: NamedRow;
  },
  { seed = null, jobs }: { readonly seed?: number | null; readonly jobs: number },
): Promise<NamedRow[] | null> {
  const progress = startProgress(context.io, "points");
  const rows: (readonly NamedRow[])[] = points.map(() => []);
  let nrDone = 0;
  let isStopped = false;
  const release = context.io.onInterrupt(() => {
    isStopped = true;
  });
  const { choice } = common;
  const sent = { ...common, choice: choice === null ? null : sentChoice(choice) };
  const inputs = points.map((point) => ({ ...sent, point, seed }));
  await runJobs(SWEEP_JOB, inputs, {
    nrWorkers: jobs,
    onResult: (result, n) => {
      rows[n] = result;
      progress.show(`${++nrDone} of ${points.length}`);
      return !isStopped;
    },
  });
  release();
  progress.end();
  if (!isStopped) return rows.flat();
  context.io.writeErr(`stopped after ${nrDone} of ${points.length} points; nothing is written\n`);
  context.note("expectation-failed");
  return null;
}

async function merge(
  context: CommandContext,
  paths: readonly string[],
  output: string,
): Promise<void> {
  const parts: SweepPart[] = [];
  for (const path of paths) {
    const rows = await readRows(context.io, path);
    if ("code" in rows) showDiagnostics(context, [rows]);
    else parts.push({ path, rows });
  }
  if (parts.length < paths.length) return;
  const { rows, diagnostics } = mergeSweep(parts);
  showDiagnostics(context, diagnostics);
  if (!hasErrors(diagnostics)) await writeRows(context, output, rows);
}
