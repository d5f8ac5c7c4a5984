// The designs that the April 2024 discussion and its follow-ups put side by side, as switches.
// The default of each is what Linux 7.2 does. Parameters of one driver, such as its chunk sizes,
// are not here: they belong to its stack.

/** One switch: the values it takes, the first being Linux 7.2's, and what it is about. */
export interface DesignSwitch<Value extends string = string> {
  readonly values: readonly [Value, ...Value[]];
  /** One sentence: what is decided. */
  readonly about: string;
  /** What each value means, in the order of `values`. */
  readonly meanings: readonly string[];
  /** Who raised it, and when. */
  readonly raisedBy: string;
}

/** A setting of every switch, by the names that scenarios, reports and code use. */
export interface Designs {
  /** Whether hmm_range_fault() turns a foreign device-private page into a P2P page. */
  readonly "hmm.p2pOp": "off" | "v2" | "targetAware";
  /** Which entries the conversion covers. */
  readonly "hmm.p2pOp.scope": "pte" | "pmd";
  /** Whether a callback of the caller may accept private pages of another owner. */
  readonly "hmm.p2pAllow": "off" | "on";
  /** Whether a private frame and a DMA-able one can be told apart in the result. */
  readonly "hmm.typedResults": "off" | "on";
  /** How devices are grouped into owner spaces. */
  readonly "owner.formation":
    | "driver"
    | "perDevice"
    | "hive"
    | "greedyClique"
    | "transitive"
    | "global"
    | "ideal";
  /** What hmm_range_fault() compares to tell own pages from foreign ones. */
  readonly "owner.matchOn": "owner" | "space" | "both";
  /** Whether reachability is looked at again at each access. */
  readonly "owner.dynamic": "off" | "on";
  /** Whether addresses of different spaces may be compared. */
  readonly "addr.strictSpaces": "on" | "off";
  /** Whether mappings over a private link pass the DMA API. */
  readonly "fabric.usesDmaApi": "off" | "on";
  /** Whether a NIC can be a member of a private fabric and of its owner space. */
  readonly "fabric.nicMembers": "off" | "on";
  /** Which translators turn a P2P page and a requester into an address. */
  readonly "p2p.translators": "pci" | "fabric";
  /** Whether P2P memory has page frames. */
  readonly "p2p.structPages": "on" | "off";
  /** Where device-private frames are numbered. */
  readonly "private.outsidePhysical": "off" | "on";
  /** What a device PTE can say about where a page is. */
  readonly "pte.apertures": "vendor" | "threeWay";
  /** Which initiator of a device with several is used. */
  readonly "path.selector": "static" | "shortest" | "leastLoaded" | "numaLocal";
  /** Whether explicit P2P pages may go over a private link too. */
  readonly "path.inspectP2pPgmap": "off" | "on";
  /** How many pages are mapped through an IOMMU. */
  readonly "dma.twoStep": "on" | "off";
  /** What a NIC does when the DMA mapping of a P2P page fails. */
  readonly "odp.fallback": "perPfn" | "wholeRequest";
  /** Whether a device of another driver can be asked to pull a range into its memory. */
  readonly "migrate.crossDriver": "off" | "on";
  /** When a device uses a page where it is instead of pulling it. */
  readonly "policy.leaveInPlace": "driver" | "never" | "onFail" | "sameGroup" | "p2pToo";
  /** Whether a peer's memory may be the source of a migration. */
  readonly "policy.onlySystemPages": "off" | "on";
}

function design<Value extends string>(
  values: readonly [Value, ...Value[]],
  about: string,
  meanings: readonly string[],
  raisedBy: string,
): DesignSwitch<Value> {
  return { values, about, meanings, raisedBy };
}

const OFF_ON = ["off", "on"] as const;

/** Every switch with its values and their meanings. */
export const DESIGN_SWITCHES: { readonly [Name in keyof Designs]: DesignSwitch<Designs[Name]> } = {
  "hmm.p2pOp": design(
    ["off", "v2", "targetAware"],
    "Whether hmm_range_fault() turns a foreign device-private page into a P2P page.",
    [
      "never: a foreign page is migrated to system memory when a fault is asked for",
      "the posted series: if the caller allows P2P, the pgmap's op gives the page's alias",
      "as v2, and the op knows the requester: it refuses an alias the requester cannot reach",
    ],
    "Jason Gunthorpe, 2024; Yonatan Maman's series, 2024 and 2025; Leon Romanovsky, 2025",
  ),
  "hmm.p2pOp.scope": design(
    ["pte", "pmd"],
    "Which entries the conversion covers.",
    ["single pages, as posted", "PMD-sized private entries too"],
    "Yonatan Maman's series, 2025",
  ),
  "hmm.p2pAllow": design(
    OFF_ON,
    "Whether a callback of the caller may accept private pages of another owner.",
    ["owners are compared, nothing else", "the caller's p2p_allow() is asked after the owner"],
    "Thomas Hellström's RFC, October 2024",
  ),
  "hmm.typedResults": design(
    OFF_ON,
    "Whether a private frame and a DMA-able one can be told apart in the result.",
    [
      "both are frame numbers in one array, and a private one mapped for DMA is mapped as memory",
      "using a private frame for DMA is refused",
    ],
    "Christoph Hellwig, 2024",
  ),
  "owner.formation": design(
    ["driver", "perDevice", "hive", "greedyClique", "transitive", "global", "ideal"],
    "How devices are grouped into owner spaces.",
    [
      "each driver as it does in 7.2",
      "every device alone",
      "one space for each XGMI hive",
      "the newcomer joins the first group that it is linked to completely, as xe does",
      "one space for everything that links connect, however indirectly",
      "one space for all devices of a vendor's driver, as UVM does",
      "the partition into complete groups that keeps most links",
    ],
    "Christian König and Jason Gunthorpe, 2024",
  ),
  "owner.matchOn": design(
    ["owner", "space", "both"],
    "What hmm_range_fault() compares to tell own pages from foreign ones.",
    [
      "the owner pointer",
      "the address space that the page's addresses belong to: that of its fabric, or its own",
      "both",
    ],
    "Jason Gunthorpe, 2024",
  ),
  "owner.dynamic": design(
    OFF_ON,
    "Whether reachability is looked at again at each access.",
    [
      "a group is for life, even when its link goes down, and a decided pair of PCI functions too",
      "a page behind a dead link is foreign, and ports may change how peers talk",
    ],
    "Simona Vetter, 2024 and 2025",
  ),
  "addr.strictSpaces": design(
    ["on", "off"],
    "Whether addresses of different spaces may be compared.",
    [
      "an address is (space, value); using one of another space is an error",
      "numbers only, as in a dma_addr_t: a device takes any number for an address of its own",
    ],
    "Christian König, 2024",
  ),
  "fabric.usesDmaApi": design(
    OFF_ON,
    "Whether mappings over a private link pass the DMA API.",
    ["they bypass it and cost it nothing", "each is mapped like device registers first"],
    "Christian König, 2024",
  ),
  "fabric.nicMembers": design(
    OFF_ON,
    "Whether a NIC can be a member of a private fabric and of its owner space.",
    ["GPUs only: the link is internal to their driver", "any device with a link"],
    "Christian König, 2024",
  ),
  "p2p.translators": design(
    ["pci", "fabric"],
    "Which translators turn a P2P page and a requester into an address.",
    ["the PCI one only", "the private fabric is asked before PCI"],
    "Christian König, 2024",
  ),
  "p2p.structPages": design(
    ["on", "off"],
    "Whether P2P memory has page frames.",
    [
      "a frame per page: 64 bytes of system memory for each, or no P2P where they cannot be had",
      "a page is (pgmap, offset): no frames, and no memory for them",
    ],
    "Jason Gunthorpe, 2024",
  ),
  "private.outsidePhysical": design(
    OFF_ON,
    "Where device-private frames are numbered.",
    [
      "in a free part of the physical address space, which can run out",
      "in a space of their own: the frame number needs a marker that it is private",
    ],
    "Jordan Niethe's series, 2025 and 2026",
  ),
  "pte.apertures": design(
    ["vendor", "threeWay"],
    "What a device PTE can say about where a page is.",
    ["what the vendor's format has in 7.2", "local, interconnect or PCIe, for every vendor"],
    "Jason Gunthorpe, 2024",
  ),
  "path.selector": design(
    ["static", "shortest", "leastLoaded", "numaLocal"],
    "Which initiator of a device with several is used.",
    [
      "the first one",
      "the one at the smallest PCI distance",
      "the one with the fewest mappings",
      "the one on the page's NUMA node or socket",
    ],
    "Jason Gunthorpe, 2024",
  ),
  "path.inspectP2pPgmap": design(
    OFF_ON,
    "Whether explicit P2P pages may go over a private link too.",
    ["they are mapped for PCI", "their pgmap is looked at, and a shared link preferred"],
    "Jason Gunthorpe, 2024",
  ),
  "dma.twoStep": design(
    ["on", "off"],
    "How many pages are mapped through an IOMMU.",
    ["one reservation, a link per page, one flush", "each page alone"],
    "Leon Romanovsky, 2024 and 2025",
  ),
  "odp.fallback": design(
    ["perPfn", "wholeRequest"],
    "What a NIC does when the DMA mapping of a P2P page fails.",
    ["that page alone is faulted again without P2P", "the whole request is"],
    "Jason Gunthorpe, 2024; Yonatan Maman's series, 2025",
  ),
  "migrate.crossDriver": design(
    OFF_ON,
    "Whether a device of another driver can be asked to pull a range into its memory.",
    ["devices of one driver and one owner space only", "any device that takes requests"],
    "Thomas Hellström, 2024",
  ),
  "policy.leaveInPlace": design(
    ["driver", "never", "onFail", "sameGroup", "p2pToo"],
    "When a device uses a page where it is instead of pulling it.",
    [
      "each driver as it does in 7.2",
      "never: a peer's chunk that cannot migrate goes to system memory",
      "only when migration fails",
      "when a private link reaches it",
      "over PCIe too",
    ],
    "Thomas Hellström, 2024",
  ),
  "policy.onlySystemPages": design(
    OFF_ON,
    "Whether a peer's memory may be the source of a migration.",
    ["the attribute is stored and ignored", "peer memory is never pulled, but for atomics"],
    "Thomas Hellström, 2025",
  ),
};

/** Name of a switch. */
export type DesignName = keyof Designs;

/** Every name, in the order of the table. */
export const DESIGN_NAMES: readonly DesignName[] = Object.keys(DESIGN_SWITCHES) as DesignName[];

/** What Linux 7.2 does. */
export const LINUX_7_2_DESIGNS: Designs = Object.fromEntries(
  DESIGN_NAMES.map((name) => [name, DESIGN_SWITCHES[name].values[0]]),
) as unknown as Designs;

/** The five designs that were proposed as a whole, each as what it changes. */
export const DESIGN_PRESETS: Readonly<Record<string, Partial<Designs>>> = {
  "same-owner": { "owner.formation": "perDevice" },
  "owner-groups": { "owner.formation": "greedyClique" },
  "p2p-allow": { "owner.formation": "perDevice", "hmm.p2pAllow": "on" },
  "p2p-op": { "owner.formation": "perDevice", "hmm.p2pOp": "v2" },
  "private-outside-physical": { "private.outsidePhysical": "on", "hmm.typedResults": "on" },
};

/** Linux 7.2 with changes; later ones win. */
export function withDesigns(...changes: readonly Partial<Designs>[]): Designs {
  return Object.assign({}, LINUX_7_2_DESIGNS, ...changes) as Designs;
}
