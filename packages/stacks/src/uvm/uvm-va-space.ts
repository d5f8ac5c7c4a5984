// What UVM keeps for one process: the GPUs that it uses, its VA blocks, and the policies of its
// ranges. Mirrors the parts of uvm_va_space_t and uvm_va_policy_t that faults look at.
import { type MmStruct, MMU_NOTIFY_UNMAP, type MmuNotifierRange } from "@faultline/core";
import type { DeviceMirror } from "../device/device-mirror.ts";
import type { UvmDriver } from "./uvm-driver.ts";
import type { UvmStack } from "./uvm-stack.ts";
import type { UvmEventSpec } from "./uvm-events.ts";
import type { BlockThrashing } from "./thrashing.ts";
import { UvmVaBlock } from "./uvm-va-block.ts";
import { UvmPolicies } from "./uvm-va-policy.ts";

/** A GPU that a process has opened. */
export interface UvmOpenGpu {
  readonly stack: UvmStack;
  readonly mirror: DeviceMirror;
}

/** One process. */
export class UvmVaSpace {
  readonly driver: UvmDriver;
  readonly mm: MmStruct;
  readonly gpus: UvmOpenGpu[] = [];
  readonly policies: UvmPolicies = new UvmPolicies();
  /** Frames that are held because GPUs have copies of them, by page. */
  readonly heldPages: Map<number, number> = new Map();
  /** Pages of a block of 2 MiB. */
  readonly nrLeaves: number;
  private readonly blocks = new Map<number, UvmVaBlock>();

  constructor(driver: UvmDriver, mm: MmStruct) {
    this.driver = driver;
    this.mm = mm;
    this.nrLeaves = 1 << (BLOCK_SHIFT - driver.system.world.geometry.pageShift);
  }

  /** The block that holds a page, made at first use. */
  block(page: number): UvmVaBlock {
    const { nrLeaves } = this;
    const start = page - (page % nrLeaves);
    const known = this.blocks.get(start);
    if (known !== undefined) return known;
    const block = new UvmVaBlock(this, start, nrLeaves);
    this.blocks.set(start, block);
    return block;
  }

  /** Every block that was ever served. */
  allBlocks(): Iterable<UvmVaBlock> {
    return this.blocks.values();
  }

  /** Whether a detection belongs to a block that is still there. */
  holds(thrashing: BlockThrashing): boolean {
    return [...this.blocks.values()].some((block) => block.thrashing === thrashing);
  }

  /** The mirror of a GPU; undefined when the process has not opened it. */
  mirrorOf(stack: UvmStack): DeviceMirror | undefined {
    return this.gpus.find((gpu) => gpu.stack === stack)?.mirror;
  }

  /** Tells whoever listens to the first GPU that the process has opened. */
  emit(event: UvmEventSpec): void {
    this.gpus[0]?.stack.emit(event);
  }

  /** Blocks and policies end with their mapping. */
  invalidate({ start, end, event }: MmuNotifierRange): void {
    if (event !== MMU_NOTIFY_UNMAP) return;
    this.policies.remove(start, end);
    for (const [first, block] of this.blocks) {
      if (first >= start && first + block.nrLeaves <= end) this.blocks.delete(first);
    }
  }
}

const BLOCK_SHIFT = 21;
