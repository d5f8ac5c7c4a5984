// The thirty questions that the discussion of April 2024 and its follow-ups left open, and how each
// can be tried here: by a switch of `designs`, by a parameter of a driver, by the machine document,
// or by what a run with a clock adds.
import type { DesignName } from "./designs.ts";

/** One question. */
export interface OpenQuestion {
  /** `Q1` to `Q30`. */
  readonly id: string;
  readonly raisedBy: string;
  readonly question: string;
  /** What Linux 7.2 offers. */
  readonly linux72: string;
  /** Switches that answer it. */
  readonly designs: readonly DesignName[];
  /** Where else it is answered: drivers' parameters, parts of documents, what has a clock. */
  readonly elsewhere: readonly string[];
}

function ask(
  id: string,
  raisedBy: string,
  question: string,
  linux72: string,
  designs: readonly DesignName[],
  elsewhere: readonly string[] = [],
): OpenQuestion {
  return { id, raisedBy, question, linux72, designs, elsewhere };
}

const THOMAS = "Thomas Hellström";
const CHRISTIAN = "Christian König";
const JASON = "Jason Gunthorpe";

/** All of them, in the order in which the discussion raised them. */
export const OPEN_QUESTIONS: readonly OpenQuestion[] = [
  ask(
    "Q1",
    `${THOMAS}, need 1a`,
    "Leave foreign memory in place and reach it over a private interconnect.",
    "amdkfd does inside a hive; xe only where policy says so inside a clique, and then over PCIe.",
    ["policy.leaveInPlace"],
    ["links of the machine document"],
  ),
  ask(
    "Q2",
    `${THOMAS}, need 1b`,
    "The same over PCIe peer-to-peer, mainly as a reference.",
    "xe maps peers through their BAR; a NIC's on-demand paging does not.",
    ["policy.leaveInPlace"],
  ),
  ask(
    "Q3",
    `${THOMAS}, need 2`,
    "Ask a foreign device to pull a range into its shareable memory.",
    "populate_mm of any pagemap of the same clique, reached by the preferred location.",
    ["migrate.crossDriver"],
    ["the step request_migration", "preferred_location of device_advise"],
  ),
  ask(
    "Q4",
    `${THOMAS} and Dave Airlie`,
    "A helper for all of DRM, or each driver for itself first.",
    "drm_pagemap and drm_gpusvm are shared; xe is the one user with several devices.",
    [],
    ["stack of a device: xe, amdkfd, nouveau, uvm, odp, sva, ideal"],
  ),
  ask(
    "Q5",
    "Dave Airlie",
    "Learn from NVIDIA's UVM.",
    "Nothing was adopted.",
    [],
    ["stack: uvm, on any machine"],
  ),
  ask(
    "Q6",
    CHRISTIAN,
    "DMA addresses have no common address space to speak about.",
    "A DMA address means something with its device only; drm_pagemap_addr adds a tag.",
    ["addr.strictSpaces"],
  ),
  ask(
    "Q7",
    CHRISTIAN,
    "The kernel does not know that A and B can talk, and C cannot.",
    "The P2PDMA layer knows PCIe; drivers keep lists of cliques.",
    ["owner.formation"],
    ["links of the machine document: nothing is transitive"],
  ),
  ask(
    "Q8",
    CHRISTIAN,
    "XGMI is internal to amdgpu; NICs should be able to join.",
    "It still is internal.",
    ["fabric.nicMembers"],
    ["links of the machine document may end at a NIC"],
  ),
  ask(
    "Q9",
    CHRISTIAN,
    "GPU page faults are too slow for what struct page promises.",
    "Unchanged.",
    [],
    ["profiles: what a fault costs, by vendor"],
  ),
  ask(
    "Q10",
    CHRISTIAN,
    "fork, khugepaged and NUMA migration make shared virtual memory suffer.",
    "Unchanged; amdkfd stops queues.",
    [],
    ["the steps fork, khugepaged and numa_scan", "kfd.xnack"],
  ),
  ask(
    "Q11",
    CHRISTIAN,
    "Somebody should write a tool that measures page faults and compares vendors.",
    "There is none in the tree.",
    [],
    ["this program"],
  ),
  ask("Q12", CHRISTIAN, "The DMA API is blind to connectors that are not PCIe.", "Unchanged.", [
    "fabric.usesDmaApi",
  ]),
  ask("Q13", CHRISTIAN, "Where to start with topologies beside PCIe in P2P.", "Nowhere yet.", [
    "p2p.translators",
  ]),
  ask(
    "Q14",
    JASON,
    "Every device calls hmm_range_fault() for its own mirror.",
    "So it is, for all but memory that UVM manages.",
    [],
    ["mirrors are one for each device and address space"],
  ),
  ask(
    "Q15",
    JASON,
    "A private page is converted to a P2P page by an op of its pgmap.",
    "A series was posted and not merged.",
    ["hmm.p2pOp", "hmm.p2pOp.scope"],
  ),
  ask(
    "Q16",
    JASON,
    "Whether the path works is judged when mapping, and a failure answered by migrating.",
    "Nothing; the posted series falls back for each page.",
    ["odp.fallback"],
  ),
  ask(
    "Q17",
    JASON,
    "The owner is a physical address space, not a piece of hardware.",
    "amdkfd: the hive; xe: a clique for life; UVM: one for all.",
    ["owner.formation"],
    ["faultline topology --owners"],
  ),
  ask(
    "Q18",
    JASON,
    "The pgmap names its address space explicitly, beside its owner.",
    "It does not.",
    ["owner.matchOn"],
  ),
  ask(
    "Q19",
    JASON,
    "A device's PTE says PCI, local or interconnect.",
    "xe has two values; amdgpu a hive address with a memory type.",
    ["pte.apertures"],
  ),
  ask(
    "Q20",
    JASON,
    "The path is the caller's choice, and the DMA API maps for the chosen one.",
    "So it is; nothing chooses.",
    ["path.selector"],
  ),
  ask(
    "Q21",
    JASON,
    "A socket-direct NIC is two PCI functions and one device.",
    "It is two devices.",
    ["path.selector"],
    ["several initiators of a device in the machine document"],
  ),
  ask(
    "Q22",
    JASON,
    "Look at the pgmap of explicit P2P pages, and take another path than PCI.",
    "Nobody looks.",
    ["path.inspectP2pPgmap"],
  ),
  ask("Q23", JASON, "P2P memory without struct pages.", "Providers without pages exist.", [
    "p2p.structPages",
  ]),
  ask(
    "Q24",
    JASON,
    "PRI and SVA are slow; applications must avoid faults.",
    "Unchanged.",
    [],
    ["migrate_to_device before the first access", "pri.* of the sva stack"],
  ),
  ask(
    "Q25",
    JASON,
    "What must come first: reference counts of ZONE_DEVICE, a new DMA API.",
    "Both were merged.",
    ["dma.twoStep"],
  ),
  ask(
    "Q26",
    "Leon Romanovsky, 2025",
    "The flag that allows P2P does not say for which device.",
    "Open.",
    ["hmm.p2pOp"],
  ),
  ask(
    "Q27",
    "Simona Vetter, 2024 and 2025",
    "A static owner is not enough: check the interconnect at run time, or migrate.",
    "Open; xe is static.",
    ["owner.dynamic"],
    ["the steps link_down, link_up, set_acs and unplug"],
  ),
  ask(
    "Q28",
    `${THOMAS}, 2025`,
    "A migration policy that takes pages from system memory only.",
    "The value is stored and ignored.",
    ["policy.onlySystemPages"],
  ),
  ask(
    "Q29",
    "Christoph Hellwig, 2024",
    "Two kinds of frame numbers in one array are dangerous.",
    "Avoided, by merging nothing.",
    ["hmm.typedResults", "private.outsidePhysical"],
  ),
  ask(
    "Q30",
    "reviewers, 2025",
    "Show numbers before and after.",
    "None were found.",
    ["hmm.p2pOp"],
    ["the same scenario under two settings of the switch"],
  ),
];
