// The part of a machine document about NUMA nodes.
import { z } from "zod";
import { cpusField, nameField, sizeField } from "./fields.ts";

const nodeSchema = z.strictObject({
  socket: z.int().min(0).max(255).default(0).meta({ description: "The socket it belongs to." }),
  memory: sizeField.optional().meta({
    description: "Its memory, such as 256GiB. Default: that of its device, else none.",
  }),
  device: nameField.optional().meta({
    description:
      "The device whose coherent memory the node is: onlined as system memory, without CPUs.",
  }),
  cpus: z.array(cpusField).default([]).meta({
    description: "Its CPUs, as numbers and ranges: [0-31, 64-95]. Default: none.",
  }),
});

/** NUMA nodes and how far they are from each other. */
export const numaSchema = z
  .strictObject({
    nodes: z.array(nodeSchema).min(1).max(1024).meta({
      description: "The nodes; a node's number is its place in this list.",
    }),
    distances: z
      .array(z.array(z.int().min(0).max(255)))
      .optional()
      .meta({
        description:
          "One row for each node, as the firmware's SLIT has it: 10 to itself, more to others. " +
          "Default: 20 to every other node, as Linux assumes without a SLIT.",
      }),
  })
  .meta({ description: "NUMA nodes. Default: one node with all memory and CPU 0." });
