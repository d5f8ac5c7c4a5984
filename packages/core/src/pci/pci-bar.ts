// A memory BAR of a PCI function. Mirrors struct resource as the PCI core fills it; I/O BARs are
// left out. Addresses are exact: bigint at this edge, page numbers everywhere else.

/** One memory BAR: where the CPU sees it, and what reaches it on the bus. */
export interface PciBar {
  readonly index: number;
  /** CPU physical address. */
  readonly start: bigint;
  /** PCI bus address; differs from `start` where the host bridge translates. */
  readonly busStart: bigint;
  readonly sizeBytes: bigint;
  readonly isPrefetchable: boolean;
  readonly is64Bit: boolean;
}

/** CPU page number of the first byte of a BAR. */
export function barStartPfn({ start }: PciBar, pageShift: number): number {
  return Number(start >> BigInt(pageShift));
}

/** Pages that a BAR covers whole. */
export function barNrPages({ sizeBytes }: PciBar, pageShift: number): number {
  return Number(sizeBytes >> BigInt(pageShift));
}

/** Pages to add to a CPU page number of a BAR to get its page number on the bus. */
export function barBusOffsetPages({ start, busStart }: PciBar, pageShift: number): number {
  return Number((busStart - start) >> BigInt(pageShift));
}
