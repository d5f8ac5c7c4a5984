// Which of a device's functions issues an access: a socket-direct NIC has one on each socket, and
// each has a requester id, an IOMMU domain and distances of its own.
import {
  PCI_P2PDMA_MAP_BUS_ADDR,
  PCI_P2PDMA_MAP_NOT_SUPPORTED,
  type PciDev,
} from "@faultline/core";
import type { AttachedDevice } from "../device/attached-device.ts";
import type { DeviceSystem } from "../device/device-system.ts";
import { decidePair } from "../p2pdma/calc-map-type.ts";

/** Where a page lies, as far as the choice of an initiator looks. */
export interface PageHome {
  /** The function whose BAR shows it; null for system memory. */
  readonly provider: PciDev | null;
  /** The socket of its memory. */
  readonly socket: number;
}

/** The initiator that the design `path.selector` picks; null for a device beside PCI. */
export function selectInitiator(
  system: DeviceSystem,
  requester: AttachedDevice,
  home: PageHome,
): PciDev | null {
  const { initiators } = requester.device;
  const [first = null] = initiators;
  switch (system.world.designs["path.selector"]) {
    case "static":
      return first;
    case "shortest":
      return leastOf(initiators, (fn) => distance(system, home, fn));
    case "leastLoaded":
      return leastOf(initiators, (fn) => nrMappings(requester, fn));
    case "numaLocal":
      return leastOf(initiators, (fn) => (fn.hostBridge.socket === home.socket ? 0 : 1));
  }
}

/** A function that PCI does not let through is farther than any. */
const OUT_OF_REACH = 2 ** 20;

/**
 * Hops to the provider, a way below a switch before one as long through the root; to system memory
 * a function is as near as its socket.
 */
function distance({ machine }: DeviceSystem, { provider, socket }: PageHome, fn: PciDev): number {
  if (provider === null) return fn.hostBridge.socket === socket ? 0 : 1;
  const { type, distance: hops } = decidePair(machine.pci, provider, fn);
  if (type === PCI_P2PDMA_MAP_NOT_SUPPORTED) return OUT_OF_REACH;
  return hops + (type === PCI_P2PDMA_MAP_BUS_ADDR ? 0 : 1 / 2);
}

function nrMappings({ mappings, ownMappings }: AttachedDevice, fn: PciDev): number {
  let count = ownMappings.get(fn.dev) ?? 0;
  for (const { initiator } of mappings.values()) if (initiator === fn) count++;
  return count;
}

/** The first of those with the smallest weight. */
function leastOf(fns: readonly PciDev[], weight: (fn: PciDev) => number): PciDev | null {
  let best: PciDev | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const fn of fns) {
    const own = weight(fn);
    if (own >= least) continue;
    least = own;
    best = fn;
  }
  return best;
}
