// Steps that stand for programs: what they touch, and in which order.
import { EXCHANGES, PATTERNS } from "@faultline/sim";
import { z } from "zod";
import { nameField, timeField } from "./fields.ts";
import { common, outstanding, range } from "./step-fields.ts";

/** Programs side by side. */
export const workloadStep = z
  .strictObject({
    do: z.literal("workload"),
    ...common,
    ...range,
    device: nameField.optional().meta({ description: "Who touches. Default: CPUs." }),
    programs: z.int().positive().max(256).default(1).meta({
      description: "Threads, or contexts of the device, each with accesses of its own.",
    }),
    cpus: z
      .array(z.int().nonnegative())
      .min(1)
      .max(256)
      .optional()
      .meta({
        description:
          "Without a device: the CPUs that the threads run on, one after another and from the" +
          " beginning again. Default: that of the process.",
      }),
    pattern: z
      .enum<readonly string[]>(PATTERNS)
      .default("sequential")
      .meta({
        description:
          "The order of pages; zipf is random with hot pages, graph a list of edges in order and" +
          " behind each of its pages hot vertices.",
      }),
    trace: z
      .string()
      .min(1)
      .optional()
      .meta({
        description:
          "A file with recorded accesses, beside the scenario, in place of a pattern: CSV with" +
          " columns address, access and perhaps size, time_ns, who; or a trace of lackey's.",
      }),
    who: z.string().min(1).optional().meta({
      description: "Whose accesses of the trace are replayed. Default: everybody's.",
    }),
    count: z
      .int()
      .positive()
      .max(2 ** 32)
      .optional()
      .meta({ description: "Accesses of each program. Default: as many as pages." }),
    stride: z.int().positive().optional().meta({
      description: "Pages from one access to the next, strided only. Default: 16.",
    }),
    skew: z.number().min(0).max(10).optional().meta({
      description: "How hot the hottest pages are, zipf and graph. Default: 1.",
    }),
    degree: z
      .int()
      .positive()
      .max(2 ** 20)
      .optional()
      .meta({ description: "Vertices behind each page of edges, graph only. Default: 8." }),
    knobs: z.record(z.string(), z.unknown()).optional().meta({
      description: "Parameters of a pattern that a program has brought along: docs/library.md.",
    }),
    access: z
      .enum(["read", "write", "atomic"])
      .default("read")
      .meta({ description: "What the accesses do." }),
    percent: z.int().min(0).max(100).default(100).meta({
      description: "How many of the accesses are `access`; the others read.",
    }),
    outstanding,
    pause: timeField.optional().meta({
      description: "Under a clock: what a program computes between two accesses.",
    }),
  })
  .meta({ description: "Programs of CPUs or of a device touch pages in a pattern." });

/** The same, with more patterns to choose from. */
export function workloadStepWith(patterns: readonly string[]): typeof workloadStep {
  const all = z.enum<readonly string[]>([...PATTERNS, ...patterns]).default("sequential");
  return workloadStep.extend({ pattern: all });
}

/** Programs that wait for each other. */
export const exchangeStep = z
  .strictObject({
    do: z.literal("exchange"),
    ...common,
    ...range,
    members: z.array(nameField).min(2).max(256).meta({
      description: "Devices, and `cpu` for a thread of a CPU, in the order of their turns.",
    }),
    pattern: z.enum(EXCHANGES).meta({
      description:
        "ping-pong: one after the other writes all pages. pipeline: the first fills the slots of" +
        " a ring, the last empties them. stencil: each reads the edges of its neighbours' parts" +
        " and writes its own.",
    }),
    rounds: z
      .int()
      .positive()
      .max(2 ** 32)
      .default(1)
      .meta({ description: "Turns of each member." }),
    halo: z.int().nonnegative().optional().meta({
      description: "Pages of a neighbour's part that are read, stencil only. Default: 1.",
    }),
    slots: z.int().positive().optional().meta({
      description: "Slots of the ring, pipeline only. Default: 2.",
    }),
    outstanding,
    pause: timeField.optional().meta({
      description: "Under a clock: what a program computes between two accesses.",
    }),
  })
  .meta({ description: "Programs of devices and CPUs hand pages to each other, in turns." });
