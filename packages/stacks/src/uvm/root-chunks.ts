// A GPU's memory in root chunks of 2 MiB, least recently allocated first: what UVM evicts when no
// memory is left (uvm_pmm_gpu.c). A chunk is evicted whole, whoever its pages belong to.
import type { AttachedDevice, DeviceSystem } from "@faultline/engine";
import { takeDeviceFolio } from "../device/device-folio.ts";
import { foliosInUse } from "../device/folios-in-use.ts";

/** The chunks of one GPU that hold pages. */
export class RootChunks {
  readonly nrPages: number;
  private readonly system: DeviceSystem;
  /** Pages in use by first frame, in order of allocation. */
  private readonly used = new Map<number, number>();

  constructor(system: DeviceSystem) {
    this.system = system;
    this.nrPages = 2 ** (ROOT_CHUNK_SHIFT - system.world.geometry.pageShift);
  }

  /** Takes a folio from the device; 0 when it has none. */
  take(attached: AttachedDevice, order: number): number {
    const head = takeDeviceFolio(this.system, attached, order);
    if (head === 0) return 0;
    this.forEachPart(head, order, (first, nrPages) => {
      this.used.set(first, (this.used.get(first) ?? 0) + nrPages);
    });
    return head;
  }

  /** A folio has been freed. */
  freed(head: number, order: number): void {
    this.forEachPart(head, order, (first, nrPages) => {
      const left = (this.used.get(first) ?? 0) - nrPages;
      if (left > 0) this.used.set(first, left);
      else this.used.delete(first);
    });
  }

  /** First frames of all chunks in use, least recently allocated first. */
  inOrder(): readonly number[] {
    return [...this.used.keys()];
  }

  /** The folios of a chunk that are in use, by their first frames. */
  foliosOf(first: number): number[] {
    return foliosInUse(this.system.world, first, this.nrPages);
  }

  /** The chunk that holds a frame, by its first frame. */
  chunkOf(pfn: number): number {
    return pfn - (pfn % this.nrPages);
  }

  private forEachPart(
    head: number,
    order: number,
    visit: (first: number, nrPages: number) => void,
  ): void {
    const end = head + 2 ** order;
    for (let at = head; at < end; ) {
      const next = Math.min(end, this.chunkOf(at) + this.nrPages);
      visit(this.chunkOf(at), next - at);
      at = next;
    }
  }
}

const ROOT_CHUNK_SHIFT = 21;
