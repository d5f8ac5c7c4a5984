// The rules that choose the way from a device to a page, in the words that `explain` prints.
/** A rule that gives a path, or leads to the next one. */
export type PathRuleId =
  | "path-local"
  | "path-interconnect"
  | "path-p2p-page"
  | "path-peer-bar"
  | "path-system"
  | "path-migrate";

/** A rule in words. */
export interface PathRule {
  /** One sentence, for people. */
  readonly text: string;
  /** File and function of the kernel that decide; null where each driver has its own. */
  readonly kernel: string | null;
}

/** Every rule by id. */
export const PATH_RULES: Readonly<Record<PathRuleId, PathRule>> = {
  "path-local": {
    text: "A page in the requester's own memory is reached there.",
    kernel: null,
  },
  "path-interconnect": {
    text: "A page of the same owner space is reached over a private link that is up.",
    kernel: null,
  },
  "path-p2p-page": {
    text: "A P2P page is reached over PCIe as its map type says.",
    kernel: "mm/hmm.c:hmm_dma_map_pfn",
  },
  "path-peer-bar": {
    text: "A page of the same owner space is reached through the BAR, mapped like registers.",
    kernel: null,
  },
  "path-system": {
    text: "A page that CPUs reach is mapped for DMA.",
    kernel: "kernel/dma/mapping.c:dma_map_phys",
  },
  "path-migrate": {
    text: "No path reaches the page: it has to move.",
    kernel: "mm/memory.c:do_swap_page",
  },
};

/** One rule as it was tried; `kernel` is null only where the policy is nobody's but ours. */
export interface PathStep extends PathRule {
  readonly rule: PathRuleId;
  /** Whether this rule gave the path; only the last one does. */
  readonly decided: boolean;
  /** What was found. */
  readonly finding: string;
}
