// A run in 64 bits: two runs with the same digest had the same faults, at the same times, with the
// same stages and waits. For tests that nothing changed, and that two machines agree.
import { NR_ACTIVITIES } from "./activities.ts";
import type { FaultChunk, FaultRecords } from "./fault-records.ts";
import { Hash128 } from "./hash128.ts";

/** Hashes chunk after chunk; `add` can be the sink of a streamed run. */
export class RecordDigest {
  private readonly hash = new Hash128();

  /** Adds a chunk: its length, its columns in order, then each column of times that has any. */
  add(chunk: FaultChunk): void {
    const { hash } = this;
    const { nrRows, timePs, latencyPs, page, process, device, access } = chunk;
    hash.addNumber(nrRows);
    for (const column of [timePs, latencyPs, page, process, device, access]) {
      hash.addNumbers(column, nrRows);
    }
    this.addTimes(chunk.spentPs, chunk.spentMask, nrRows, 0);
    this.addTimes(chunk.besidePs, chunk.besideMask, nrRows, NR_ACTIVITIES);
  }

  /** 16 hexadecimal digits. */
  hex(): string {
    return this.hash.hex64();
  }

  private addTimes(
    columns: readonly Float64Array[],
    mask: number,
    nrRows: number,
    base: number,
  ): void {
    columns.forEach((column, activity) => {
      if ((mask & (1 << activity)) === 0 || !hasAny(column, nrRows)) return;
      this.hash.addNumber(base + activity);
      this.hash.addNumbers(column, nrRows);
    });
  }
}

/** The digest of a run whose chunks were kept. */
export function digestOfRecords(records: FaultRecords): string {
  const digest = new RecordDigest();
  for (const chunk of records.chunks) if (chunk.nrRows > 0) digest.add(chunk);
  return digest.hex();
}

function hasAny(column: Float64Array, nrRows: number): boolean {
  for (let row = 0; row < nrRows; row++) if (column[row] !== 0) return true;
  return false;
}
