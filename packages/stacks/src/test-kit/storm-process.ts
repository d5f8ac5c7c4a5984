// What a storm knows about one process: what each page must read, and what may be done to it. Used
// by tests only.
import type { TaskStruct } from "@faultline/core";
import { PROT_READ, PROT_WRITE } from "@faultline/engine";
import type { PageRange } from "../device/device-stack.ts";
import { BASE } from "./small-system.ts";

/** Pages that storms touch: two blocks and a bit. */
export const STORM_PAGES = 1100;

const RW = PROT_READ | PROT_WRITE;

/** The model of one process. Pages are counted from BASE. */
export class StormProcess {
  readonly task: TaskStruct;
  private readonly contents: Uint32Array;
  /** PROT_* of each page; 0 where nothing is mapped. */
  private readonly rights: Uint8Array;

  constructor(task: TaskStruct, parent?: StormProcess) {
    this.task = task;
    this.contents = parent?.contents.slice() ?? new Uint32Array(STORM_PAGES);
    this.rights = parent?.rights.slice() ?? new Uint8Array(STORM_PAGES).fill(RW);
  }

  /** What a page reads as. */
  content(at: number): number {
    return this.contents[at] ?? 0;
  }

  store(at: number, value: number): void {
    this.contents[at] = value;
  }

  /** The pages read as zero, and may be touched as `prot` says. */
  renew({ start, nrPages }: PageRange, prot: number): void {
    this.contents.fill(0, start - BASE, start - BASE + nrPages);
    this.protect({ start, nrPages }, prot);
  }

  protect({ start, nrPages }: PageRange, prot: number): void {
    this.rights.fill(prot, start - BASE, start - BASE + nrPages);
  }

  /** Whether an access is allowed. */
  allows(at: number, isWrite: boolean): boolean {
    const needed = isWrite ? PROT_WRITE : PROT_READ;
    return ((this.rights[at] ?? 0) & needed) !== 0;
  }

  /** Whether an access is allowed on every page of a range. */
  allowsAll({ start, nrPages }: PageRange, isWrite: boolean): boolean {
    for (let i = 0; i < nrPages; i++) if (!this.allows(start - BASE + i, isWrite)) return false;
    return true;
  }
}
