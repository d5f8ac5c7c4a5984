// Mapping through an IOMMU that translates: IOVAs, their entries and flushes, and the two-step
// interface. Mirrors drivers/iommu/dma-iommu.c; lazy flushing and bouncing for untrusted devices
// are left out.
import {
  type DmaAddress,
  type DmaDevice,
  invariant,
  IOMMU_CACHE,
  IOMMU_MMIO,
  type IommuDomain,
  type PciMachine,
} from "@faultline/core";
import { DMA_ATTR_MMIO } from "./dma-attrs.ts";
import { dmaLimitPage, useDmaIommu } from "./dma-device-limits.ts";

const BITS_OF_32_BIT_DEVICE = 32;

/** A reserved range of IOVAs, filled piece by piece. */
export interface DmaIovaState {
  readonly start: number;
  readonly nrPages: number;
}

/**
 * Attaches a device to its group's domain. The domain never hands out an IOVA that is also a bus
 * address below the device's host bridge: a switch would route it to a BAR.
 * @kernelpart drivers/iommu/dma-iommu.c iova_reserve_pci_windows (v7.2) attaches the device too
 */
export function attachIommuDomain(machine: PciMachine, dev: DmaDevice, domain: IommuDomain): void {
  dev.iommu = domain;
  const pageBytes = 1n << BigInt(machine.pageShift);
  for (const { busStart, sizeBytes } of dev.pci?.hostBridge.windows ?? []) {
    const end = (busStart + sizeBytes + pageBytes - 1n) / pageBytes;
    domain.iovas.reserve(Number(busStart / pageBytes), Number(end));
  }
}

/** The domain of a device that useDmaIommu() holds for. */
export function iommuDomainOf(dev: DmaDevice): IommuDomain {
  const { iommu } = dev;
  invariant(iommu?.kind === "translate", `${dev.name} has no IOMMU that translates`);
  return iommu;
}

/**
 * Takes IOVAs, aligned to their size, for PCI devices below 4 GiB as long as there are any.
 * @returns the first page, or -1.
 * @kernel drivers/iommu/dma-iommu.c iommu_dma_alloc_iova (v7.2)
 */
export function iommuDmaAllocIova(machine: PciMachine, dev: DmaDevice, nrPages: number): number {
  const domain = iommuDomainOf(dev);
  let alignment = 1;
  while (alignment < nrPages) alignment *= 2;
  const limit = dmaLimitPage(dev, machine.pageShift);
  const low = 2 ** (BITS_OF_32_BIT_DEVICE - machine.pageShift);
  const found = dev.pci === null ? -1 : domain.alloc(nrPages, alignment, low);
  return found === -1 ? domain.alloc(nrPages, alignment, limit) : found;
}

/** The entries' protection for a mapping with these attributes. */
function iommuProt(attrs: number): number {
  return (attrs & DMA_ATTR_MMIO) === 0 ? IOMMU_CACHE : IOMMU_MMIO;
}

/**
 * Maps physical pages, contiguous, at an IOVA of their own.
 * @returns the address, or null for DMA_MAPPING_ERROR.
 * @kernel drivers/iommu/dma-iommu.c iommu_dma_map_phys (v7.2)
 */
export function iommuDmaMapPhys(
  machine: PciMachine,
  dev: DmaDevice,
  pfn: number,
  nrPages: number,
  attrs: number,
): DmaAddress | null {
  const domain = iommuDomainOf(dev);
  const page = iommuDmaAllocIova(machine, dev, nrPages);
  if (page === -1) return null;
  iommuMap(domain, page, pfn, nrPages, iommuProt(attrs));
  domain.sync();
  return { space: domain.space, page };
}

/** Enters `nrPages` pages; the caller flushes. */
export function iommuMap(
  domain: IommuDomain,
  iova: number,
  pfn: number,
  nrPages: number,
  prot: number,
): void {
  for (let i = 0; i < nrPages; i++) domain.map(iova + i, { pfn: pfn + i, prot });
}

/**
 * Removes entries and gives their IOVAs back.
 * @kernel drivers/iommu/dma-iommu.c __iommu_dma_unmap (v7.2)
 */
export function iommuDmaUnmap(domain: IommuDomain, iova: number, nrPages: number): void {
  for (let i = 0; i < nrPages; i++) domain.unmap(iova + i);
  domain.sync();
  domain.iovas.free(iova, nrPages);
}

/**
 * Reserves IOVAs for pieces to come.
 * @returns null where the device is not behind an IOMMU that translates: then map each piece alone.
 * @kernel drivers/iommu/dma-iommu.c dma_iova_try_alloc (v7.2)
 */
export function dmaIovaTryAlloc(
  machine: PciMachine,
  dev: DmaDevice,
  nrPages: number,
): DmaIovaState | null {
  if (!useDmaIommu(dev)) return null;
  const start = iommuDmaAllocIova(machine, dev, nrPages);
  return start === -1 ? null : { start, nrPages };
}

/**
 * Enters a piece at `offset` pages of the reserved range; nothing is flushed.
 * @kernel drivers/iommu/dma-iommu.c dma_iova_link (v7.2)
 */
export function dmaIovaLink(
  dev: DmaDevice,
  state: DmaIovaState,
  pfn: number,
  offset: number,
  nrPages: number,
  attrs: number,
): void {
  invariant(offset + nrPages <= state.nrPages, "a piece leaves its reserved IOVAs");
  iommuMap(iommuDomainOf(dev), state.start + offset, pfn, nrPages, iommuProt(attrs));
}

/**
 * Makes linked pieces visible to the device, by one flush.
 * @kernel drivers/iommu/dma-iommu.c dma_iova_sync (v7.2)
 */
export function dmaIovaSync(dev: DmaDevice): void {
  iommuDomainOf(dev).sync();
}

/**
 * Removes the entries of a piece and flushes; the IOVAs stay reserved.
 * @kernel drivers/iommu/dma-iommu.c dma_iova_unlink (v7.2)
 */
export function dmaIovaUnlink(
  dev: DmaDevice,
  state: DmaIovaState,
  offset: number,
  nrPages: number,
): void {
  const domain = iommuDomainOf(dev);
  for (let i = 0; i < nrPages; i++) domain.unmap(state.start + offset + i);
  domain.sync();
}

/**
 * Gives back the reserved IOVAs, of which nothing is linked any more.
 * @kernel drivers/iommu/dma-iommu.c dma_iova_free (v7.2)
 */
export function dmaIovaFree(dev: DmaDevice, { start, nrPages }: DmaIovaState): void {
  iommuDomainOf(dev).iovas.free(start, nrPages);
}
