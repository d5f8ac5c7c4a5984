// A world's memory and a machine's devices together: who owns which frame, and where it lies.
import {
  type DevPagemap,
  ERANGE,
  invariant,
  type Machine,
  type MachineDevice,
  MEMORY_DEVICE_PCI_P2PDMA,
  MEMORY_DEVICE_PRIVATE,
  type OwnerSpace,
  type World,
} from "@faultline/core";
import type { DmaPage } from "../dma/dma-page.ts";
import { fabricSpaces } from "../owners/fabric-spaces.ts";
import { pcimP2pdmaInit } from "../p2pdma/p2pmem.ts";
import { AttachedDevice, type AttachSpec } from "./attached-device.ts";

/** Physical pages that 46 address bits reach; device-private frames need a free part of them. */
const PHYSICAL_BITS = 46;

/** The devices of one machine, attached to one world. */
export class DeviceSystem {
  readonly world: World;
  readonly machine: Machine;
  /** By the device's position in the machine; a hole where nobody attached. */
  readonly attached: (AttachedDevice | undefined)[] = [];
  private fabricSpaces: ReadonlyMap<MachineDevice, OwnerSpace> | null = null;

  constructor(world: World, machine: Machine) {
    this.world = world;
    this.machine = machine;
  }

  /**
   * Registers a device's memory.
   * @returns the attached device, or -ERANGE when no physical addresses are left for its private
   * frames; the design `private.outsidePhysical` needs none.
   * @kernelpart mm/memremap.c memremap_pages (v7.2) the region and the pagemap, not the mapping
   */
  attach(spec: AttachSpec): AttachedDevice | number {
    const { index } = spec.device;
    invariant(this.attached[index] === undefined, `${spec.device.name} is attached already`);
    const isInside = this.world.designs["private.outsidePhysical"] === "off";
    const bytes = spec.device.memory?.sizeBytes ?? 0n;
    if (isInside && this.physicalBytes() + bytes > 1n << BigInt(PHYSICAL_BITS)) return -ERANGE;
    const { window } = spec.device.memory ?? { window: null };
    const offersP2p = spec.offersP2p !== false && this.world.designs["hmm.p2pOp"] !== "off";
    if (window !== null && offersP2p) pcimP2pdmaInit(this.machine.pci, window.fn);
    const space = spec.space ?? this.fabricSpaceOf(spec.device);
    const attached = new AttachedDevice(this.world, this.machine.pci, { ...spec, space });
    this.attached[index] = attached;
    return attached;
  }

  /** The attached device whose memory, or whose BAR, a frame is part of; null for system memory. */
  holderOf(pfn: number): AttachedDevice | null {
    const pgmap = this.world.frames.pgmapOf(pfn);
    return pgmap === null ? null : this.deviceOf(pgmap);
  }

  /** The attached device of a pagemap. */
  deviceOf(pgmap: DevPagemap): AttachedDevice {
    const attached = this.attached[pgmap.device];
    return attached ?? (invariant(false, `device ${pgmap.device} is not attached`) as never);
  }

  /** The frame that holds the content: for a P2P page the private page that it shows. */
  contentPfn(pfn: number): number {
    const pgmap = this.world.frames.pgmapOf(pfn);
    if (pgmap?.type !== MEMORY_DEVICE_PCI_P2PDMA) return pfn;
    return this.deviceOf(pgmap).aliases?.shownBy(pfn) ?? pfn;
  }

  /**
   * A frame as the DMA layer meets it. With the design `hmm.typedResults` a private frame is
   * refused; without it the layer takes its number for one of RAM, which no check of the kernel's
   * prevents either.
   */
  dmaPageOf(pfn: number): DmaPage {
    const { frames, designs } = this.world;
    const pgmap = frames.pgmapOf(pfn);
    if (pgmap?.type === MEMORY_DEVICE_PCI_P2PDMA) {
      return { pfn: frames.devicePageOf(pfn), provider: pgmap.provider };
    }
    const isMistake = pgmap?.type === MEMORY_DEVICE_PRIVATE && designs["hmm.typedResults"] === "on";
    invariant(!isMistake, `device-private frame ${pfn} is used for DMA`);
    return { pfn, provider: null };
  }

  /** Bytes of `struct page` that P2P pages cost; none where the design does without. */
  p2pStructPageBytes(): number {
    const hasPages = this.world.designs["p2p.structPages"] === "on";
    const sum = this.attached.reduce((n, one) => n + (one?.aliases?.nrVisiblePages ?? 0), 0);
    return hasPages ? sum * STRUCT_PAGE_BYTES : 0;
  }

  private fabricSpaceOf(device: MachineDevice): OwnerSpace | undefined {
    this.fabricSpaces ??= fabricSpaces(this.machine);
    return this.fabricSpaces.get(device);
  }

  private physicalBytes(): bigint {
    const { nodes, geometry } = this.world;
    const system = nodes.reduce((sum, { nrPages }) => sum + nrPages, 0);
    const device = this.attached.reduce((n, one) => n + (one?.device.memory?.sizeBytes ?? 0n), 0n);
    return (BigInt(system) << BigInt(geometry.pageShift)) + device;
  }
}

const STRUCT_PAGE_BYTES = 64;
