// How two functions may talk: across a switch, through the host bridge, or not at all. Mirrors
// drivers/pci/p2pdma.c. Distances count hops; links, generations and sockets are not looked at.
import {
  PCI_P2PDMA_MAP_BUS_ADDR,
  PCI_P2PDMA_MAP_NOT_SUPPORTED,
  PCI_P2PDMA_MAP_THRU_HOST_BRIDGE,
  type PciDev,
  type PciMachine,
  type PciP2pdmaMapType,
  pciAddressKey,
} from "@faultline/core";
import { pciBridgeHasAcsRedir } from "./acs-redirect.ts";
import {
  cpuSupportsP2pdma,
  type HostBridgeVerdict,
  hostBridgeWhitelist,
} from "./host-bridge-list.ts";
import type { P2pdmaRuleId } from "./p2pdma-rules.ts";

/** A decided pair, with everything the decision looked at. */
export interface P2pdmaDecision {
  readonly type: PciP2pdmaMapType;
  /** Hops, whatever the type is. */
  readonly distance: number;
  /** The lowest function on both ways up; null when there is none. */
  readonly meeting: PciDev | null;
  /** The functions on the ways to the meeting point, and that point itself, that redirect. */
  readonly redirecting: readonly PciDev[];
  /** Whether the CPU lets everything pass; null when that was not asked. */
  readonly cpuPasses: boolean | null;
  /** What the list said; empty when it was not asked. */
  readonly hostBridges: readonly HostBridgeVerdict[];
  /** Stands for a bridge that the kernel's log names as missing in the list; null for none. */
  readonly warnedAbout: PciDev | null;
  readonly decidedBy: P2pdmaRuleId;
}

/** The way of peer requests inside the tree, before anybody asks the root. */
type Way = Pick<P2pdmaDecision, "distance" | "meeting" | "redirecting">;

/**
 * Decides how `client` reaches memory of `provider`, and remembers it with the provider.
 * @kernel drivers/pci/p2pdma.c calc_map_type_and_dist (v7.2)
 */
export function calcMapTypeAndDist(
  machine: PciMachine,
  provider: PciDev,
  client: PciDev,
): P2pdmaDecision {
  const decision = decidePair(machine, provider, client);
  if (machine.p2pdma.cacheEnabled) {
    provider.p2pdma?.mapTypes.set(pciAddressKey(client.address), decision.type);
  }
  return decision;
}

/** The decision alone: a function of the tree, its ACS controls, the CPU and the host bridges. */
export function decidePair(machine: PciMachine, provider: PciDev, client: PciDev): P2pdmaDecision {
  const way = findWay(provider, client);
  if (way.meeting !== null && way.redirecting.length === 0) {
    return {
      ...way,
      type: PCI_P2PDMA_MAP_BUS_ADDR,
      cpuPasses: null,
      hostBridges: [],
      warnedAbout: null,
      decidedBy: "p2pdma-below-bridge",
    };
  }
  return { ...way, ...askRoot(machine, provider, client, way.meeting !== null) };
}

/** The root's part of a decision. `met` says whether a redirect brought the pair here. */
function askRoot(
  machine: PciMachine,
  provider: PciDev,
  client: PciDev,
  met: boolean,
): Omit<P2pdmaDecision, keyof Way> {
  const type = PCI_P2PDMA_MAP_THRU_HOST_BRIDGE;
  const cpuPasses = machine.p2pdma.zenRule && cpuSupportsP2pdma(machine.cpu);
  if (cpuPasses) {
    return { type, cpuPasses, hostBridges: [], warnedAbout: null, decidedBy: "p2pdma-cpu" };
  }
  const hostBridges = hostBridgeWhitelist(machine, provider, client);
  if (hostBridges.every(({ answer }) => answer === "listed")) {
    return { type, cpuPasses, hostBridges, warnedAbout: null, decidedBy: "p2pdma-host-bridge" };
  }
  const unlisted = hostBridges.find(({ answer }) => answer === "unlisted");
  return {
    type: PCI_P2PDMA_MAP_NOT_SUPPORTED,
    cpuPasses,
    hostBridges,
    warnedAbout: met ? (unlisted?.representative ?? null) : null,
    decidedBy: "p2pdma-refused",
  };
}

function findWay(provider: PciDev, client: PciDev): Way {
  const above = wayUp(provider);
  const below = wayUp(client);
  const hops = above.findIndex((fn) => below.includes(fn));
  const meeting = above[hops];
  if (meeting === undefined) {
    return { distance: above.length + below.length, meeting: null, redirecting: [] };
  }
  const clientHops = below.indexOf(meeting);
  const visited = [...above.slice(0, hops + 1), ...below.slice(0, clientHops)];
  const redirecting = visited.filter(pciBridgeHasAcsRedir);
  return { distance: hops + clientHops, meeting, redirecting };
}

/** A function and the bridges above it, lowest first. */
function wayUp(fn: PciDev): PciDev[] {
  const way: PciDev[] = [];
  for (let at: PciDev | null = fn; at !== null; at = at.upstream) way.push(at);
  return way;
}
