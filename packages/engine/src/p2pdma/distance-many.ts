// How far a provider is from its clients, and which provider is nearest. Mirrors
// drivers/pci/p2pdma.c.
import {
  type DmaDevice,
  PCI_P2PDMA_MAP_NOT_SUPPORTED,
  type PciDev,
  type PciMachine,
} from "@faultline/core";
import { calcMapTypeAndDist } from "./calc-map-type.ts";

/** The function that a device is or sits below; null beside PCI. */
function findParentPciDev(dev: DmaDevice): PciDev | null {
  for (let at: DmaDevice | null = dev; at !== null; at = at.parent) {
    if (at.pci !== null) return at.pci;
  }
  return null;
}

/**
 * The sum of the distances to all clients. Always decided anew, and remembered.
 * @returns -1 when there are no clients, when one is not below a PCI function, or when one cannot
 * reach the provider.
 * @kernel drivers/pci/p2pdma.c pci_p2pdma_distance_many (v7.2)
 */
export function pciP2pdmaDistanceMany(
  machine: PciMachine,
  provider: PciDev,
  clients: readonly DmaDevice[],
): number {
  if (clients.length === 0) return -1;
  let sum = 0;
  for (const client of clients) {
    const fn = findParentPciDev(client);
    if (fn === null) return -1;
    const { type, distance } = calcMapTypeAndDist(machine, provider, fn);
    if (type === PCI_P2PDMA_MAP_NOT_SUPPORTED) return -1;
    sum += distance;
  }
  return sum;
}

/** The distance of one pair, or -1. */
export function pciP2pdmaDistance(
  machine: PciMachine,
  provider: PciDev,
  client: DmaDevice,
): number {
  return pciP2pdmaDistanceMany(machine, provider, [client]);
}

/** The published providers that all clients can reach at the smallest distance, in tree order. */
export function nearestP2pmem(machine: PciMachine, clients: readonly DmaDevice[]): PciDev[] {
  let nearest: PciDev[] = [];
  let shortest = Number.POSITIVE_INFINITY;
  for (const fn of machine.tree.functions) {
    if (fn.p2pdma?.isPublished !== true) continue;
    const distance = pciP2pdmaDistanceMany(machine, fn, clients);
    if (distance < 0 || distance > shortest) continue;
    if (distance < shortest) nearest = [];
    shortest = distance;
    nearest.push(fn);
  }
  return nearest;
}

/**
 * One of the nearest published providers, or null.
 * @param pick chooses among `count` that are equally near; the kernel draws one at random.
 * @kernel drivers/pci/p2pdma.c pci_p2pmem_find_many (v7.2)
 */
export function pciP2pmemFindMany(
  machine: PciMachine,
  clients: readonly DmaDevice[],
  pick: (count: number) => number = () => 0,
): PciDev | null {
  const nearest = nearestP2pmem(machine, clients);
  return nearest[pick(nearest.length)] ?? null;
}
