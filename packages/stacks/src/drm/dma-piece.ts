// One DMA mapping through an IOMMU that translates, in the steps of the interface of 2025: a range
// of IOVAs is taken, pages are linked into it, and one flush shows them to the device. What is
// mapped in one go is such a piece too, of one folio.
import type { DmaAddress, DmaDevice } from "@faultline/core";
import {
  type DeviceSystem,
  dmaIovaFree,
  dmaIovaLink,
  type DmaIovaState,
  dmaIovaSync,
  dmaIovaTryAlloc,
  dmaIovaUnlink,
} from "@faultline/engine";
import type { PageRange } from "../device/device-stack.ts";

/** What a driver counts of its mappings. */
export type NoteDma = (name: "iova_reservations" | "iotlb_syncs") => void;

/** A mapping, and what of it is in use. */
export class DmaPiece {
  readonly dev: DmaDevice;
  private readonly iova: DmaIovaState;
  private readonly noteDma: NoteDma;
  /** What is linked, from the lowest offset on. */
  private readonly linked: PageRange[] = [];
  private nrUsed = 0;
  private isSynced = true;

  private constructor(dev: DmaDevice, iova: DmaIovaState, noteDma: NoteDma) {
    this.dev = dev;
    this.iova = iova;
    this.noteDma = noteDma;
  }

  /** Takes IOVAs for so many pages; null where the device has no IOMMU that translates. */
  static take(
    { machine }: DeviceSystem,
    dev: DmaDevice,
    nrPages: number,
    noteDma: NoteDma,
  ): DmaPiece | null {
    const iova = dmaIovaTryAlloc(machine.pci, dev, nrPages);
    if (iova === null) return null;
    noteDma("iova_reservations");
    return new DmaPiece(dev, iova, noteDma);
  }

  get nrPages(): number {
    return this.iova.nrPages;
  }

  /** Enters physical pages at an offset, behind everything that is linked already. */
  link(offset: number, pfn: number, nrPages: number, attrs: number): void {
    dmaIovaLink(this.dev, this.iova, pfn, offset, nrPages, attrs);
    const last = this.linked.at(-1);
    if (last !== undefined && last.start + last.nrPages === offset) {
      this.linked.splice(-1, 1, { start: last.start, nrPages: last.nrPages + nrPages });
    } else this.linked.push({ start: offset, nrPages });
    this.nrUsed += nrPages;
    this.isSynced = false;
  }

  /** Shows the device what was linked since the last time. */
  sync(): void {
    if (this.isSynced) return;
    this.isSynced = true;
    dmaIovaSync(this.dev);
    this.noteDma("iotlb_syncs");
  }

  /** The device's address of the page at an offset. */
  addressOf(offset: number): DmaAddress | null {
    const { iommu } = this.dev;
    return iommu === null ? null : { space: iommu.space, page: this.iova.start + offset };
  }

  /** A page is no longer used; with the last one the whole mapping goes. */
  release(nrPages = 1): void {
    this.nrUsed -= nrPages;
    if (this.nrUsed > 0) return;
    for (const { start, nrPages: length } of this.linked) {
      dmaIovaUnlink(this.dev, this.iova, start, length);
      this.noteDma("iotlb_syncs");
    }
    dmaIovaFree(this.dev, this.iova);
  }
}
