// The steps of a scenario: what processes and devices do, one after another.
import { ACS_BIT_NAMES, APERTURE_NAMES } from "@faultline/core";
import { SVM_FLAG_NAMES } from "@faultline/stacks";
import { z } from "zod";
import { nameField, pagesField, placeField, protField, timeField } from "./fields.ts";
import { common, device, outstanding, range, stepExpectSchema, value } from "./step-fields.ts";
import { exchangeStep, workloadStep, workloadStepWith } from "./workload-schema.ts";

/** Attributes that drivers know; each takes those it has. */
const adviceFields = {
  preferred_location: nameField.optional().meta({
    description: "`default`, `system`, or the device where the pages should be.",
  }),
  access: z.enum(["access", "in_place", "none"]).optional().meta({
    description: "amdkfd: whether the device may access, without migration, or not at all.",
  }),
  set_flags: z
    .array(z.enum(SVM_FLAG_NAMES))
    .optional()
    .meta({
      description:
        "amdkfd: flags that the range gets. KFD_IOCTL_SVM_FLAG_GPU_RO: the device may only read;" +
        " KFD_IOCTL_SVM_FLAG_GPU_ALWAYS_MAPPED: the range stays mapped, changes stop the queues;" +
        " the others are kept and change nothing.",
    }),
  clr_flags: z.array(z.enum(SVM_FLAG_NAMES)).optional().meta({
    description: "amdkfd: flags that the range loses, after those of set_flags.",
  }),
  granularity: z.int().min(0).max(27).optional().meta({
    description: "amdkfd: log2 of the pages that migrate together.",
  }),
  atomic: z.enum(["undefined", "device", "global", "cpu"]).optional().meta({
    description: "xe: who does atomic operations on the range.",
  }),
  migration_policy: z.enum(["all", "only_system"]).optional().meta({
    description: "xe: which pages may migrate to a card; 7.2 stores it and does not look at it.",
  }),
  pat_index: z.int().min(0).max(31).optional().meta({
    description: "xe: index into the page attribute table, how the device caches the range.",
  }),
  purgeable: z.enum(["willneed", "dontneed"]).optional().meta({
    description: "xe: for buffer objects; shared memory takes it and stays as it is.",
  }),
  accessed_by: z.boolean().optional().meta({
    description: "UVM: the device keeps mappings of the range wherever it is.",
  }),
  prefetch: z.enum(["read", "write", "no_fault"]).optional().meta({
    description: "A NIC's prefetch advice: fault to read, to write, or map what is present.",
  }),
  flush: z.boolean().optional().meta({
    description: "A NIC's prefetch advice: done at once, the default, or left to a worker.",
  }),
  read_mostly: z.boolean().optional().meta({ description: "UVM: reads duplicate pages." }),
} as const;

const address_of = nameField.optional().meta({
  description:
    "Instead of its own entry the device uses the address that this device's entry holds, as a" +
    " program does that hands an address on.",
});

const memorySteps = [
  z.strictObject({
    do: z.literal("mmap"),
    ...common,
    name: nameField,
    pages: z.int().positive().meta({ description: "Length in pages." }),
    prot: protField.default("rw"),
    share: z
      .enum(["private", "shared", "hugetlb"])
      .default("private")
      .meta({ description: "MAP_PRIVATE, MAP_SHARED, or MAP_HUGETLB; always anonymous." }),
    segment: z.enum(["heap", "stack"]).optional().meta({
      description: "It is the program's heap (brk) or its stack, which amdkfd leaves alone.",
    }),
  }),
  z.strictObject({ do: z.literal("munmap"), ...common, ...range }),
  z.strictObject({ do: z.literal("mprotect"), ...common, ...range, prot: protField }),
  z.strictObject({
    do: z.literal("madvise"),
    ...common,
    ...range,
    advice: z
      .enum([
        "MADV_DONTNEED",
        "MADV_FREE",
        "MADV_HUGEPAGE",
        "MADV_NOHUGEPAGE",
        "MADV_COLLAPSE",
        "MADV_DONTFORK",
        "MADV_DOFORK",
        "MADV_WIPEONFORK",
        "MADV_KEEPONFORK",
        "MADV_PAGEOUT",
        "MADV_COLD",
        "MADV_POPULATE_READ",
        "MADV_POPULATE_WRITE",
        "MADV_MERGEABLE",
        "MADV_UNMERGEABLE",
      ])
      .meta({ description: "What the kernel is told about the range." }),
  }),
  z.strictObject({
    do: z.literal("mremap"),
    ...common,
    ...range,
    to: placeField.meta({
      description: "Where the pages go; what is mapped there is unmapped first.",
    }),
    dontunmap: z.boolean().default(false).meta({
      description: "MREMAP_DONTUNMAP: the source stays mapped, without its pages.",
    }),
  }),
  z.strictObject({ do: z.literal("mlock"), ...common, ...range }),
  z.strictObject({ do: z.literal("munlock"), ...common, ...range }),
  z.strictObject({ do: z.literal("read"), ...common, ...range }),
  z.strictObject({ do: z.literal("write"), ...common, ...range, value }),
] as const;

const processSteps = [
  z.strictObject({
    do: z.literal("fork"),
    ...common,
    as: nameField.meta({ description: "Name of the child; it sees its parent's mappings." }),
  }),
  z.strictObject({ do: z.literal("exit"), ...common }),
  z
    .strictObject({
      do: z.literal("fork_and_exit"),
      ...common,
      at: placeField.optional(),
      pages: pagesField.optional(),
    })
    .meta({
      description: "The process forks; its child writes the pages, if any, and ends at once.",
    }),
  z
    .strictObject({
      do: z.literal("churn"),
      ...common,
      pages: z
        .int()
        .positive()
        .max(2 ** 20)
        .meta({ description: "Pages of the mapping." }),
    })
    .meta({ description: "The process maps memory that nobody else uses, writes and unmaps it." }),
  z.strictObject({ do: z.literal("oom_reap"), ...common }).meta({
    description:
      "The OOM reaper takes private pages of a killed process; EAGAIN where a driver must block.",
  }),
  z.strictObject({
    do: z.literal("set_mempolicy"),
    ...common,
    node: z.int().nonnegative().optional().meta({
      description: "Bind new pages to this node; without it the default policy returns.",
    }),
  }),
  z
    .strictObject({
      do: z.literal("mbind"),
      ...common,
      ...range,
      node: z.int().nonnegative().optional().meta({
        description: "Bind the range to this node; without it the default policy returns.",
      }),
      move: z.boolean().default(false).meta({
        description: "MPOL_MF_MOVE: what is there already moves too.",
      }),
    })
    .meta({ description: "The policy of a range: it goes before the process's own." }),
  z.strictObject({
    do: z.literal("move_pages"),
    ...common,
    ...range,
    node: z.int().nonnegative().meta({ description: "The NUMA node where the pages should be." }),
  }),
  z.strictObject({
    do: z.literal("set_cpu"),
    ...common,
    cpu: z.int().nonnegative().meta({ description: "The CPU the process runs on from now on." }),
  }),
  z
    .strictObject({
      do: z.literal("pin"),
      ...common,
      ...range,
      write: z.boolean().default(true).meta({ description: "FOLL_WRITE: the holder may write." }),
    })
    .meta({ description: "Pins pages for long (FOLL_LONGTERM) until `unpin` or exit." }),
  z
    .strictObject({ do: z.literal("unpin"), ...common })
    .meta({ description: "Drops every pin of the process." }),
] as const;

const daemonSteps = [
  z
    .strictObject({ do: z.literal("khugepaged"), ...common })
    .meta({ description: "khugepaged scans until it finds nothing more to collapse." }),
  z
    .strictObject({
      do: z.literal("ksm"),
      ...common,
      passes: z.int().positive().max(64).default(2).meta({
        description: "Full passes; a page that was never seen needs two.",
      }),
    })
    .meta({ description: "ksmd merges equal pages of mergeable memory." }),
  z
    .strictObject({ do: z.literal("numa_scan"), ...common })
    .meta({ description: "NUMA balancing makes one pass over the process's memory." }),
] as const;

const deviceSteps = [
  z.strictObject({ do: z.literal("device_read"), ...common, ...device, address_of, outstanding }),
  z.strictObject({
    do: z.literal("device_write"),
    ...common,
    ...device,
    address_of,
    value,
    outstanding,
  }),
  z
    .strictObject({ do: z.literal("device_atomic"), ...common, ...device, value, outstanding })
    .meta({ description: "An atomic operation of the device on each page, storing `value`." }),
  z
    .strictObject({
      do: z.literal("device_faults"),
      ...common,
      ...device,
      entries: z
        .array(
          z.strictObject({
            page: z.int().nonnegative().meta({ description: "Which page of the range; from 0." }),
            access: z
              .enum(["prefetch", "read", "write", "atomic"])
              .meta({ description: "What the device wanted to do." }),
          }),
        )
        .min(1)
        .max(4096)
        .meta({ description: "As the device writes them, oldest first." }),
    })
    .meta({
      description:
        "A fault buffer that is served once, without the accesses behind it: no page is read or" +
        " written, and nothing faults again. nouveau and uvm read it as a buffer, others take" +
        " entry after entry; a prefetch means something to nouveau, uvm and xe.",
    }),
  z.strictObject({
    do: z.literal("migrate_to_device"),
    ...common,
    ...device,
    region: z
      .enum(["local", "system", "preferred"])
      .optional()
      .meta({
        description:
          "xe: the region of its prefetch, which maps the pages as well. Default: preferred," +
          " where advice and parameters want the pages.",
      }),
  }),
  z.strictObject({ do: z.literal("migrate_to_system"), ...common, ...device }),
  z.strictObject({ do: z.literal("make_device_exclusive"), ...common, ...device }),
  z.strictObject({ do: z.literal("device_advise"), ...common, ...device, ...adviceFields }).meta({
    description: "Attributes of a range, as the driver's user-space interface sets them.",
  }),
  z
    .strictObject({
      do: z.literal("request_migration"),
      ...common,
      ...device,
      to: nameField.meta({ description: "The device that is asked to pull the range." }),
    })
    .meta({ description: "One device asks another to pull a range into its memory." }),
  z.strictObject({
    do: z.literal("close_device"),
    ...common,
    device: nameField.meta({ description: "Closing evicts the whole device." }),
  }),
] as const;

const machineSteps = [
  z
    .strictObject({
      do: z.literal("link_down"),
      ...common,
      link: z.string().min(1).meta({ description: "Its ends: gpu0-gpu1." }),
      for: timeField.optional().meta({
        description:
          "How long the link is down; then it comes back. Without a clock it comes back at once." +
          " Default: until `link_up`.",
      }),
    })
    .meta({ description: "A private link fails. What was mapped over it is looked at again." }),
  z.strictObject({
    do: z.literal("link_up"),
    ...common,
    link: z.string().min(1).meta({ description: "Its ends: gpu0-gpu1." }),
  }),
  z
    .strictObject({
      do: z.literal("set_acs"),
      ...common,
      function: z.string().min(1).meta({
        description: "A PCI function of the machine document that has ACS.",
      }),
      control: z.array(z.enum(ACS_BIT_NAMES.map(([, name]) => name))).meta({
        description: "The bits that are on from now; what the hardware lacks stays off.",
      }),
    })
    .meta({
      description:
        "Somebody writes an ACS control register, as setpci does; nobody tells the kernel, which" +
        " keeps what it has decided, unless the design owner.dynamic makes it look again.",
    }),
  z.strictObject({ do: z.literal("unplug"), ...common, device: nameField }).meta({
    description:
      "A device is taken away: its memory goes to system memory, and nobody has it open any more." +
      " EBUSY when somebody holds pages of it.",
  }),
  z
    .strictObject({ do: z.literal("advance"), ...common, time: timeField })
    .meta({ description: "Time passes for drivers: their timers run. Nothing else needs time." }),
  z
    .strictObject({ do: z.literal("wait"), process: common.process })
    .meta({ description: "Waits until every step in the background has ended." }),
] as const;

const countersStep = z
  .strictObject({
    do: z.literal("check_counters"),
    process: common.process,
    device: nameField,
    counters: z
      .record(z.string(), z.int().nonnegative())
      .meta({ description: "By the driver's own names; what it never counted is 0." }),
  })
  .meta({ description: "Looks at what the driver of a device has counted since the start." });

/** The states a page can be expected in. */
export const PAGE_STATES = [
  "none",
  "present",
  "zero",
  "huge-zero",
  "device-private",
  "device-coherent",
  "device-exclusive",
  "swap",
  "migration",
  "marker",
] as const;

const checkStep = z.strictObject({
  do: z.literal("check"),
  process: common.process,
  ...range,
  state: z.enum(PAGE_STATES).optional().meta({ description: "What every page must be." }),
  writable: z
    .boolean()
    .optional()
    .meta({ description: "Whether the process's own entry allows writes." }),
  huge: z.boolean().optional().meta({ description: "Mapped by one PMD leaf." }),
  device: nameField.optional().meta({ description: "The device whose memory holds the page." }),
  node: z.int().nonnegative().optional().meta({ description: "The NUMA node where the page is." }),
  seen_by: nameField.optional().meta({
    description: "The device whose own page table `aperture`, `device_writable` and `address` ask.",
  }),
  aperture: z
    .enum(["none", ...Object.values(APERTURE_NAMES)])
    .optional()
    .meta({
      description: "Where the device's entry leads; none: it would fault.",
    }),
  device_writable: z
    .boolean()
    .optional()
    .meta({ description: "Whether the device's own entry allows writes." }),
  address: z.enum(["local", "fabric", "bus", "iova", "physical"]).optional().meta({
    description: "The space of the address that the device uses.",
  }),
  value: z.int().nonnegative().max(0xffffffff).optional().meta({
    description: "What the page contains; looked up without touching the page.",
  }),
  same_frame_as: placeField.optional().meta({
    description: "Another process's view is compared with `of`.",
  }),
  of: nameField.optional().meta({ description: "The process `same_frame_as` belongs to." }),
});

const otherSteps = [
  ...memorySteps,
  ...processSteps,
  ...daemonSteps,
  ...deviceSteps,
  ...machineSteps,
] as const;

/**
 * The zod schema of one entry of `steps:`; its type follows zod.
 * @beta
 */
export const stepSchema = z
  .discriminatedUnion("do", [...otherSteps, workloadStep, exchangeStep, checkStep, countersStep])
  .meta({ description: "One step; `do` says what happens." });

/** The same, with more patterns of workloads to choose from. */
export function stepSchemaWith(patterns: readonly string[]): typeof stepSchema {
  const workload = workloadStepWith(patterns);
  return z.discriminatedUnion("do", [
    ...otherSteps,
    workload,
    exchangeStep,
    checkStep,
    countersStep,
  ]);
}

/** One entry of `steps:` after validation. */
export type Step = z.infer<typeof stepSchema>;
/** The `expect:` of a step. */
export type StepExpect = z.infer<typeof stepExpectSchema>;
