// A world small enough for a test: one process, mappings made by hand, leaves shown as short words
// such as `P(w,ax)` or `HZ`, notifier events as `CLEAR 0-1`. Used by tests only.
import {
  type AddressSpace,
  FRAME_ANON,
  LEAF_DEVICE_EXCLUSIVE,
  LEAF_DEVICE_PRIVATE,
  LEAF_EXCLUSIVE,
  LEAF_MARKER,
  LEAF_MIGRATION,
  LEAF_NONE,
  LEAF_PRESENT,
  LEAF_PROTNONE,
  LEAF_SWAP,
  LEAF_TABLE,
  LEAF_UFFD_WP,
  LEAF_WRITE,
  leafKind,
  MmuIntervalNotifier,
  MmuNotifierSubscriptions,
  type TaskStruct,
  VM_EXEC,
  VM_MAYREAD,
  VM_MAYWRITE,
  VM_READ,
  VM_SHARED,
  VM_WRITE,
  VmAreaStruct,
  World,
  type WorldSpec,
} from "@faultline/core";
import { cpuAccess } from "../fault/cpu-access.ts";
import { readPageContent, writePageContent } from "../fault/page-content.ts";
import { sysExit } from "../fork/exit.ts";
import { sysFork } from "../fork/fork.ts";
import { runToCompletion } from "../verb.ts";

/** First page of every small world; aligned to a block of any geometry. */
export const BASE: number = 2 ** 26;

/** How to map; everything but the size has a default. */
export interface MapOptions {
  /** First page relative to BASE. @defaultValue 0 */
  readonly at?: number;
  /** Letters of `rwx`; empty for PROT_NONE. @defaultValue "rw" */
  readonly prot?: string;
  readonly shared?: boolean;
  readonly file?: AddressSpace;
  readonly pgoff?: number;
  /** Further VM_* bits. */
  readonly flags?: number;
}

/** One world and its first process. Page arguments are relative to BASE. */
export class SmallWorld {
  readonly world: World;
  readonly task: TaskStruct;
  /** Events of every watched process, in order. */
  readonly events: string[] = [];

  constructor(spec: WorldSpec = {}) {
    this.world = new World(spec);
    this.task = this.world.createTask(0);
  }

  /** Maps pages into the first process. */
  map(nrPages: number, options: MapOptions = {}): VmAreaStruct {
    const { at = 0, prot = "rw", shared = false, file, flags = 0 } = options;
    const start = BASE + at;
    const bits =
      VM_MAYREAD |
      VM_MAYWRITE |
      (prot.includes("r") ? VM_READ : 0) |
      (prot.includes("w") ? VM_WRITE : 0) |
      (prot.includes("x") ? VM_EXEC : 0) |
      (shared ? VM_SHARED : 0);
    const pgoff = options.pgoff ?? (file === undefined ? start : 0);
    const { mm } = this.task;
    const vma = new VmAreaStruct(mm, start, start + nrPages, bits | flags, pgoff);
    if (file !== undefined) {
      vma.vmFile = file;
      file.refs++;
      file.link(vma);
    }
    mm.insertVma(vma);
    return vma;
  }

  /** Collects the notifier events of a process from now on. */
  watch(task: TaskStruct = this.task): void {
    const { mm } = task;
    mm.notifierSubscriptions ??= new MmuNotifierSubscriptions();
    const subscription = new MmuIntervalNotifier(mm, 0, 2 ** 45, (_subscription, range) => {
      const name = range.event.replace("MMU_NOTIFY_", "");
      this.events.push(`${name} ${range.start - BASE}-${range.end - BASE}`);
    });
    mm.notifierSubscriptions.insert(subscription);
  }

  /** A load: 0 or ACCESS_*. */
  read(page: number, task: TaskStruct = this.task): number {
    return cpuAccess(this.world, task, BASE + page, false);
  }

  /** A store of a token to the whole page: 0 or ACCESS_*. */
  write(page: number, token: number, task: TaskStruct = this.task): number {
    const access = cpuAccess(this.world, task, BASE + page, true);
    if (access === 0) writePageContent(this.world, task.mm, BASE + page, token);
    return access;
  }

  /** The token of a page that is present. */
  content(page: number, task: TaskStruct = this.task): number {
    return readPageContent(this.world, task.mm, BASE + page);
  }

  /** A child of a process. */
  fork(task: TaskStruct = this.task): TaskStruct {
    const child = runToCompletion(sysFork(this.world, task));
    if (typeof child === "number") throw new Error(`fork failed: ${child}`);
    return child;
  }

  /** Ends a process. */
  exit(task: TaskStruct): void {
    runToCompletion(sysExit(this.world, task));
  }

  /** The frame a leaf over the page names; the block's head for a PMD leaf. */
  pfn(page: number, task: TaskStruct = this.task): number {
    const { pageTable } = task.mm;
    const isTable = leafKind(pageTable.slotBits(BASE + page)) === LEAF_TABLE;
    return isTable ? pageTable.val(BASE + page) : pageTable.slotVal(BASE + page);
  }

  /** The leaf over a page in words, for example `P(w,ax)`, `Z`, `HD(r)` or `N`. */
  leaf(page: number, task: TaskStruct = this.task): string {
    const { pageTable } = task.mm;
    const slot = pageTable.slotBits(BASE + page);
    if (leafKind(slot) === LEAF_NONE) return "empty";
    if (leafKind(slot) === LEAF_TABLE)
      return this.#describe(pageTable.bits(BASE + page), page, task);
    return `H${this.#describe(slot, page, task)}`.replace(/^HP/, "H");
  }

  #describe(bits: number, page: number, task: TaskStruct): string {
    const pfn = this.pfn(page, task);
    const right = (bits & LEAF_WRITE) === 0 ? "r" : "w";
    const wp = (bits & LEAF_UFFD_WP) === 0 ? "" : "+wp";
    switch (leafKind(bits)) {
      case LEAF_NONE:
        return "N";
      case LEAF_PRESENT:
        return this.#present(bits, pfn) + wp;
      case LEAF_SWAP:
        return `S${(bits & LEAF_EXCLUSIVE) === 0 ? "" : "(ax)"}`;
      case LEAF_MIGRATION:
        return `M(${right})`;
      case LEAF_DEVICE_PRIVATE:
        return `D(${right})${wp}`;
      case LEAF_DEVICE_EXCLUSIVE:
        return "X";
      case LEAF_MARKER:
        return `K${pfn}`;
      default:
        return "?";
    }
  }

  #present(bits: number, pfn: number): string {
    const { frames, zeroPfn, hugeZeroPfn } = this.world;
    if (pfn === zeroPfn || pfn === hugeZeroPfn) return "Z";
    const right = (bits & LEAF_WRITE) === 0 ? "r" : "w";
    const hint = (bits & LEAF_PROTNONE) === 0 ? "" : "N";
    if ((frames.flags(frames.head(pfn)) & FRAME_ANON) === 0) return `F(${right})`;
    return `P${hint}(${right}${frames.isAnonExclusive(pfn) ? ",ax" : ""})`;
  }
}
