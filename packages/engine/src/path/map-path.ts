// From a chosen path to the address that goes into the device's page table, and back. An address is
// a pair of space and page number; what a path over the private fabric means is nobody's business
// but the driver's, so the DMA API never hears of it.
import {
  APERTURE_INTERCONNECT,
  APERTURE_LOCAL,
  APERTURE_SYSTEM,
  type DmaAddress,
  PCI_P2PDMA_MAP_BUS_ADDR,
  type PciDev,
} from "@faultline/core";
import type { AttachedDevice } from "../device/attached-device.ts";
import type { DeviceSystem } from "../device/device-system.ts";
import { pciP2pdmaBusAddrMap } from "../dma/bus-address.ts";
import { dmaMapPhys, dmaMapResource, dmaUnmapPhys } from "../dma/dma-map-phys.ts";
import type { Path } from "./select-path.ts";

/**
 * Maps the page of a path for the requester; a page that it has mapped already is shared.
 * @returns the address, or null for DMA_MAPPING_ERROR.
 */
export function mapPath(
  system: DeviceSystem,
  requester: AttachedDevice,
  path: Path,
): DmaAddress | null {
  if (path.aperture === APERTURE_LOCAL) return localAddress(system, requester, path.pfn);
  const known = requester.mappings.get(path.pfn);
  if (known !== undefined) {
    known.nrUsers++;
    return known.address;
  }
  const initiator = dmaInitiator(system, requester, path);
  const address = newAddress(system, path, initiator);
  if (address === null) return null;
  requester.mappings.set(path.pfn, { address, initiator, nrUsers: 1 });
  return address;
}

/** Gives back what mapPath() made of a frame; local memory has nothing to give back. */
export function unmapPath(system: DeviceSystem, requester: AttachedDevice, pfn: number): void {
  const mapping = requester.mappings.get(pfn);
  if (mapping === undefined) return;
  mapping.nrUsers--;
  if (mapping.nrUsers > 0) return;
  requester.mappings.delete(pfn);
  const { address, initiator } = mapping;
  const isDma = address.space.kind === "iova" || address.space === system.machine.pci.physical;
  if (isDma && initiator !== null) dmaUnmapPhys(system.machine.pci, initiator.dev, address, 1);
}

/** A node's pages have the CPUs' addresses, for the device itself too. */
function localAddress(system: DeviceSystem, { device }: AttachedDevice, pfn: number): DmaAddress {
  if (device.memory?.node !== undefined) return { space: system.machine.pci.physical, page: pfn };
  return { space: device.space, page: system.world.frames.devicePageOf(pfn) };
}

/** Who asks the DMA API; null where nobody does. */
function dmaInitiator(
  { world }: DeviceSystem,
  { device }: AttachedDevice,
  { aperture, initiator }: Path,
): PciDev | null {
  if (aperture !== APERTURE_INTERCONNECT) return initiator;
  return world.designs["fabric.usesDmaApi"] === "on" ? (device.initiators[0] ?? null) : null;
}

function newAddress(system: DeviceSystem, path: Path, initiator: PciDev | null): DmaAddress | null {
  const { pci } = system.machine;
  if (initiator === null) {
    if (path.aperture === APERTURE_INTERCONNECT) return fabricAddress(system, path.pfn);
    return { space: pci.physical, page: physicalPage(system, path.pfn) };
  }
  if (path.mapType === PCI_P2PDMA_MAP_BUS_ADDR) {
    const { pfn, provider } = system.dmaPageOf(path.pfn);
    return provider === null ? null : pciP2pdmaBusAddrMap(provider, pfn);
  }
  const isPeer = path.aperture !== APERTURE_SYSTEM;
  const map = isPeer ? dmaMapResource : dmaMapPhys;
  return map(pci, initiator.dev, physicalPage(system, path.pfn), 1);
}

/**
 * Device memory stands side by side in the fabric's addresses, in the order of the machine. A page
 * of a NUMA node keeps the address that CPUs use.
 */
function fabricAddress({ world, machine }: DeviceSystem, pfn: number): DmaAddress {
  const index = world.frames.pgmapOf(pfn)?.device;
  if (index === undefined) return { space: machine.pci.physical, page: pfn };
  const below = machine.devices.slice(0, index);
  const before = below.reduce((sum, { memory }) => sum + (memory?.sizeBytes ?? 0n), 0n);
  const base = Number(before >> BigInt(world.geometry.pageShift));
  return { space: machine.fabric.space, page: base + world.frames.devicePageOf(pfn) };
}

/** The CPU's page number of a frame; for device memory that of its place in the BAR. */
export function physicalPage(system: DeviceSystem, pfn: number): number {
  const { frames, geometry } = system.world;
  const holder = system.holderOf(pfn);
  if (holder === null || holder.provider === null) return system.dmaPageOf(pfn).pfn;
  const pgmap = frames.pgmapOf(pfn);
  if (pgmap?.provider !== null) return frames.devicePageOf(pfn);
  const start = Number(holder.provider.bar.start >> BigInt(geometry.pageShift));
  return start + frames.devicePageOf(pfn);
}
