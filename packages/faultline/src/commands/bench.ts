// `faultline bench`: what page faults of devices cost, by vendor and by design.
import type { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { examplesText } from "../command-examples.ts";
import { addBenchDesignsCommand } from "./bench-designs.ts";
import { addBenchFullCommand } from "./bench-full.ts";
import { addBenchRdmaCommand } from "./bench-rdma.ts";
import { addBenchVendorsCommand } from "./bench-vendors.ts";

const description =
  "Benchmarks of simulated time: the same command prints the same numbers on every machine." +
  " Without a name, vendors; its options then follow at once.";

/** Adds the command. */
export function addBenchCommand(program: Command, context: CommandContext): void {
  const bench = program
    .command("bench")
    .summary("what faults cost: vendor by vendor, for RDMA, and under competing designs")
    .description(description)
    .addHelpText(
      "after",
      examplesText([
        { shows: "the table of all GPUs", line: "bench" },
        { shows: "a NIC that uses memory of a GPU", line: "bench rdma" },
      ]),
    );
  addBenchVendorsCommand(bench, context);
  addBenchRdmaCommand(bench, context);
  addBenchDesignsCommand(bench, context);
  addBenchFullCommand(bench, context);
}
