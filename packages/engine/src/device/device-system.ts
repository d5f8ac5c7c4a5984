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
import { HmmColumnsPool } from "../hmm/hmm-columns-pool.ts";
import { WorksheetPool } from "../migrate/worksheet-pool.ts";
import { fabricSpaces } from "../owners/fabric-spaces.ts";
import { pcimP2pdmaInit } from "../p2pdma/p2pmem.ts";
import { AttachedDevice, type AttachSpec } from "./attached-device.ts";

/** What x86-64 with four levels of page tables can address at most. */
const DEFAULT_PHYSICAL_BITS = 46;

/** The devices of one machine, attached to one world. */
export class DeviceSystem {
  readonly world: World;
  readonly machine: Machine;
  /** By the device's position in the machine; a hole where nobody attached. */
  readonly attached: (AttachedDevice | undefined)[] = [];
  /** Worksheets of migrations that have ended. */
  readonly worksheets: WorksheetPool = new WorksheetPool();
  /** Columns of ranges that have been dealt with. */
  readonly hmmColumns: HmmColumnsPool = new HmmColumnsPool();
  private fabricSpaces: ReadonlyMap<MachineDevice, OwnerSpace> | null = null;

  constructor(world: World, machine: Machine) {
    this.world = world;
    this.machine = machine;
    const { pci } = machine;
    const isDynamic = world.designs["owner.dynamic"] === "on";
    if (isDynamic) pci.p2pdma = { ...pci.p2pdma, cacheEnabled: false };
    for (const { dev } of pci.tree.functions)
      if (dev.iommu !== null) dev.iommu.effort = world.effort;
  }

  /**
   * Registers a device's memory.
   * @returns the attached device, or -ERANGE when no physical addresses are left for its private
   * frames; the design `private.outsidePhysical` needs none.
   * @kernelpart mm/memremap.c memremap_pages (v7.2) the region and the pagemap, not the mapping
   */
  attach(spec: AttachSpec): AttachedDevice | number {
    const { index, memory } = spec.device;
    invariant(this.attached[index] === undefined, `${spec.device.name} is attached already`);
    const isDeviceMemory = memory !== null && memory.node === undefined;
    const takesMemory = isDeviceMemory && spec.withoutMemory !== true;
    if (takesMemory && !this.hasRoomFor(memory.sizeBytes)) return -ERANGE;
    const { window } = memory ?? { window: null };
    const wantsP2p = spec.offersP2p !== false && this.world.designs["hmm.p2pOp"] !== "off";
    const offersP2p = takesMemory && wantsP2p && this.takeP2pStructPages(spec);
    if (window !== null && offersP2p) pcimP2pdmaInit(this.machine.pci, window.fn);
    const space = spec.space ?? this.fabricSpaceOf(spec.device);
    const attached = new AttachedDevice(this.world, this.machine.pci, {
      ...spec,
      space,
      offersP2p,
    });
    this.attached[index] = attached;
    return attached;
  }

  /** The attached device whose memory, or whose BAR, a frame is part of; null for system memory. */
  holderOf(pfn: number): AttachedDevice | null {
    const pgmap = this.world.frames.pgmapOf(pfn);
    return pgmap === null ? null : this.deviceOf(pgmap);
  }

  /**
   * The device in whose memory a frame lies, whether that memory has a dev_pagemap or is a NUMA
   * node; null for memory of the host.
   */
  memoryDevice(pfn: number): MachineDevice | null {
    const holder = this.holderOf(pfn);
    if (holder !== null) return holder.device;
    const name = this.machine.nodes[this.world.frames.nodeOf(pfn)]?.device ?? null;
    if (name === null) return null;
    return this.machine.devices.find((device) => device.name === name) ?? null;
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

  /** The frame of system memory with a physical page number; null where no memory has it. */
  memoryFrame(page: number): number | null {
    const chunk = this.world.frames.chunks[Math.floor(page / this.world.chunkPages)] ?? null;
    return chunk === null || chunk.pgmap !== null ? null : page;
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
    if (isMistake) invariant(false, `device-private frame ${pfn} is used for DMA`);
    return { pfn, provider: null };
  }

  /**
   * Takes system memory for the page frames of a BAR; the design `p2p.structPages: off` needs none.
   * @returns false when there is not enough: the driver then goes without P2P pages.
   */
  private takeP2pStructPages({ device }: AttachSpec): boolean {
    if (this.world.designs["p2p.structPages"] === "off") return true;
    const { pageShift } = this.world.geometry;
    const nrFrames = Number(device.visibleBytes >> BigInt(pageShift));
    const nrPages = Math.ceil((nrFrames * STRUCT_PAGE_BYTES) / 2 ** pageShift);
    return this.world.reservePages(nrPages, Math.max(0, device.node));
  }

  /** Whether private frames find a free part of the physical address space. */
  private hasRoomFor(sizeBytes: bigint): boolean {
    if (this.world.designs["private.outsidePhysical"] === "on") return true;
    const bits = this.machine.pci.cpu.physicalBits ?? DEFAULT_PHYSICAL_BITS;
    return this.physicalBytes() + sizeBytes <= 1n << BigInt(bits);
  }

  private fabricSpaceOf(device: MachineDevice): OwnerSpace | undefined {
    this.fabricSpaces ??= fabricSpaces(this.machine);
    return this.fabricSpaces.get(device);
  }

  private physicalBytes(): bigint {
    const { nodes, geometry } = this.world;
    const system = nodes.reduce((sum, { nrPages }) => sum + nrPages, 0);
    const device = this.attached.reduce((sum, one) => sum + (one?.memory?.nrPages ?? 0), 0);
    return BigInt(system + device) << BigInt(geometry.pageShift);
  }
}

const STRUCT_PAGE_BYTES = 64;
