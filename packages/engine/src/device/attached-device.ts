// A device of a machine whose driver has registered its memory with the kernel: its dev_pagemap,
// its allocator, and the window that its BAR gives others.
import {
  checkArgument,
  DeviceMemory,
  DevPagemap,
  type DevPagemapOps,
  type DmaAddress,
  type DmaDevice,
  EREMOTEIO,
  type MachineDevice,
  MEMORY_DEVICE_COHERENT,
  MEMORY_DEVICE_PRIVATE,
  type OwnerSpace,
  type P2pdmaProvider,
  PCI_P2PDMA_MAP_NOT_SUPPORTED,
  type PciDev,
  type PciMachine,
  type World,
} from "@faultline/core";
import type { FaultContext } from "../fault/fault-context.ts";
import { pciP2pdmaMapType } from "../p2pdma/map-type.ts";
import { P2pAliases } from "./p2p-aliases.ts";

/** What a driver says when it attaches. */
export interface AttachSpec {
  readonly device: MachineDevice;
  readonly owner: OwnerSpace;
  /** @defaultValue that of the fabric it is on, else its own */
  readonly space?: OwnerSpace | undefined;
  /** What the driver does for its pages. `getDmaPfnForDevice` is added here. */
  readonly ops: Omit<DevPagemapOps<FaultContext>, "getDmaPfnForDevice">;
  /** The driver answers for P2P pages of its private memory. @defaultValue true */
  readonly offersP2p?: boolean;
  /** The driver goes without its memory: no private frames could be had. @defaultValue false */
  readonly withoutMemory?: boolean;
  /** Pages of the memory that the driver uses. @defaultValue all of them */
  readonly nrPages?: number;
}

/** A mapping that a device uses, and by which of its functions. */
export interface DeviceMapping {
  readonly address: DmaAddress;
  readonly initiator: PciDev | null;
  nrUsers: number;
}

/** One attached device. */
export class AttachedDevice {
  readonly device: MachineDevice;
  readonly owner: OwnerSpace;
  /** The address space that the addresses of its memory belong to. */
  readonly space: OwnerSpace;
  /** Null for a device without memory of its own. */
  readonly pgmap: DevPagemap | null;
  readonly memory: DeviceMemory | null;
  /** Null where no BAR shows the memory, or the driver offers no P2P pages. */
  readonly aliases: P2pAliases | null;
  /** The BAR as the source of peer DMA; null without one. */
  readonly provider: P2pdmaProvider | null;
  /** DMA mappings in use, by frame. */
  readonly mappings: Map<number, DeviceMapping> = new Map();
  /** Pages that its driver has mapped in ways of its own, by the function that uses them. */
  readonly ownMappings: Map<DmaDevice, number> = new Map();

  constructor(world: World, pci: PciMachine, spec: AttachSpec) {
    const { device, owner } = spec;
    this.device = device;
    this.owner = owner;
    this.space = spec.space ?? owner;
    this.provider = providerOf(world, device);
    // Memory that is a NUMA node belongs to the kernel's allocator.
    const isNode = device.memory?.node !== undefined;
    if (device.memory === null || isNode || spec.withoutMemory === true) {
      this.pgmap = null;
      this.memory = null;
      this.aliases = null;
      return;
    }
    const shift = BigInt(world.geometry.pageShift);
    const inMemory = Number(device.memory.sizeBytes >> shift);
    const nrPages = spec.nrPages ?? inMemory;
    checkArgument(nrPages <= inMemory, "nrPages", `${device.name} has ${inMemory} pages`);
    const isCoherent = device.memory.isCpuCoherent;
    const type = isCoherent ? MEMORY_DEVICE_COHERENT : MEMORY_DEVICE_PRIVATE;
    this.pgmap = new DevPagemap(type, owner, device.index, spec.ops);
    this.pgmap.space = this.space;
    this.memory = new DeviceMemory(world, this.pgmap, nrPages);
    const nrVisiblePages = Number(device.visibleBytes >> shift);
    const hasWindow = this.provider !== null && spec.offersP2p !== false && !isCoherent;
    this.aliases =
      this.provider === null || !hasWindow
        ? null
        : new P2pAliases(world, {
            provider: this.provider,
            nrVisiblePages,
            owner,
            device: device.index,
          });
    const { aliases, provider } = this;
    if (aliases === null || provider === null) return;
    const canReach = (requester: DmaDevice): boolean =>
      pciP2pdmaMapType(pci, provider, requester) !== PCI_P2PDMA_MAP_NOT_SUPPORTED;
    this.pgmap.ops = withP2pOp(spec.ops, aliases, canReach);
  }
}

/** @param canReach whether PCI lets a requester reach the BAR; only the target-aware op asks. */
function withP2pOp(
  ops: AttachSpec["ops"],
  aliases: P2pAliases,
  canReach: (requester: DmaDevice) => boolean,
): DevPagemapOps {
  return {
    migrateToRam: (fault) => ops.migrateToRam(fault as FaultContext),
    folioFree: (head, order) => ops.folioFree(head, order),
    folioSplit: (head, order) => ops.folioSplit?.(head, order),
    getDmaPfnForDevice: (pfn, requester) => {
      if (requester !== null && !canReach(requester)) return -EREMOTEIO;
      return aliases.aliasOf(pfn);
    },
  };
}

/**
 * The BAR behind the device's window. GPU drivers of 7.2 register none with the P2PDMA layer, which
 * still answers for the pair of functions; the object here is what a map type is asked with.
 */
function providerOf(world: World, { memory }: MachineDevice): P2pdmaProvider | null {
  if (memory === null || memory.window === null) return null;
  const { fn, bar } = memory.window;
  const known = fn.p2pdma?.providers.get(bar.index);
  if (known !== undefined) return known;
  const busOffsetPages = Number((bar.busStart - bar.start) >> BigInt(world.geometry.pageShift));
  return { owner: fn, bar, busOffsetPages };
}
