// The DMA addresses that a copy engine uses while it copies. Mirrors the mapping of pages around
// the copies of drivers/gpu/drm/drm_pagemap.c: the device that copies maps system memory, by IOVAs
// that are taken once for all of it, or the memory of the peer that it pushes to, folio by folio.
import { type DmaAddress, type DmaDevice, EFAULT, STAGE_DMA_MAP } from "@faultline/core";
import {
  type AttachedDevice,
  type DeviceSystem,
  DMA_ATTR_MMIO,
  dmaAddressingLimited,
  dmaMapPhys,
  dmaUnmapPhys,
  MIGRATE_PFN_COMPOUND,
  MIGRATE_PFN_VALID,
  type MigrateWords,
  physicalPage,
  useDmaIommu,
} from "@faultline/engine";
import { DmaPiece, type NoteDma } from "./dma-piece.ts";

/** Pages that are one behind the other. */
interface Run {
  readonly pfn: number;
  readonly nrPages: number;
}

/** Who copies: a device, and what its driver counts. */
export interface Copier {
  readonly attached: AttachedDevice;
  readonly noteDma: NoteDma;
}

/** A mapping that is no piece. */
interface PlainMapping {
  readonly dev: DmaDevice;
  readonly address: DmaAddress;
  readonly nrPages: number;
}

/** Mappings of one migration. */
export class CopyMappings {
  private readonly system: DeviceSystem;
  private readonly pieces: { readonly piece: DmaPiece; readonly nrPages: number }[] = [];
  private readonly plain: PlainMapping[] = [];

  constructor(system: DeviceSystem) {
    this.system = system;
  }

  /**
   * Maps what a move to a device copies: system memory for the target, and for each peer the
   * target's pages that it pushes to.
   * @param copierOf who copies a device's pages out of it.
   * @returns 0, or -EFAULT: what was mapped must be released all the same.
   */
  toDevice(
    target: Copier,
    args: MigrateWords,
    copierOf: (holder: AttachedDevice) => Copier | null,
  ): number {
    const { world } = this.system;
    const ram: Run[] = [];
    const pushed = new Map<AttachedDevice, Run[]>();
    forEachCopy(args, world.blockPages, (source, copies) => {
      const holder = this.system.holderOf(source.pfn);
      if (holder === null) ram.push(source);
      else if (holder !== target.attached) {
        const runs = pushed.get(holder) ?? [];
        runs.push(...copies);
        pushed.set(holder, runs);
      }
    });
    let rc = this.mapRam(target, ram);
    for (const [holder, runs] of pushed) {
      const copier = copierOf(holder);
      if (rc === 0 && copier !== null) rc = this.mapEach(copier, runs, DMA_ATTR_MMIO);
    }
    return rc;
  }

  /** Maps the system memory that a device copies its pages to. @returns as `toDevice` */
  toSystem(holder: Copier, args: MigrateWords): number {
    const ram: Run[] = [];
    forEachCopy(args, this.system.world.blockPages, (_, copies) => ram.push(...copies));
    return this.mapRam(holder, ram);
  }

  /** The copies are done. */
  release(): void {
    this.inStage(() => {
      for (const { piece, nrPages } of this.pieces) piece.release(nrPages);
      for (const { dev, address, nrPages } of this.plain) {
        dmaUnmapPhys(this.system.machine.pci, dev, address, nrPages);
      }
    });
    this.pieces.length = 0;
    this.plain.length = 0;
  }

  /** In two steps where that is to be had, else each folio alone. */
  private mapRam(copier: Copier, runs: readonly Run[]): number {
    const dev = copier.attached.device.initiators[0]?.dev;
    if (dev === undefined || runs.length === 0) return 0;
    if (this.system.world.designs["dma.twoStep"] === "off") return this.mapEach(copier, runs, 0);
    const nrPages = runs.reduce((sum, run) => sum + run.nrPages, 0);
    return this.inStage(() => {
      const piece = DmaPiece.take(this.system, dev, nrPages, copier.noteDma);
      if (piece === null) return this.mapEach(copier, runs, 0);
      this.pieces.push({ piece, nrPages });
      let offset = 0;
      for (const run of runs) {
        piece.link(offset, run.pfn, run.nrPages, 0);
        offset += run.nrPages;
      }
      piece.sync();
      return 0;
    });
  }

  private mapEach(copier: Copier, runs: readonly Run[], attrs: number): number {
    const { pci } = this.system.machine;
    const dev = copier.attached.device.initiators[0]?.dev;
    // Physical addresses that the device can all put on the wire need no mapping at all.
    if (dev === undefined) return 0;
    if (!useDmaIommu(dev) && !dmaAddressingLimited(pci, dev)) return 0;
    return this.inStage(() => {
      for (const { pfn, nrPages } of runs) {
        const page = physicalPage(this.system, pfn);
        const piece = DmaPiece.take(this.system, dev, nrPages, copier.noteDma);
        if (piece !== null) {
          piece.link(0, page, nrPages, attrs);
          piece.sync();
          this.pieces.push({ piece, nrPages });
          continue;
        }
        const address = dmaMapPhys(pci, dev, page, nrPages, attrs);
        if (address === null) return -EFAULT;
        this.plain.push({ dev, address, nrPages });
      }
      return 0;
    });
  }

  private inStage<T>(run: () => T): T {
    const { effort } = this.system.world;
    const stage = effort.enterStage(STAGE_DMA_MAP);
    const result = run();
    effort.enterStage(stage);
    return result;
  }
}

/** Tells of each folio that is copied, and of the folios that it is copied to. */
function forEachCopy(
  { nrPages, srcFlags, srcPfn, dstFlags, dstPfn }: MigrateWords,
  blockPages: number,
  tell: (source: Run, copies: readonly Run[]) => void,
): void {
  for (let i = 0; i < nrPages; i++) {
    const [flags, copyFlags] = [srcFlags[i] as number, dstFlags[i] as number];
    if ((flags & MIGRATE_PFN_VALID) === 0 || copyFlags === 0) continue;
    const size = (flags & MIGRATE_PFN_COMPOUND) === 0 ? 1 : blockPages;
    const isWhole = (copyFlags & MIGRATE_PFN_COMPOUND) !== 0;
    const copies = isWhole
      ? [{ pfn: dstPfn[i] as number, nrPages: size }]
      : Array.from({ length: size }, (_, k) => ({ pfn: dstPfn[i + k] as number, nrPages: 1 }));
    tell({ pfn: srcPfn[i] as number, nrPages: size }, copies);
  }
}
