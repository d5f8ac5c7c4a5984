// Whether a machine keeps bounce buffers. Mirrors arch/x86/kernel/pci-dma.c; encrypted guests,
// which always have them, are left out.
import { Swiotlb, type SwiotlbMode } from "@faultline/core";

const POOL_BYTES = 2 ** 26;
const LIMIT_BYTES_OF_32_BITS = 2 ** 32;

/**
 * The pool of a machine: there is one when RAM reaches above 4 GiB, or when it is forced.
 * @param lowEndPfn one above the highest page of RAM below 4 GiB; the pool ends there.
 * @kernel arch/x86/kernel/pci-dma.c pci_swiotlb_detect (v7.2)
 */
export function pciSwiotlbDetect(
  ramEndPfn: number,
  lowEndPfn: number,
  mode: SwiotlbMode = "default",
  pageShift = 12,
): Swiotlb | null {
  const isNeeded = ramEndPfn > LIMIT_BYTES_OF_32_BITS / 2 ** pageShift;
  if (mode === "noforce" || (mode === "default" && !isNeeded)) return null;
  const nrPages = POOL_BYTES / 2 ** pageShift;
  return new Swiotlb(lowEndPfn - nrPages, nrPages, mode === "force");
}
