// What formations of owner spaces keep of a machine's links, as text.
import { isOrderDependent, type JoinOrder, type JoinOrderStudy } from "@faultline/engine";
import type { ConnectedBy, OwnerStudy } from "@faultline/report";
import { plainTable } from "./plain-table.ts";

const PREDICATES: Readonly<
  Record<ConnectedBy, { readonly pairs: string; readonly caveat: string }>
> = {
  links: {
    pairs: "pairs with a private link",
    caveat:
      "greedyClique is what drm_pagemap_acquire_owner() does when it is asked about private\n" +
      "links. In 7.2 xe asks about PCI peer DMA instead (--connected p2p), and amdkfd takes the\n" +
      "hive.",
  },
  p2p: {
    pairs: "pairs with PCI peer DMA",
    caveat:
      "A pair counts as xe has it in 7.2: its PCI distance is 0 or more, which includes the way\n" +
      "over the host bridge and leaves private links out.",
  },
};

/** The table, the orders that matter, and what the figures do not say. */
export function formatOwnerStudy(study: OwnerStudy): string {
  const { connectedBy, devices, nrConnected, formations } = study;
  const { pairs, caveat } = PREDICATES[connectedBy];
  const sampled = formations.find(({ isSample }) => isSample);
  const lines = [
    `${devices.length} devices with memory, ${nrConnected} ${pairs}`,
    "",
    plainTable(
      ["formation", "spaces", "kept", "min", "mean", "max", "unlinked", "orders"],
      formations.map(formationRow),
      ["left", "right", "right", "right", "right", "right", "right", "right"],
    ),
    "kept: linked pairs in one space, in the order of the document; min, mean and max over join",
    "orders; unlinked: pairs in one space without a link",
    ...(sampled === undefined
      ? []
      : [`orders beyond 8 devices are a sample: ${sampled.nrOrders} with seed ${study.seed}`]),
    ...(study.idealIsExact ? [] : ["ideal is a lower bound: more than 16 devices are linked"]),
    "",
    ...formations.flatMap(orderLines),
    caveat,
  ];
  return `${lines.join("\n")}\n`;
}

function formationRow({
  formation,
  given,
  nrOrders,
  isSample,
  sumKept,
  worst,
  best,
}: JoinOrderStudy<string>): (string | number)[] {
  const mean = (sumKept / nrOrders).toFixed(2);
  const orders = isOrderDependent(formation) ? `${isSample ? "" : "all "}${nrOrders}` : "any";
  const kept = [given.nrKept, worst.nrKept, mean, best.nrKept];
  return [formation, given.spaces.length, ...kept, given.nrUnconnected, orders];
}

/** The order of the document, a worst and a best one, each ready to be used as a list. */
function orderLines({ formation, given, worst, best }: JoinOrderStudy<string>): string[] {
  if (!isOrderDependent(formation)) return [];
  const inDocument = orderBlock(`${formation}, order of the document`, given);
  if (worst.nrKept === best.nrKept) return [...inDocument, "  no other order changes that", ""];
  return [
    ...inDocument,
    ...orderBlock(`${formation}, a worst order`, worst),
    ...orderBlock(`${formation}, a best order`, best),
    "",
  ];
}

function orderBlock(what: string, { nrKept, order, spaces }: JoinOrder<string>): string[] {
  const groups = spaces.map((space) => `{${space.join(", ")}}`).join(" ");
  return [`${what}: ${nrKept} kept`, `  [${order.join(", ")}]`, `  ${groups}`];
}
