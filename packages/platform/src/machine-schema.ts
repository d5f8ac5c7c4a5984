// The schema of machine documents. What it cannot say (names that resolve, a tree without circles,
// memory that does not overlap) is checked after it.
import { ACS_BIT_NAMES, PCI_KINDS } from "@faultline/core";
import { z } from "zod";
import { deviceSchema } from "./device-schema.ts";
import { fabricSchema } from "./fabric-schema.ts";
import {
  addressField,
  busField,
  idField,
  nameField,
  pciAddressField,
  sizeField,
} from "./fields.ts";
import { numaSchema } from "./numa-schema.ts";

const cpuSchema = z.strictObject({
  vendor: z.string().meta({
    description: "Vendor text of CPUID: AuthenticAMD, GenuineIntel, …; empty where there is none.",
  }),
  family: z.int().min(0).meta({ description: "Family, such as 0x19 for Zen 3 and 4." }),
  physical_bits: z.int().min(32).max(52).optional().meta({
    description:
      "Bits of a physical address: private device memory needs a free part. Default: 46.",
  }),
});

const iommuSchema = z.strictObject({
  vendor: z.enum(["intel", "amd"]).meta({ description: "Whose: Intel VT-d or AMD-Vi." }),
  mode: z.enum(["off", "identity", "translate"]).meta({
    description: "off: switched off at boot; identity: passes addresses; translate: gives IOVAs.",
  }),
});

const bootSchema = z.strictObject({
  noats: z.boolean().default(false).meta({ description: "pci=noats" }),
  swiotlb: z.enum(["default", "force", "noforce"]).default("default").meta({
    description: "swiotlb=force bounces every mapping, noforce none.",
  }),
  disable_acs_redir: z.array(nameField).default([]).meta({
    description: "pci=disable_acs_redir: functions that lose the ACS redirect bits.",
  }),
  config_acs: z
    .array(
      z.strictObject({
        flags: z
          .string()
          .regex(/^[01x]{1,7}$/, "flags are 0, 1 and x, one per ACS bit, at most seven")
          .meta({ description: "0, 1 or x per bit, the last one Source Validation." }),
        function: nameField.meta({ description: "The function whose bits they are." }),
      }),
    )
    .default([])
    .meta({ description: "pci=config_acs: ACS bits per function." }),
});

const hostBridgeSchema = z.strictObject({
  name: nameField,
  root_bus: busField,
  socket: z.int().min(0).max(255).default(0).meta({ description: "The socket it is on." }),
});

const acsBitField = z.enum(ACS_BIT_NAMES.map(([, name]) => name));

const acsSchema = z.strictObject({
  capability: z.array(acsBitField).meta({ description: "Bits that the hardware has." }),
  firmware: z.array(acsBitField).default([]).meta({ description: "Bits that firmware sets." }),
});

const barSchema = z.strictObject({
  index: z.int().min(0).max(5).meta({ description: "Number of the BAR, 0 to 5." }),
  address: addressField,
  bus_address: addressField.optional().meta({
    description: "PCI bus address, where the host bridge translates. Default: the address.",
  }),
  size: sizeField.meta({ description: "A power of two, such as 64GiB." }),
  prefetchable: z.boolean().default(true).meta({ description: "Whether it is prefetchable." }),
  peer_memory: z.boolean().default(false).meta({
    description: "The driver registers it as peer memory and publishes it.",
  }),
});

const functionSchema = z.strictObject({
  name: nameField,
  at: pciAddressField,
  kind: z.enum(PCI_KINDS).meta({ description: "What it is, by its PCIe port type." }),
  id: idField,
  above: nameField.meta({ description: "The host bridge or bridge function it is below." }),
  acs: acsSchema.optional().meta({
    description: "Its ACS capability. Default: it has none.",
  }),
  bars: z.array(barSchema).default([]).meta({ description: "Its memory BARs. Default: none." }),
  virtual: z.boolean().default(false).meta({ description: "A virtual function (SR-IOV)." }),
  iommu_group: z.int().min(0).optional().meta({
    description: "Functions of one group share a domain. Default: a group of its own.",
  }),
});

/**
 * The zod schema of a machine document; its type follows zod.
 * @beta
 */
export const machineSchema = z
  .strictObject({
    version: z.literal(1).meta({ description: "Version of the machine language." }),
    title: z.string().min(1).meta({ description: "One line: what the machine is." }),
    description: z.string().optional().meta({ description: "More about it, and its sources." }),
    cpu: cpuSchema.meta({ description: "The CPU, as the rules of peer DMA look at it." }),
    memory: sizeField.optional().meta({
      description: "System memory. Default: what the NUMA nodes have; 64GiB without nodes.",
    }),
    page_size: z.enum(["4KiB", "16KiB", "64KiB"]).default("4KiB").meta({
      description: "The kernel's page size.",
    }),
    iommu: iommuSchema.optional().meta({ description: "The IOMMU. Default: none." }),
    boot: bootSchema.prefault({}).meta({ description: "Options of the kernel's command line." }),
    numa: numaSchema.optional(),
    host_bridges: z.array(hostBridgeSchema).min(1).meta({
      description: "Host bridges; each has a root bus.",
    }),
    functions: z.array(functionSchema).min(1).meta({
      description: "PCI functions: ports, switches, endpoints, in any order.",
    }),
    fabric: fabricSchema.prefault({}),
    devices: z.array(deviceSchema).default([]).meta({
      description: "Devices: functions, memory and links under one name.",
    }),
  })
  .meta({ id: "faultline-machine", title: "Faultline machine, version 1" });

/** A machine document after validation, defaults filled in. */
export type MachineDocument = z.infer<typeof machineSchema>;

/** A machine document as it is written, defaults left out. */
export type MachineInput = z.input<typeof machineSchema>;

/** One function of a document. */
export type DocumentFunction = MachineDocument["functions"][number];

/** One device of a document. */
export type DocumentDevice = MachineDocument["devices"][number];

/** The JSON Schema of machine documents, for editors that complete and check while typing. */
export function machineJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(machineSchema, { io: "input", target: "draft-2020-12" });
}
