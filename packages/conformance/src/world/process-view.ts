// The visible state of one process, written into buffers that are reused from dump to dump.

import {
  LEAF_KIND_MASK,
  LEAF_NONE,
  LEAF_TABLE,
  VM_EXEC,
  VM_HUGETLB,
  VM_READ,
  VM_SHARED,
  VM_WRITE,
  type World,
} from "@faultline/core";
import { dmirrorSnapshot } from "@faultline/stacks";
import { CASE_SHOWS_UFFD_WP, type ConformanceCase } from "../case.ts";
import type { ProcessView } from "../kernel-under-test.ts";
import type { VmaView } from "../record.ts";
import { WINDOW_START } from "./case-machine.ts";
import type { CaseProcess } from "./case-process.ts";
import {
  backingOf,
  folioLetter,
  LETTER_HEAD,
  LETTER_NONE,
  nodeLetter,
  pagemapLetter,
  uffdWpLetter,
} from "./page-letters.ts";

type Letter = (world: World, bits: number, value: number) => number;

/** Buffers for the dumps of one process. */
export class ProcessViewer {
  private readonly world: World;
  private readonly process: CaseProcess;
  private readonly windowPages: number;
  private readonly showsThp: boolean;
  private readonly showsNodes: boolean;
  private readonly showsUffdWp: boolean;
  private readonly letters: Uint8Array;
  private readonly backing: Int32Array;
  private readonly entryBits: Uint8Array;
  private readonly entryValues: Uint32Array;
  private readonly isHuge: Uint8Array;
  private readonly snapshots: Uint8Array[] = [];

  constructor(world: World, process: CaseProcess, conformanceCase: ConformanceCase) {
    const { windowPages, thp, numa, options } = conformanceCase;
    this.world = world;
    this.process = process;
    this.windowPages = windowPages;
    this.showsThp = thp;
    this.showsNodes = numa;
    this.showsUffdWp = (options & CASE_SHOWS_UFFD_WP) !== 0;
    this.letters = new Uint8Array(windowPages);
    this.backing = new Int32Array(windowPages);
    this.entryBits = new Uint8Array(windowPages);
    this.entryValues = new Uint32Array(windowPages);
    this.isHuge = new Uint8Array(windowPages);
  }

  /** The present state; good until the next call. */
  view(): ProcessView {
    this.readEntries();
    const { world, entryBits, entryValues, backing } = this;
    for (let i = 0; i < this.windowPages; i++) {
      backing[i] = backingOf(world, entryBits[i] as number, entryValues[i] as number);
    }
    return {
      v: this.mappings(),
      pm: this.pagemap(),
      c: backing,
      ...(this.showsThp ? { k: this.lettersOf(folioLetter), h: this.hugeLetters() } : {}),
      ...(this.showsNodes ? { n: this.lettersOf(nodeLetter) } : {}),
      ...(this.showsUffdWp
        ? { u: this.lettersOf((_world, bits, value) => uffdWpLetter(bits, value)) }
        : {}),
      snapshots: this.process.deviceFilesByNumber().map((file, device) => {
        if (file === null) return null;
        const bytes = (this.snapshots[device] ??= new Uint8Array(this.windowPages));
        dmirrorSnapshot(world, this.process.task, file, WINDOW_START, this.windowPages, bytes);
        return bytes;
      }),
    };
  }

  /** Flattens the page tables of the window: a huge leaf becomes one entry per page. */
  private readEntries(): void {
    const { pageTable } = this.process.task.mm;
    const { entryBits, entryValues, isHuge, windowPages, world } = this;
    entryBits.fill(LEAF_NONE);
    entryValues.fill(0);
    isHuge.fill(0);
    for (let first = 0; first < windowPages; first += pageTable.blockPages) {
      const page = WINDOW_START + first;
      const bits = pageTable.slotBits(page);
      const nrPages = Math.min(pageTable.blockPages, windowPages - first);
      if (bits === LEAF_NONE) {
        // The scan that tells huge mappings counts an empty hugetlb entry too, once it has a table.
        const vma = pageTable.hasPmdTable(page) ? this.process.task.mm.vmaAt(page) : null;
        if (vma?.has(VM_HUGETLB) === true) isHuge.fill(1, first, first + nrPages);
        continue;
      }
      const value = pageTable.slotVal(page);
      if ((bits & LEAF_KIND_MASK) === LEAF_TABLE) {
        const chunk = world.tables.chunkOf(value);
        const base = world.tables.baseOf(value);
        entryBits.set(chunk.bits.subarray(base, base + nrPages), first);
        entryValues.set(chunk.val.subarray(base, base + nrPages), first);
        continue;
      }
      entryBits.fill(bits, first, first + nrPages);
      isHuge.fill(1, first, first + nrPages);
      for (let i = 0; i < nrPages; i++) entryValues[first + i] = value + i;
    }
  }

  private lettersOf(letter: Letter): string {
    const { world, letters, entryBits, entryValues } = this;
    for (let i = 0; i < this.windowPages; i++) {
      letters[i] = letter(world, entryBits[i] as number, entryValues[i] as number);
    }
    return textOf(letters);
  }

  /** A huge leaf is judged by its head alone, and its letter given to every page. */
  private pagemap(): string {
    const { world, letters, entryBits, entryValues, isHuge } = this;
    const { blockPages } = world;
    for (let i = 0; i < this.windowPages; i++) {
      const isInsideLeaf = isHuge[i] === 1 && i % blockPages !== 0;
      letters[i] = isInsideLeaf
        ? (letters[i - 1] as number)
        : pagemapLetter(world, entryBits[i] as number, entryValues[i] as number);
    }
    return textOf(letters);
  }

  private hugeLetters(): string {
    const { letters, isHuge } = this;
    for (let i = 0; i < letters.length; i++) letters[i] = isHuge[i] ? LETTER_HEAD : LETTER_NONE;
    return textOf(letters);
  }

  private mappings(): VmaView[] {
    const { mm } = this.process.task;
    return mm.vmasIn(WINDOW_START, WINDOW_START + this.windowPages).map((vma) => {
      const { vmFlags } = vma;
      const access =
        ((vmFlags & VM_READ) !== 0 ? "r" : "-") +
        ((vmFlags & VM_WRITE) !== 0 ? "w" : "-") +
        ((vmFlags & VM_EXEC) !== 0 ? "x" : "-");
      const sharing = (vmFlags & VM_SHARED) !== 0 ? "s" : "p";
      return [vma.vmStart - WINDOW_START, vma.nrPages, access + sharing];
    });
  }
}

const decoder = new TextDecoder("latin1");

function textOf(letters: Uint8Array): string {
  return decoder.decode(letters);
}
