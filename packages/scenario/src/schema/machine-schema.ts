// The machine of a scenario: nodes, swap and devices as memory management sees them, or a machine
// document by reference, which also has PCI and private links.
import { DRIVER_NAMES } from "@faultline/stacks";
import { z } from "zod";
import { nameField, sizeField } from "./fields.ts";

/** Enough for a pod of machines that share memory; the model itself has no such number. */
const MAX_DEVICES = 256;

const nodeSchema = z
  .strictObject({
    memory: sizeField.default("2GiB"),
    cpus: z
      .array(z.int().nonnegative().max(8191))
      .default([])
      .meta({ description: "CPUs of the node; none for memory alone." }),
  })
  .meta({ description: "One NUMA node." });

const deviceSchema = z
  .strictObject({
    name: nameField,
    stack: z
      .enum<readonly string[]>(DRIVER_NAMES)
      .optional()
      .meta({
        description:
          "The driver; dmirror is the kernel's own HMM test driver, lib/test_hmm.c." +
          " Default: what the machine document says; dmirror without one.",
      }),
    memory_type: z
      .enum(["MEMORY_DEVICE_PRIVATE", "MEMORY_DEVICE_COHERENT"])
      .default("MEMORY_DEVICE_PRIVATE")
      .meta({ description: "Of a dmirror device without a machine document." }),
    knobs: z
      .record(z.string(), z.unknown())
      .default({})
      .meta({ description: "Parameters of the driver, under their own names." }),
    cpu: z
      .int()
      .nonnegative()
      .optional()
      .meta({
        description:
          "With `cpus: shared`, the CPU that serves its interrupts and runs its driver's workers." +
          " Default: CPUs of their own.",
      }),
  })
  .meta({ description: "A device with memory of its own, or how a device of `file` is driven." });

const daemonCpu = z.int().nonnegative().optional().meta({
  description: "Its CPU. Default: one of its own.",
});

/** `machine:` */
export const machineSchema = z
  .strictObject({
    file: z
      .string()
      .min(1)
      .optional()
      .meta({
        description:
          "A machine document, by its path from this file. It brings nodes, devices and links;" +
          " `devices` then only says how they are driven.",
      }),
    geometry: z
      .enum(["x86-4k", "x86-4k-la57", "arm64-4k", "arm64-64k", "power9-64k"])
      .optional()
      .meta({
        description:
          "Page size and shape of the page tables. Default: that of the machine document's page" +
          " size; x86-4k without one.",
      }),
    nodes: z.array(nodeSchema).min(1).max(64).optional().meta({
      description: "NUMA nodes, where no machine document has them. Default: 2 GiB with CPU 0.",
    }),
    swap: sizeField.optional().meta({ description: "Size of the swap device; none by default." }),
    iommu: z
      .enum(["identity", "translate"])
      .optional()
      .meta({
        description:
          "Under a clock, of the machine that is made up where no machine document is named:" +
          " identity passes addresses, translate gives IOVAs. Default: no IOMMU.",
      }),
    cpus: z
      .enum(["own", "shared"])
      .optional()
      .meta({
        description:
          "Under a clock: whether everybody has a CPU of his own, the default, or those that name" +
          " the same one share it, with interrupts.",
      }),
    daemons: z
      .strictObject({ khugepaged: daemonCpu, ksmd: daemonCpu })
      .optional()
      .meta({ description: "With `cpus: shared`, the CPUs that the kernel's daemons run on." }),
    devices: z
      .array(deviceSchema)
      .max(MAX_DEVICES)
      .default([])
      .meta({ description: "Devices, or how those of `file` are driven." }),
  })
  .meta({ description: "The machine the scenario runs on." });

/** The same, with more drivers to choose from. */
export function machineSchemaWith(drivers: readonly string[]): typeof machineSchema {
  const stack = z.enum<readonly string[]>([...DRIVER_NAMES, ...drivers]).optional();
  return machineSchema.extend({
    devices: z.array(deviceSchema.extend({ stack })).max(MAX_DEVICES).default([]),
  });
}
