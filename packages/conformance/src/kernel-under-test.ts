// What the replayer needs from a kernel, real or simulated: run an operation, show the state.
// An implementation answers what the recording program would have printed; it holds no clock.

import type { ConformanceCase } from "./case.ts";
import type { CaseOp } from "./operation.ts";
import type { VmaView } from "./record.ts";
import type { Token } from "./run-length.ts";

/** The kernel as released with its defects, and the same with the listed defects off. */
export type KernelPresetName = "7.2.12" | "7.2-fixed";

/** The answer to one operation: `r` or `e`, and what else the operation reports. */
export interface OpOutcome {
  /** Return value on success; for `move` and `migpages` the pages not moved. */
  readonly r?: number;
  /** Name of the errno; `DEAD` where the process does not exist, `BADFORK` for a child in use. */
  readonly e?: string;
  /** `cpages` of a device command. */
  readonly cp?: number;
  /** `faults` of a device command. */
  readonly fl?: number;
  /** One token per page: the word, or `SM`, `SA`, `SB`, `SO` for a signal, or `torn` and a word. */
  readonly t?: readonly Token[];
  /** The bytes of `snap`. */
  readonly snap?: Uint8Array;
  /** Per-page status of move_pages(). */
  readonly mv?: ArrayLike<number>;
  /** Blocks collapsed by `khscan`. */
  readonly kc?: number;
}

/**
 * The whole visible state of one live process after an operation. The replayer only reads it, and
 * only until the next operation, so an implementation may keep and refill one set of buffers per
 * process. Strings have one letter per page of the window.
 */
export interface ProcessView {
  /** Mappings of the window in address order. */
  readonly v: readonly VmaView[];
  /** Page-map letters. */
  readonly pm: string;
  /** What backs each page: any number that is the same exactly for the same page or swap slot. */
  readonly c: ArrayLike<number>;
  /** Folio structure; needed where the case has `thp`. */
  readonly k?: string;
  /** Huge leaves; needed where the case has `thp`. */
  readonly h?: string;
  /** Nodes; needed where the case has `numa`. */
  readonly n?: string;
  /** Userfault write protection; needed where the case's options ask for it. */
  readonly u?: string;
  /** Snapshot bytes by device number; null or absent where the process has no descriptor. */
  readonly snapshots: readonly (Uint8Array | null | undefined)[];
}

/** A kernel executing one case from the start. */
export interface KernelUnderTest {
  /** Executes an operation and returns what it answers. */
  execute(op: CaseOp, opIndex: number): OpOutcome;
  /** The state of a process, or null when it does not exist. Looking must not change anything. */
  observe(process: number): ProcessView | null;
}

/** What a kernel is created for. */
export interface KernelSetup {
  readonly case: ConformanceCase;
  readonly preset: KernelPresetName;
}

/** Creates a kernel with process 0 alive, its window empty and no device open. */
export type KernelFactory = (setup: KernelSetup) => KernelUnderTest;
