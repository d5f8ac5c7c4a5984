// What every fault was and where its time went, in columns. All times of a chunk are in one typed
// array, because a store then costs an index and nothing else. Chunks are kept, or handed on and
// used again.
import { checkWholeNumber } from "@faultline/core";
import { NR_ACTIVITIES } from "./activities.ts";
import type { Breakdown } from "./breakdown.ts";

const CHUNK_SHIFT = 12;

/** Rows of a chunk. A digest covers chunk after chunk, so it holds for this size only. */
export const CHUNK_ROWS: number = 2 ** CHUNK_SHIFT;

/** Up to CHUNK_ROWS faults. Rows from `nrRows` on mean nothing. */
export interface FaultChunk {
  nrRows: number;
  /** When the fault began. */
  readonly timePs: Float64Array;
  /** The sum of the row's `spentPs`. */
  readonly latencyPs: Float64Array;
  /** Number of the first page concerned. */
  readonly page: Float64Array;
  readonly process: Uint32Array;
  readonly device: Uint16Array;
  /** ACCESS_* */
  readonly access: Uint8Array;
  /** By activity: time on the critical path. */
  readonly spentPs: readonly Float64Array[];
  /** Bit per activity of which a row may have any. */
  spentMask: number;
  /** By activity: time beside the critical path; empty while no row has any. */
  besidePs: readonly Float64Array[];
  besideMask: number;
  /** All columns of times, one after another: `spentPs` by activity, then three more. */
  readonly times: Float64Array;
}

// The columns behind those of the activities.
const TIME = NR_ACTIVITIES;
const LATENCY = NR_ACTIVITIES + 1;
const PAGE = NR_ACTIVITIES + 2;

/** What becomes of chunks. */
export interface FaultRecordsOptions {
  /**
   * Takes each full chunk, and what is left at `flush()`. The chunk is used again afterwards, so
   * memory stays bounded; copy what has to last. Without a sink all chunks are kept.
   */
  readonly sink?: (chunk: FaultChunk) => void;
}

/** The faults of one run, in the order in which they were appended. */
export class FaultRecords {
  /** Faults appended. */
  nrFaults = 0;
  /** Chunks that are kept; with a sink, the current one only. */
  readonly chunks: FaultChunk[] = [];
  private current: FaultChunk;
  private readonly sink: ((chunk: FaultChunk) => void) | null;

  constructor({ sink }: FaultRecordsOptions = {}) {
    this.sink = sink ?? null;
    this.current = createChunk();
    this.chunks.push(this.current);
  }

  /** Adds a fault. `device` is below 2^16, `process` below 2^32. */
  append(
    timePs: number,
    device: number,
    process: number,
    page: number,
    access: number,
    breakdown: Breakdown,
  ): void {
    if (this.current.nrRows === CHUNK_ROWS) this.nextChunk();
    const chunk = this.current;
    const row = chunk.nrRows++;
    this.nrFaults++;
    chunk.process[row] = process;
    chunk.device[row] = device;
    chunk.access[row] = access;
    const { times } = chunk;
    const { spentPs, spentMask } = breakdown;
    let latencyPs = 0;
    for (let rest = spentMask; rest !== 0; rest &= rest - 1) {
      const activity = 31 - Math.clz32(rest & -rest);
      const ps = spentPs[activity] as number;
      latencyPs += ps;
      times[(activity << CHUNK_SHIFT) + row] = ps;
    }
    chunk.spentMask |= spentMask;
    times[(TIME << CHUNK_SHIFT) + row] = timePs;
    times[(LATENCY << CHUNK_SHIFT) + row] = latencyPs;
    times[(PAGE << CHUNK_SHIFT) + row] = page;
    if (breakdown.besideMask !== 0) appendBeside(chunk, row, breakdown);
  }

  /** Gives the sink what is left, at the end of a run; does nothing without a sink. */
  flush(): void {
    if (this.sink === null || this.current.nrRows === 0) return;
    this.sink(this.current);
    clearChunk(this.current);
  }

  /** The place of a fault, 0 the first; only of chunks that are kept. */
  locate(fault: number): { readonly chunk: FaultChunk; readonly row: number } {
    checkWholeNumber(fault, "fault", 0, this.nrFaults - 1);
    const chunk = this.chunks[Math.floor(fault / CHUNK_ROWS)] as FaultChunk;
    return { chunk, row: fault % CHUNK_ROWS };
  }

  private nextChunk(): void {
    if (this.sink !== null) {
      this.flush();
      return;
    }
    this.current = createChunk();
    this.chunks.push(this.current);
  }
}

function appendBeside(chunk: FaultChunk, row: number, { besidePs, besideMask }: Breakdown): void {
  if (chunk.besidePs.length === 0) chunk.besidePs = columns(NR_ACTIVITIES).views;
  for (let rest = besideMask; rest !== 0; rest &= rest - 1) {
    const activity = 31 - Math.clz32(rest & -rest);
    (chunk.besidePs[activity] as Float64Array)[row] = besidePs[activity] as number;
  }
  chunk.besideMask |= besideMask;
}

function createChunk(): FaultChunk {
  const { all, views } = columns(NR_ACTIVITIES + 3);
  return {
    nrRows: 0,
    timePs: views[TIME] as Float64Array,
    latencyPs: views[LATENCY] as Float64Array,
    page: views[PAGE] as Float64Array,
    process: new Uint32Array(CHUNK_ROWS),
    device: new Uint16Array(CHUNK_ROWS),
    access: new Uint8Array(CHUNK_ROWS),
    spentPs: views.slice(0, NR_ACTIVITIES),
    spentMask: 0,
    besidePs: [],
    besideMask: 0,
    times: all,
  };
}

function columns(nrColumns: number): { all: Float64Array; views: Float64Array[] } {
  const all = new Float64Array(nrColumns * CHUNK_ROWS);
  const views = Array.from({ length: nrColumns }, (_, i) => {
    return all.subarray(i * CHUNK_ROWS, (i + 1) * CHUNK_ROWS);
  });
  return { all, views };
}

// Rows write only the columns that they need, so what was written has to be zero again.
function clearChunk(chunk: FaultChunk): void {
  chunk.nrRows = 0;
  clearColumns(chunk.spentPs, chunk.spentMask);
  clearColumns(chunk.besidePs, chunk.besideMask);
  chunk.spentMask = 0;
  chunk.besideMask = 0;
}

function clearColumns(all: readonly Float64Array[], mask: number): void {
  all.forEach((column, activity) => {
    if ((mask & (1 << activity)) !== 0) column.fill(0);
  });
}
