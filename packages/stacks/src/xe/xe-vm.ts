// One VM of xe: an address space that the device mirrors, with its chunks and attributes.
// Mirrors the shared-memory part of struct xe_vm.
import { type MmStruct, MMU_NOTIFY_UNMAP, type MmuNotifierRange } from "@faultline/core";
import { DeviceMirror } from "../device/device-mirror.ts";
import { ChunkMappings } from "../drm/chunk-mappings.ts";
import { GpusvmRanges } from "../drm/gpusvm-range.ts";
import { XeAttributeMap } from "./xe-attributes.ts";
import type { XePeer } from "./xe-driver.ts";
import type { XeStack } from "./xe-stack.ts";

/** One VM. */
export class XeVm {
  readonly peer: XePeer;
  readonly ranges: GpusvmRanges = new GpusvmRanges();
  readonly attributes: XeAttributeMap = new XeAttributeMap();
  readonly mirror: DeviceMirror;
  /** @internal */
  readonly dma: ChunkMappings;
  private readonly stack: XeStack;

  constructor(stack: XeStack, peer: XePeer, mm: MmStruct) {
    this.stack = stack;
    this.peer = peer;
    this.dma = new ChunkMappings(stack.system, stack.attached, stack.noteDma);
    const invalidate = (range: MmuNotifierRange): void => this.invalidate(range);
    this.mirror = new DeviceMirror(stack.system, stack.attached, mm, invalidate, this.dma);
    this.mirror.notifier.needsToBlock = (range) => this.hasNotifierIn(range);
  }

  /**
   * Whether a notifier covers part of a range. It lives as long as it has chunks, and its callback
   * takes a lock.
   * @kernelpart drivers/gpu/drm/drm_gpusvm.c drm_gpusvm_notifier_invalidate (v7.2) what it refuses
   */
  private hasNotifierIn({ start, end }: MmuNotifierRange): boolean {
    const size = this.stack.notifierPages;
    const first = start - (start % size);
    return this.ranges.overlapping(first, Math.ceil(end / size) * size - first).length > 0;
  }

  /**
   * Forgets chunks whose mapping went; a VM that was made so forgets their attributes with them.
   * @kernelpart drivers/gpu/drm/xe/xe_svm.c xe_svm_garbage_collector (v7.2) without the unbinding
   */
  collectGarbage(): void {
    for (const range of this.ranges.collectGarbage()) {
      if (this.stack.knobs["xe.madviseAutoreset"]) this.attributes.reset(range);
    }
  }

  /**
   * Advice begins or ends at a page: a chunk that reaches over it is forgotten.
   * @kernelpart drivers/gpu/drm/xe/xe_svm.c xe_svm_unmap_address_range (v7.2) one of the two ends
   */
  cutAt(page: number): void {
    const range = this.ranges.at(page);
    if (range === undefined || range.start === page) return;
    this.mirror.unmap(range.start, range.nrPages);
    this.ranges.remove(range);
  }

  /** Takes the translations of chunks away; attributes may have changed what they should be. */
  zap(start: number, nrPages: number): void {
    for (const range of this.ranges.overlapping(start, nrPages)) {
      range.isMapped = false;
      this.mirror.unmap(range.start, range.nrPages);
    }
  }

  /**
   * Chunks lose their translations whole, whatever part of them changes.
   * @kernelpart drivers/gpu/drm/xe/xe_svm.c xe_svm_invalidate (v7.2) without fences
   */
  private invalidate({ start, end, event }: MmuNotifierRange): void {
    const touched = this.ranges.overlapping(start, end - start);
    if (touched.length > 0) this.stack.stats.add("svm_tlb_inval_count");
    for (const range of touched) {
      range.isMapped = false;
      if (event === MMU_NOTIFY_UNMAP) this.ranges.markUnmapped(range);
      this.mirror.unmap(range.start, range.nrPages);
    }
  }
}
