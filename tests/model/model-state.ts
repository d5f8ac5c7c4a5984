// What every process must read at every page: the slow and obvious model. It knows mappings, rights
// and values, and nothing of frames, tables, folios, devices or daemons, because none of them may
// change what a process reads.
import { enableMapSet } from "immer";

enableMapSet();

/** The value of one page, private to a process or of shared memory. */
export interface Cell {
  value: number;
  /** Values it may have instead: zero once MADV_FREE was called, both after half a device write. */
  others: number[];
}

/** One mapped page of a process. */
export interface ModelPage {
  canRead: boolean;
  canWrite: boolean;
  isHugetlb: boolean;
  isLocked: boolean;
  isLeftOutOfForks: boolean;
  isWipedInForks: boolean;
  /** Name of the shared memory and page in it; null for private memory. */
  shared: { readonly name: string; readonly index: number } | null;
  /** Unused for shared memory. */
  cell: Cell;
}

/** One process. */
export interface ModelProcess {
  readonly pages: Map<number, ModelPage>;
  /** Devices it has open. */
  readonly devices: Set<string>;
}

/** A whole machine. */
export interface Model {
  readonly blockPages: number;
  readonly processes: Map<string, ModelProcess>;
  /** Pages of shared memory by name. */
  readonly shared: Map<string, Cell[]>;
}

/** A page that reads as zero. */
export function zeroCell(): Cell {
  return { value: 0, others: [] };
}

/** The cell that a mapped page reads. */
export function cellOf(model: Model, page: ModelPage): Cell {
  if (page.shared === null) return page.cell;
  return model.shared.get(page.shared.name)?.[page.shared.index] as Cell;
}

/** Replaces what the page reads. */
export function setValue(model: Model, page: ModelPage, value: number): void {
  const cell = cellOf(model, page);
  cell.value = value;
  cell.others = [];
}

/** Whether a page may read as `value`. */
export function allows(cell: Cell, value: number): boolean {
  return cell.value === value || cell.others.includes(value);
}

/** A machine with processes that have mapped nothing. */
export function createModel(blockPages: number, names: readonly string[]): Model {
  const processes = new Map<string, ModelProcess>();
  for (const name of names) processes.set(name, { pages: new Map(), devices: new Set() });
  return { blockPages, processes, shared: new Map() };
}
