// The part of a machine document about devices: what several functions and drivers make up.
import { MACHINE_DEVICE_KINDS } from "@faultline/core";
import { z } from "zod";
import { nameField, sizeField, sourceField } from "./fields.ts";

/** Which driver runs a device. */
export type DeviceStackName =
  | "xe"
  | "amdkfd"
  | "nouveau"
  | "uvm"
  | "odp"
  | "sva"
  | "ideal"
  | "ats"
  | "dmirror";

/** Every stack that a document may name. */
export const DEVICE_STACK_NAMES: readonly DeviceStackName[] = [
  "xe",
  "amdkfd",
  "nouveau",
  "uvm",
  "odp",
  "sva",
  "ideal",
  "ats",
  "dmirror",
];

const windowSchema = z
  .strictObject({
    function: nameField.meta({ description: "One of the device's initiators." }),
    bar: z.int().min(0).max(5).meta({ description: "Number of the BAR." }),
  })
  .meta({
    description:
      "The BAR that shows the memory from its first byte on; a BAR smaller than the memory shows " +
      "a part of it. Default: no BAR shows it.",
  });

const memorySchema = z
  .strictObject({
    size: sizeField.meta({ description: "All memory of the device, such as 80GiB." }),
    window: windowSchema.optional(),
    cpu_coherent: z.boolean().default(false).meta({
      description: "The CPUs use it as their own memory, coherently, over a link.",
    }),
  })
  .meta({ description: "Memory on the device. Default: none." });

/** One device. */
export const deviceSchema = z
  .strictObject({
    name: nameField.meta({
      description: "A name of your choice; it may be that of its function.",
    }),
    kind: z.enum(MACHINE_DEVICE_KINDS).meta({ description: "What it is for." }),
    initiators: z
      .array(nameField)
      .default([])
      .meta({
        description:
          "The PCI functions that issue its DMA: one, or several for a socket-direct NIC. " +
          "Default: none, a device beside PCI.",
      }),
    memory: memorySchema.optional(),
    page_sizes: z.array(sizeField).min(1).default(["4KiB"]).meta({
      description: "Sizes that its page table can map, smallest first. Default: 4KiB.",
    }),
    hive: nameField.optional().meta({
      description: "The XGMI hive it is in; amdkfd's owner space. Default: none.",
    }),
    card: nameField.optional().meta({
      description: "The card it is a part of; two dies of one card share it. Default: its name.",
    }),
    node: z.int().min(0).optional().meta({
      description:
        "Nearest NUMA node. Default: the first node of the socket that its first initiator is on.",
    }),
    stack: z.enum(DEVICE_STACK_NAMES).default("ideal").meta({
      description: "The driver that runs it; ideal: one that no design limits.",
    }),
    source: sourceField.optional(),
  })
  .meta({ description: "A GPU, a NIC or an accelerator." });
