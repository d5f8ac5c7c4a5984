// The machine of a scenario: nodes, swap and devices. Real machine documents come later; this is
// the part that memory management itself can see.
import { z } from "zod";
import { nameField, sizeField } from "./fields.ts";

const nodeSchema = z
  .strictObject({
    memory: sizeField.default("2GiB"),
    cpus: z.array(z.int().nonnegative().max(8191)).default([]),
  })
  .meta({ description: "One NUMA node." });

const deviceSchema = z
  .strictObject({
    name: nameField,
    stack: z.enum(["dmirror"]).default("dmirror").meta({
      description: "The driver: dmirror is the kernel's own HMM test driver, lib/test_hmm.c.",
    }),
    memory_type: z
      .enum(["MEMORY_DEVICE_PRIVATE", "MEMORY_DEVICE_COHERENT"])
      .default("MEMORY_DEVICE_PRIVATE"),
  })
  .meta({ description: "A device with memory of its own." });

/** `machine:` */
export const machineSchema = z
  .strictObject({
    geometry: z
      .enum(["x86-4k", "x86-4k-la57", "arm64-64k", "power9-64k"])
      .default("x86-4k")
      .meta({ description: "Page size and shape of the page tables." }),
    nodes: z
      .array(nodeSchema)
      .min(1)
      .max(64)
      .default([{ memory: "2GiB", cpus: [0] }]),
    swap: sizeField.optional().meta({ description: "Size of the swap device; none by default." }),
    devices: z.array(deviceSchema).max(64).default([]),
  })
  .meta({ description: "The machine the scenario runs on." });
