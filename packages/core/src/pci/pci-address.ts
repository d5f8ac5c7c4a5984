// Where a PCI function answers: domain, bus, device and function. Mirrors the numbers of
// include/uapi/linux/pci.h and include/linux/pci.h.

/** The address of a function; `devfn` is device << 3 | function. */
export interface PciAddress {
  readonly domain: number;
  readonly bus: number;
  readonly devfn: number;
}

const ADDRESS = /^(?:([0-9a-f]{4,8}):)?([0-9a-f]{2}):([01][0-9a-f])\.([0-7])$/i;

/** `0000:3b:00.0` or `3b:00.0` as an address; null when the text is neither. */
export function parsePciAddress(text: string): PciAddress | null {
  const match = ADDRESS.exec(text);
  if (match === null) return null;
  const [, domain = "0", bus = "", device = "", fn = ""] = match;
  const devfn = (Number.parseInt(device, 16) << 3) | Number(fn);
  return { domain: Number.parseInt(domain, 16), bus: Number.parseInt(bus, 16), devfn };
}

/** The address as the kernel prints it. */
export function formatPciAddress({ domain, bus, devfn }: PciAddress): string {
  const hex = (value: number, width: number): string => value.toString(16).padStart(width, "0");
  return `${hex(domain, 4)}:${hex(bus, 2)}:${hex(devfn >> 3, 2)}.${devfn & 7}`;
}

/** One number per address, ordered by domain, then bus, then devfn. */
export function pciAddressKey({ domain, bus, devfn }: PciAddress): number {
  return domain * 0x1_0000 + bus * 0x100 + devfn;
}
