// Peer memory from setting it up to handing it out. Mirrors drivers/pci/p2pdma.c; page frames, the
// files in sysfs and waiting for the last user are left out.
import {
  barBusOffsetPages,
  barNrPages,
  barStartPfn,
  EINVAL,
  EOPNOTSUPP,
  invariant,
  type P2pdmaProvider,
  type PciDev,
  type PciMachine,
  RangeAllocator,
} from "@faultline/core";

/**
 * Makes each memory BAR of a function a provider; a second call changes nothing.
 * @returns 0, or -EOPNOTSUPP when its BARs may not be mapped.
 * @kernel drivers/pci/p2pdma.c pcim_p2pdma_init (v7.2)
 */
export function pcimP2pdmaInit(machine: PciMachine, fn: PciDev): number {
  if (fn.p2pdma !== null) return 0;
  if (fn.nonMappableBars) return -EOPNOTSUPP;
  const providers = new Map<number, P2pdmaProvider>();
  for (const bar of fn.bars) {
    const busOffsetPages = barBusOffsetPages(bar, machine.pageShift);
    providers.set(bar.index, { owner: fn, bar, busOffsetPages });
  }
  fn.p2pdma = { providers, pools: [], isPublished: false, mapTypes: new Map() };
  return 0;
}

/**
 * The provider of a BAR, or null. Memory from here has no page frames: its exporter revokes users
 * itself.
 * @kernel drivers/pci/p2pdma.c pcim_p2pdma_provider (v7.2)
 */
export function pcimP2pdmaProvider(fn: PciDev, bar: number): P2pdmaProvider | null {
  return fn.p2pdma?.providers.get(bar) ?? null;
}

/**
 * Registers pages of a BAR as peer memory.
 * @param nrPages pages from `offsetPages` on; 0 stands for the rest of the BAR.
 * @returns 0, -EINVAL for a range outside the BAR, or what setting up the function gives.
 * @kernel drivers/pci/p2pdma.c pci_p2pdma_add_resource (v7.2)
 */
export function pciP2pdmaAddResource(
  machine: PciMachine,
  fn: PciDev,
  bar: number,
  nrPages = 0,
  offsetPages = 0,
): number {
  const resource = fn.bars.find(({ index }) => index === bar);
  if (resource === undefined) return -EINVAL;
  const inBar = barNrPages(resource, machine.pageShift);
  if (offsetPages >= inBar) return -EINVAL;
  const nrRegistered = nrPages === 0 ? inBar - offsetPages : nrPages;
  if (nrRegistered + offsetPages > inBar) return -EINVAL;
  const rc = pcimP2pdmaInit(machine, fn);
  if (rc !== 0) return rc;
  const provider = pcimP2pdmaProvider(fn, bar);
  invariant(provider !== null, `BAR ${bar} of ${fn.path} has no provider`);
  const startPfn = barStartPfn(resource, machine.pageShift) + offsetPages;
  const pages = new RangeAllocator(startPfn, startPfn + nrRegistered);
  fn.p2pdma?.pools.push({ provider, startPfn, nrPages: nrRegistered, pages });
  return 0;
}

/**
 * Lets others find the memory, or hides it again.
 * @kernel drivers/pci/p2pdma.c pci_p2pmem_publish (v7.2)
 */
export function pciP2pmemPublish(fn: PciDev, isPublished: boolean): void {
  if (fn.p2pdma !== null) fn.p2pdma.isPublished = isPublished;
}

/**
 * Takes pages of peer memory.
 * @returns the CPU page number of the first, or -1 when no pool has as many together.
 * @kernel drivers/pci/p2pdma.c pci_alloc_p2pmem (v7.2)
 */
export function pciAllocP2pmem(fn: PciDev, nrPages: number): number {
  for (const { pages } of fn.p2pdma?.pools ?? []) {
    const pfn = pages.allocLowest(nrPages);
    if (pfn !== -1) return pfn;
  }
  return -1;
}

/** @kernel drivers/pci/p2pdma.c pci_free_p2pmem (v7.2) */
export function pciFreeP2pmem(fn: PciDev, pfn: number, nrPages: number): void {
  const pool = fn.p2pdma?.pools.find(
    ({ startPfn, nrPages: size }) => pfn >= startPfn && pfn + nrPages <= startPfn + size,
  );
  invariant(pool !== undefined, `page ${pfn} is no peer memory of ${fn.path}`);
  pool.pages.free(pfn, nrPages);
}
