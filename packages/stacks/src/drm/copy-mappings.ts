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
    forEachCopy(args, world.blockPages, (i, pfn, nrPages) => {
      const holder = this.system.holderOf(pfn);
      if (holder === null) ram.push({ pfn, nrPages });
      else if (holder !== target.attached) {
        const runs = pushed.get(holder) ?? [];
        addTargets(runs, args, i, nrPages);
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
    forEachCopy(args, this.system.world.blockPages, (i, _pfn, nrPages) => {
      addTargets(ram, args, i, nrPages);
    });
    return this.mapRam(holder, ram);
  }

  /** The copies are done. */
  release(): void {
    if (this.pieces.length + this.plain.length === 0) return;
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
    let nrPages = 0;
    for (const run of runs) nrPages += run.nrPages;
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

/** Tells of each folio that is copied: its first word, its first frame and its pages. */
function forEachCopy(
  { nrPages, srcFlags, srcPfn, dstFlags }: MigrateWords,
  blockPages: number,
  tell: (i: number, pfn: number, nrPages: number) => void,
): void {
  for (let i = 0; i < nrPages; i++) {
    const flags = srcFlags[i] as number;
    if ((flags & MIGRATE_PFN_VALID) === 0 || dstFlags[i] === 0) continue;
    tell(i, srcPfn[i] as number, (flags & MIGRATE_PFN_COMPOUND) === 0 ? 1 : blockPages);
  }
}

/** Adds the folios that the one at word `i` is copied to: one like it, or single pages. */
function addTargets(
  runs: Run[],
  { dstFlags, dstPfn }: MigrateWords,
  i: number,
  nrPages: number,
): void {
  if (((dstFlags[i] as number) & MIGRATE_PFN_COMPOUND) !== 0) {
    runs.push({ pfn: dstPfn[i] as number, nrPages });
    return;
  }
  for (let k = 0; k < nrPages; k++) runs.push({ pfn: dstPfn[i + k] as number, nrPages: 1 });
}
