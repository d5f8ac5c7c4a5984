// `faultline bench rdma`: a NIC that uses memory of a GPU, by migrating it or by reaching it.
import { DEFAULT_SEED } from "@faultline/scenario";
import { type Command, Option } from "commander";
import { addBenchOutputOptions, type BenchOutputOptions, showBench } from "../bench-output.ts";
import { choicesOption, namesOf } from "../choices-option.ts";
import { resultStyle } from "../colours.ts";
import { commaSeparated } from "../comma-separated.ts";
import type { CommandContext } from "../command-context.ts";
import { examplesText } from "../command-examples.ts";
import { findProfile } from "../profile-option.ts";
import { startProgress } from "../progress.ts";
import {
  RDMA_DESIGNS,
  RDMA_MACHINES,
  RDMA_SIZES,
  type RdmaCell,
  type RdmaGpu,
  rdmaGpus,
  rdmaScenario,
  type RdmaSize,
} from "../rdma-bench/rdma-cell.ts";
import { rdmaDetails, type RdmaEntry, rdmaSummary } from "../rdma-bench/rdma-table.ts";
import { RDMA_JOB } from "../rdma-bench/rdma-job.ts";
import { roundsOption } from "../rounds/rounds-option.ts";
import type { BenchJson } from "../cell-rows.ts";
import { jobsOption, runJobs } from "../workers/run-jobs.ts";

interface RdmaOptions extends BenchOutputOptions {
  readonly profiles: readonly string[];
  readonly machines: readonly string[];
  readonly designs: readonly string[];
  readonly sizes: readonly RdmaSize[];
  readonly rounds: number;
  readonly details?: true;
  readonly jobs: number;
}

const description =
  "A GPU writes a buffer, a NIC with on-demand paging reads it and writes it, and the GPU reads" +
  " it again: one round. Shows what a round takes after the first, where pages migrate to system" +
  " memory for the NIC, as in Linux 7.2, and under the designs that let it reach them where they" +
  " are; on four machines, which decide whether it can. A page that is reached takes 82 ns, 4" +
  " KiB at 400 Gbit/s, whichever way; what a round takes beyond that are faults. A percentile is" +
  " shown where one sample at least lies beyond it, p99 of a hundred rounds or faults and more.";

/** One GPU for each driver, and xe with small pages too. */
const DEFAULT_GPUS = [
  "intel-xe-svm-nothp",
  "intel-xe-svm-thp",
  "amd-mi300x-xnack-pcie",
  "nv-hopper-x86-uvm",
  "nouveau",
];

/** Adds the command to `bench`. */
export function addBenchRdmaCommand(bench: Command, context: CommandContext): void {
  const command = bench
    .command("rdma")
    .summary("a NIC that uses memory of a GPU: by migration, or as P2P pages")
    .description(description)
    .addOption(
      new Option("--profiles <names>", "GPUs by profile, with commas between them, or nouveau")
        .argParser(commaSeparated)
        .default(DEFAULT_GPUS, DEFAULT_GPUS.join(",")),
    )
    .addOption(choicesOption("--machines <names>", "where the two sit", namesOf(RDMA_MACHINES)))
    .addOption(choicesOption("--designs <names>", "what the kernel does", namesOf(RDMA_DESIGNS)))
    .addOption(choicesOption("--sizes <sizes>", "the buffer, 2MiB as a huge page", RDMA_SIZES))
    .addOption(roundsOption())
    .option("--details", "show faults, bytes by the way they went, and why pages migrated, too");
  addBenchOutputOptions(command)
    .addOption(jobsOption())
    .addHelpText(
      "after",
      examplesText([
        { shows: "one GPU of each driver", line: "bench rdma" },
        {
          shows: "where the bytes of one of them go, and why",
          line: "bench rdma --profiles intel-xe-svm-thp --sizes 2MiB --details",
        },
        {
          shows: "the scenario behind a cell, run by itself",
          line:
            "bench rdma --profiles intel-xe-svm-thp --machines sockets --designs v2-pmd" +
            " --rounds 4 --scenario > cell.yaml && npx --no-install faultline run cell.yaml",
        },
      ]),
    )
    .action((options: RdmaOptions) => benchRdma(context, options));
}

async function benchRdma(context: CommandContext, options: RdmaOptions): Promise<void> {
  const gpus = chosenGpus(context, options.profiles);
  if (gpus === null) return;
  const cells = cellsOf(gpus, options);
  const [first] = cells;
  if (options.scenario === true) {
    if (first !== undefined) context.io.writeOut(rdmaScenario(first));
    return;
  }
  const seed = options.seed ?? DEFAULT_SEED;
  const entries = await runAll(context, cells, seed, options.jobs);
  const json = asJson(entries, options, seed);
  await showBench(context, "rdma", options, json, () => asText(context, entries, options, seed));
}

async function runAll(
  context: CommandContext,
  cells: readonly RdmaCell[],
  seed: number,
  nrWorkers: number,
): Promise<RdmaEntry[]> {
  const progress = startProgress(context.io, "cells");
  const entries: RdmaEntry[] = [];
  let nrDone = 0;
  const inputs = cells.map((cell) => ({ cell, seed }));
  await runJobs(RDMA_JOB, inputs, {
    nrWorkers,
    onResult: (result, n) => {
      entries[n] = { cell: cells[n] as RdmaCell, result };
      progress.update(++nrDone, cells.length);
      return true;
    },
  });
  progress.end();
  return entries;
}

/** The GPUs by name; null, with what is wrong shown, where there is none of a name. */
function chosenGpus(context: CommandContext, names: readonly string[]): RdmaGpu[] | null {
  const known = rdmaGpus();
  const gpus = names.map((name): RdmaGpu | null => {
    const gpu = known.find((one) => one.name === name);
    if (gpu !== undefined) return gpu;
    const profile = findProfile(context, name);
    return profile === null ? null : { name: profile.id, profile };
  });
  const found = gpus.filter((gpu) => gpu !== null);
  return found.length < gpus.length ? null : found;
}

function cellsOf(
  gpus: readonly RdmaGpu[],
  { machines, designs, sizes, rounds }: RdmaOptions,
): RdmaCell[] {
  return sizes.flatMap((size) =>
    gpus.flatMap((gpu) =>
      RDMA_MACHINES.filter(({ name }) => machines.includes(name)).flatMap((machine) =>
        RDMA_DESIGNS.filter(({ name }) => designs.includes(name)).map((design) => {
          return { gpu, machine, design, size, rounds };
        }),
      ),
    ),
  );
}

function asText(
  context: CommandContext,
  entries: readonly RdmaEntry[],
  { sizes, rounds, details, markdown }: RdmaOptions,
  seed: number,
): string {
  const { strong, dim } = resultStyle(context.io.outHasColours);
  const isMarkdown = markdown === true;
  const heading = (text: string): string => (isMarkdown ? `### ${text}` : strong(text));
  const head = `kernel 7.2-fixed, ${rounds} rounds after the first, seed ${seed}`;
  const parts = sizes.flatMap((size) => {
    const own = entries.filter(({ cell }) => cell.size === size);
    const names = details === true ? [...new Set(own.map(({ cell }) => cell.gpu.name))] : [];
    return [
      `${heading(`A buffer of ${size}`)}\n\n${rdmaSummary(own, isMarkdown)}`,
      ...names.flatMap((name) => {
        const cells = own.filter(({ cell }) => cell.gpu.name === name);
        const text = rdmaDetails(cells, isMarkdown);
        return text === "" ? [] : [`${heading(`A buffer of ${size}, ${name}`)}\n\n${text}`];
      }),
    ];
  });
  return `${isMarkdown ? head : dim(head)}\n\n${parts.join("\n")}`;
}

function asJson(entries: readonly RdmaEntry[], { rounds }: RdmaOptions, seed: number): BenchJson {
  const cells = entries.map(({ cell, result }) => {
    const { gpu, machine, design, size } = cell;
    const where = {
      gpu: gpu.name,
      profile: gpu.profile.id,
      machine: machine.file,
      place: machine.name,
      design: design.name,
      designs: design.designs,
      size,
    };
    return typeof result === "string" ? { ...where, notDone: result } : { ...where, ...result };
  });
  return { kernel: "7.2-fixed", rounds, seed, cells };
}
