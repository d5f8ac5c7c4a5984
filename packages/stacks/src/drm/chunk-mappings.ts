// The DMA addresses behind the entries of a VM. Mirrors the mapping and unmapping of pages in
// drivers/gpu/drm/drm_gpusvm.c: IOVAs are taken once for all system pages of a chunk where an IOMMU
// translates and the design `dma.twoStep` says so; a peer's memory, and everything without the
// design, is mapped folio by folio.
import {
  APERTURE_PCIE_P2P,
  APERTURE_SYSTEM,
  type DmaAddress,
  type DmaDevice,
  invariant,
  PCI_P2PDMA_MAP_BUS_ADDR,
  STAGE_DMA_MAP,
} from "@faultline/core";
import {
  type AttachedDevice,
  type DeviceSystem,
  DMA_ATTR_MMIO,
  hmmPfnToMapOrder,
  type HmmRange,
  mapPath,
  type Path,
  physicalPage,
  unmapPath,
  useDmaIommu,
} from "@faultline/engine";
import type { DmaMapper } from "../device/device-mirror.ts";
import { DmaPiece, type NoteDma } from "./dma-piece.ts";

/** A piece with the virtual page at its beginning. */
interface MappedPiece {
  readonly piece: DmaPiece;
  readonly start: number;
}

/** Mappings of one VM. */
export class ChunkMappings implements DmaMapper {
  private readonly system: DeviceSystem;
  private readonly device: AttachedDevice;
  private readonly noteDma: NoteDma;
  private readonly byPage = new Map<number, MappedPiece>();
  /** The chunk that is being mapped, and what pages are linked into at the moment. */
  private found: HmmRange | null = null;
  private whole: MappedPiece | null = null;
  private folio: MappedPiece | null = null;

  constructor(system: DeviceSystem, device: AttachedDevice, noteDma: NoteDma) {
    this.system = system;
    this.device = device;
    this.noteDma = noteDma;
  }

  /** Pages that are mapped through an IOMMU that translates. */
  get nrPages(): number {
    return this.byPage.size;
  }

  /** Whether a page is one of them. */
  has(page: number): boolean {
    return this.byPage.has(page);
  }

  /** The pages of a chunk are mapped from now on. */
  begin(found: HmmRange): void {
    this.found = found;
  }

  /**
   * They are mapped: the device sees them.
   * @kernelpart drivers/gpu/drm/drm_gpusvm.c drm_gpusvm_get_pages (v7.2) the flush at its end
   */
  end(): void {
    const { effort } = this.system.world;
    const stage = effort.enterStage(STAGE_DMA_MAP);
    this.whole?.piece.sync();
    this.folio?.piece.sync();
    effort.enterStage(stage);
    this.found = null;
    this.whole = null;
    this.folio = null;
  }

  /** The address of the path's frame for a virtual page; null for DMA_MAPPING_ERROR. */
  map(page: number, path: Path): DmaAddress | null {
    const { initiator, aperture, mapType } = path;
    const isRam = aperture === APERTURE_SYSTEM;
    const isApi = isRam || (aperture === APERTURE_PCIE_P2P && mapType !== PCI_P2PDMA_MAP_BUS_ADDR);
    const isTranslated = isApi && initiator !== null && useDmaIommu(initiator.dev);
    const mapped = isTranslated ? this.pieceFor(page, initiator.dev, isRam) : null;
    if (mapped === null) return mapPath(this.system, this.device, path);
    if (this.byPage.has(page)) invariant(false, `page ${page} is mapped for DMA already`);
    this.byPage.set(page, mapped);
    const { piece, start } = mapped;
    this.count(piece.dev, 1);
    piece.link(page - start, physicalPage(this.system, path.pfn), 1, isRam ? 0 : DMA_ATTR_MMIO);
    return piece.addressOf(page - start);
  }

  /** The last page of a piece takes all of it along. */
  unmap(page: number, pfn: number): void {
    const mapped = this.byPage.get(page);
    if (mapped === undefined) {
      unmapPath(this.system, this.device, pfn);
      return;
    }
    this.byPage.delete(page);
    this.count(mapped.piece.dev, -1);
    mapped.piece.release();
  }

  /** The address in use; null for local memory. */
  address(page: number, pfn: number): DmaAddress | null {
    const mapped = this.byPage.get(page);
    if (mapped !== undefined) return mapped.piece.addressOf(page - mapped.start);
    return this.device.mappings.get(pfn)?.address ?? null;
  }

  private count(dev: DmaDevice, change: number): void {
    const { ownMappings } = this.device;
    ownMappings.set(dev, (ownMappings.get(dev) ?? 0) + change);
  }

  /** Where a page is linked: into what the chunk or its folio has; null where that must be had. */
  private pieceFor(page: number, dev: DmaDevice, isRam: boolean): MappedPiece | null {
    const { found } = this;
    if (found === null) return null;
    if (isRam && this.system.world.designs["dma.twoStep"] === "on") {
      this.whole ??= this.take(found.start, found.end - found.start, dev);
      return this.whole?.piece.dev === dev ? this.whole : null;
    }
    const { folio } = this;
    const isInside = folio !== null && page < folio.start + folio.piece.nrPages;
    if (isInside && folio.piece.dev === dev) return folio;
    folio?.piece.sync();
    const nrPages = 1 << hmmPfnToMapOrder(found.flags[page - found.start] as number);
    const end = Math.min(found.end, page - (page % nrPages) + nrPages);
    this.folio = this.take(page, end - page, dev);
    return this.folio;
  }

  private take(start: number, nrPages: number, dev: DmaDevice): MappedPiece | null {
    const piece = DmaPiece.take(this.system, dev, nrPages, this.noteDma);
    return piece === null ? null : { piece, start };
  }
}
