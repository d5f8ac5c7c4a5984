// The rules of the peer-to-peer decision, in the order in which they are tried.
import type { Rule } from "../rules.ts";

/** A rule that decides a pair, or leads to the next. */
export type P2pdmaRuleId =
  | "p2pdma-below-bridge"
  | "p2pdma-cpu"
  | "p2pdma-host-bridge"
  | "p2pdma-refused";

/** Every rule by id; the order is that of trying them. */
export const P2PDMA_RULES: Readonly<Record<P2pdmaRuleId, Rule>> = {
  "p2pdma-below-bridge": {
    text: "A pair that meets below the root, with no port that redirects, uses bus addresses.",
    kernel: "drivers/pci/p2pdma.c:calc_map_type_and_dist",
  },
  "p2pdma-cpu": {
    text: "AMD processors from Zen on let peer requests pass the root, whatever the bridges.",
    kernel: "drivers/pci/p2pdma.c:cpu_supports_p2pdma",
  },
  "p2pdma-host-bridge": {
    text: "A host bridge in the kernel's list lets peer requests pass the root.",
    kernel: "drivers/pci/p2pdma.c:host_bridge_whitelist",
  },
  "p2pdma-refused": {
    text: "Nothing allows the pair to talk through the root: peer DMA is not supported.",
    kernel: "drivers/pci/p2pdma.c:calc_map_type_and_dist",
  },
};
