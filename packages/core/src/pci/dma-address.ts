// Addresses that devices put on the wire. A number alone means nothing: the same value names one
// thing on a PCI bus, another in a requester's IOMMU domain, a third in physical memory.
import { invariant } from "../invariant-error.ts";

/**
 * What the addresses of a space are: PCI bus, CPU physical, translated by an IOMMU, in one device's
 * memory, or on a private fabric.
 */
export type DmaSpaceKind = "bus" | "physical" | "iova" | "local" | "fabric";

/** One space of addresses; two spaces are the same only when they are the same object. */
export interface DmaSpace {
  readonly kind: DmaSpaceKind;
  readonly name: string;
}

/** A page of a space, by its number there. */
export interface DmaAddress {
  readonly space: DmaSpace;
  readonly page: number;
}

/** Pages from `left` up to `right`, which must be in the same space. */
export function dmaPagesBetween(left: DmaAddress, right: DmaAddress): number {
  invariant(
    left.space === right.space,
    `addresses of different spaces: ${left.space.name}, ${right.space.name}`,
  );
  return right.page - left.page;
}
