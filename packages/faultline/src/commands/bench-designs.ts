// `faultline bench designs`: the five designs that were proposed, side by side on one program.
import { DEFAULT_SEED } from "@faultline/scenario";
import type { Command } from "commander";
import { addBenchOutputOptions, type BenchOutputOptions, showBench } from "../bench-output.ts";
import { choicesOption, namesOf } from "../choices-option.ts";
import { resultStyle } from "../colours.ts";
import type { CommandContext } from "../command-context.ts";
import { examplesText } from "../command-examples.ts";
import {
  DESIGN_DRIVERS,
  DESIGN_MACHINES,
  DESIGN_STEPS,
  DESIGN_STEPS_BEFORE,
  type DesignCell,
  designChoice,
  type DesignDriver,
  designScenario,
  PROPOSED_DESIGNS,
} from "../design-bench/design-cell.ts";
import { type DesignEntry, designTable } from "../design-bench/design-table.ts";
import { startProgress } from "../progress.ts";
import { runRounds } from "../rounds/run-rounds.ts";
import { roundsOption } from "../rounds/rounds-option.ts";
import type { BenchJson } from "../cell-rows.ts";

interface DesignsOptions extends BenchOutputOptions {
  readonly machines: readonly string[];
  readonly drivers: readonly DesignDriver[];
  readonly designs: readonly string[];
  readonly rounds: number;
}

const description =
  "GPU A writes 2 MiB in single pages, GPU B and a NIC read them, and once in ten rounds a CPU" +
  " reads sixteen of them. Shows what a round takes under Linux 7.2 and under each of the designs" +
  " that were proposed, how often who faults, and which way the bytes of all rounds went: copied" +
  " over system memory or from GPU to GPU, or reached where they are. Once with the vendor's" +
  " driver, and once with one that uses a page where it is as soon as it may (ideal), at the same" +
  " prices. A page that is reached takes 82 ns whichever way.";

/** Adds the command to `bench`. */
export function addBenchDesignsCommand(bench: Command, context: CommandContext): void {
  const command = bench
    .command("designs")
    .summary("the five proposed designs, side by side on one program")
    .description(description)
    .addOption(choicesOption("--machines <names>", "where", namesOf(DESIGN_MACHINES)))
    .addOption(choicesOption("--drivers <names>", "who drives the GPUs", DESIGN_DRIVERS))
    .addOption(
      choicesOption("--designs <names>", "what the kernel does", namesOf(PROPOSED_DESIGNS)),
    )
    .addOption(roundsOption());
  addBenchOutputOptions(command)
    .addHelpText(
      "after",
      examplesText([
        { shows: "both machines, both drivers", line: "bench designs" },
        {
          shows: "two designs on one machine",
          line: "bench designs --machines xe --drivers vendor --designs owner-groups,p2p-op",
        },
        {
          shows: "the scenario behind a cell, run by itself",
          line:
            "bench designs --machines xe --designs p2p-op --rounds 4 --scenario > cell.yaml" +
            " && npx --no-install faultline run cell.yaml",
        },
      ]),
    )
    .action((options: DesignsOptions) => benchDesigns(context, options));
}

async function benchDesigns(context: CommandContext, options: DesignsOptions): Promise<void> {
  const cells = cellsOf(options);
  const [first] = cells;
  if (options.scenario === true) {
    if (first !== undefined) context.io.writeOut(designScenario(first));
    return;
  }
  const seed = options.seed ?? DEFAULT_SEED;
  const progress = startProgress(context.io, "cells");
  const entries = cells.map((cell, n): DesignEntry => {
    progress.update(n, cells.length);
    return { cell, result: runDesignCell(cell, seed) };
  });
  progress.end();
  const json = asJson(entries, options, seed);
  await showBench(context, "designs", options, json, () => asText(context, entries, options, seed));
}

function runDesignCell(cell: DesignCell, seed: number): DesignEntry["result"] {
  return runRounds({
    scenario: designScenario(cell),
    choice: designChoice(cell),
    seed,
    nrBefore: DESIGN_STEPS_BEFORE,
    nrPerRound: DESIGN_STEPS,
  });
}

function cellsOf({ machines, drivers, designs, rounds }: DesignsOptions): DesignCell[] {
  return DESIGN_MACHINES.filter(({ name }) => machines.includes(name)).flatMap((machine) =>
    drivers.flatMap((driver) =>
      PROPOSED_DESIGNS.filter(({ name }) => designs.includes(name)).map((design) => {
        return { machine, driver, design, rounds };
      }),
    ),
  );
}

function asText(
  context: CommandContext,
  entries: readonly DesignEntry[],
  { machines, drivers, rounds, markdown }: DesignsOptions,
  seed: number,
): string {
  const { strong, dim } = resultStyle(context.io.outHasColours);
  const isMarkdown = markdown === true;
  const heading = (text: string): string => (isMarkdown ? `### ${text}` : strong(text));
  const parts = DESIGN_MACHINES.filter(({ name }) => machines.includes(name)).flatMap((machine) =>
    drivers.map((driver) => {
      const own = entries.filter(({ cell }) => cell.machine === machine && cell.driver === driver);
      const title = heading(`${machine.what}: ${driver} driver, prices of ${machine.profile}`);
      return `${title}\n\n${designTable(own, isMarkdown)}`;
    }),
  );
  const head = `kernel 7.2-fixed, ${rounds} rounds after the first, seed ${seed}`;
  return `${isMarkdown ? head : dim(head)}\n\n${parts.join("\n")}`;
}

function asJson(
  entries: readonly DesignEntry[],
  { rounds }: DesignsOptions,
  seed: number,
): BenchJson {
  const cells = entries.map(({ cell: { machine, driver, design }, result }) => ({
    machine: machine.file,
    profile: machine.profile,
    driver,
    design: design.name,
    designs: design.designs,
    ...result,
  }));
  return { kernel: "7.2-fixed", rounds, seed, cells };
}
