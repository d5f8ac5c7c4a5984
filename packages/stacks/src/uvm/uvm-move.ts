// A move of pages between processors of a VA space: what is asked, and what the books keep of it.
import type { TaskStruct } from "@faultline/core";
import type { DeviceMirror } from "../device/device-mirror.ts";
import type { PageRange } from "../device/device-stack.ts";
import type { UvmProcessor } from "./select-residency.ts";
import type { UvmMigrationCause } from "./uvm-events.ts";
import type { UvmVaBlock } from "./uvm-va-block.ts";

/** A move of pages of one block, as the books have it. */
export interface UvmMoveNote {
  readonly block: UvmVaBlock;
  readonly to: UvmProcessor;
  readonly cause: UvmMigrationCause;
}

/** Pages of one block that should be on one processor. */
export interface UvmMove extends UvmMoveNote {
  /** Ascending. */
  readonly pages: readonly number[];
  readonly task: TaskStruct;
  /** The view of whoever asks. */
  readonly mirror: DeviceMirror;
}

/** Consecutive pages together. */
export function runsOf(pages: readonly number[]): PageRange[] {
  const runs: { start: number; nrPages: number }[] = [];
  for (const page of pages) {
    const last = runs.at(-1);
    if (last !== undefined && last.start + last.nrPages === page) last.nrPages++;
    else runs.push({ start: page, nrPages: 1 });
  }
  return runs;
}
