// Where a number leads that a device puts on the wire, and whether an address is one of the
// device's own. Drivers never ask: each address they use was made for their device. Whoever hands
// an address on to another device does.
import {
  barStartPfn,
  type DmaAddress,
  EFAULT,
  PCI_P2PDMA_MAP_BUS_ADDR,
  PCI_P2PDMA_MAP_NOT_SUPPORTED,
  type PciDev,
} from "@faultline/core";
import type { AttachedDevice } from "../device/attached-device.ts";
import type { DeviceSystem } from "../device/device-system.ts";
import { decidePair } from "../p2pdma/calc-map-type.ts";

/** Whether the address is in a space that the device's own accesses use. */
export function isOwnSpace(
  { machine, world }: DeviceSystem,
  { device }: AttachedDevice,
  { space }: DmaAddress,
): boolean {
  switch (space.kind) {
    case "local":
      return space === device.space;
    case "fabric": {
      const mayJoin = device.kind !== "nic" || world.designs["fabric.nicMembers"] === "on";
      return mayJoin && machine.fabric.linksAt(device.name).length > 0;
    }
    case "bus":
      return device.initiators.some(({ hostBridge }) => hostBridge.space === space);
    case "iova":
      return device.initiators.some(({ dev }) => dev.iommu?.space === space);
    case "physical":
      return device.initiators.some(({ dev }) => dev.iommu?.kind !== "translate");
  }
}

/**
 * The frame that a page number reaches when the device issues it as DMA: a BAR below the same
 * switch claims it first, then the IOMMU translates it, then it is a physical page.
 * @returns a pfn; 0 where nothing answers; -EFAULT where the IOMMU refuses.
 */
export function resolveDmaPage(
  system: DeviceSystem,
  { device }: AttachedDevice,
  page: number,
): number {
  const fn = device.initiators[0];
  const below = peerFrame(system, fn, page, true);
  if (below !== 0) return below;
  const domain = fn?.dev.iommu ?? null;
  const entry = domain?.kind === "translate" ? domain.lookup(page) : { pfn: page };
  if (entry === undefined) return -EFAULT;
  return peerFrame(system, fn, entry.pfn, false) || (system.memoryFrame(entry.pfn) ?? 0);
}

/** The device page behind a BAR that a bus address, or a physical one, leads to; 0 for none. */
function peerFrame(
  system: DeviceSystem,
  fn: PciDev | undefined,
  page: number,
  isBusAddress: boolean,
): number {
  const { machine, world } = system;
  const { pageShift } = world.geometry;
  for (const holder of system.attached) {
    const provider = holder?.provider ?? null;
    if (holder === undefined || provider === null || fn === undefined) continue;
    const start =
      barStartPfn(provider.bar, pageShift) + (isBusAddress ? provider.busOffsetPages : 0);
    const devicePage = page - start;
    if (devicePage < 0 || devicePage >= Number(provider.bar.sizeBytes >> BigInt(pageShift)))
      continue;
    const { type } = decidePair(machine.pci, provider.owner, fn);
    const isReached = isBusAddress
      ? type === PCI_P2PDMA_MAP_BUS_ADDR
      : type !== PCI_P2PDMA_MAP_NOT_SUPPORTED;
    if (isReached) return deviceFrame(system, holder, devicePage);
  }
  return 0;
}

function deviceFrame({ world }: DeviceSystem, { pgmap }: AttachedDevice, page: number): number {
  const { chunks } = world.frames;
  const at = chunks.findIndex(
    (chunk) =>
      chunk !== null &&
      chunk.pgmap === pgmap &&
      page >= chunk.devicePage &&
      page < chunk.devicePage + world.chunkPages,
  );
  return at < 0 ? 0 : at * world.chunkPages + page - (chunks[at]?.devicePage ?? 0);
}
