// Collects the engine's decisions during one step; neighbouring pages of one rule become one note.
import type { MmStruct, Recorder } from "@faultline/core";
import type { PlannedMapping } from "./plan.ts";
import type { DecisionNote } from "./step-report.ts";

interface OpenNote {
  rule: string;
  mmId: number;
  page: number;
  nrPages: number;
  count: number;
}

/** Names for addresses: which process an mm belongs to, and which mapping holds a page. */
export interface AddressNames {
  processOf(mmId: number): string | null;
  mappings(): Iterable<PlannedMapping>;
}

/** `heap+3` for a page of a named mapping. */
export function placeName(names: Pick<AddressNames, "mappings">, page: number): string | null {
  for (const { name, start, nrPages } of names.mappings()) {
    if (page < start || page >= start + nrPages) continue;
    return page === start ? name : `${name}+${page - start}`;
  }
  return null;
}

/** A recorder that merges what belongs together. */
export class DecisionRecorder implements Recorder {
  private notes: OpenNote[] = [];

  note(rule: string, mmId: number, page: number, nrPages: number): void {
    for (let i = this.notes.length - 1; i >= Math.max(0, this.notes.length - 4); i--) {
      const last = this.notes[i] as OpenNote;
      if (last.rule !== rule || last.mmId !== mmId) continue;
      if (last.page + last.nrPages !== page) continue;
      last.nrPages += nrPages;
      last.count++;
      return;
    }
    this.notes.push({ rule, mmId, page, nrPages, count: 1 });
  }

  /** The notes since the last call, with names instead of numbers. */
  take(names: AddressNames): DecisionNote[] {
    const notes = this.notes.map(({ rule, mmId, page, nrPages, count }) => ({
      rule,
      process: names.processOf(mmId),
      at: mmId === 0 ? null : placeName(names, page),
      nrPages,
      count,
    }));
    this.notes = [];
    return notes;
  }
}

/** The name of the process that owns an address space. */
export function ownerOf(
  processes: Iterable<{ readonly name: string; readonly task: { readonly mm: MmStruct } }>,
  mmId: number,
): string | null {
  for (const { name, task } of processes) if (task.mm.mmId === mmId) return name;
  return null;
}
