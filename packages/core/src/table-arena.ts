// Storage of all page tables of a world: fixed-size tables of (byte, 32-bit) entries in chunks, 5
// bytes an entry. The same arena serves CPU page tables, device page tables and page caches.
// Chunks are copied on the first write after a checkpoint.
import { invariant } from "./invariant-error.ts";

const CHUNK_ENTRIES_SHIFT = 13;
/** Bytes of one entry: a byte and a 32-bit value. */
const ENTRY_BYTES = 5;

/** One chunk of tables. */
export interface TableChunk {
  epoch: number;
  readonly bits: Uint8Array;
  /** `bits` four at a time, for loops over whole tables. */
  readonly bitWords: Uint32Array;
  readonly val: Uint32Array;
}

/** Allocates tables of `2^tableShift` entries, named by positive numbers. */
export class TableArena {
  readonly tableShift: number;
  /** Entries of one table. */
  readonly nrEntries: number;
  /** Moves on with each checkpoint; older chunks are copied before they are written. */
  epoch = 1;
  chunks: TableChunk[] = [];
  nrTables = 0;
  private readonly chunkShift: number;
  private readonly chunkMask: number;
  private readonly freeTables: number[] = [];
  private next = 1;

  constructor(tableShift: number) {
    this.tableShift = tableShift;
    this.nrEntries = 1 << tableShift;
    this.chunkShift = Math.max(0, CHUNK_ENTRIES_SHIFT - tableShift);
    this.chunkMask = (1 << this.chunkShift) - 1;
  }

  /** Takes a table whose entries are all LEAF_NONE. */
  alloc(): number {
    this.nrTables++;
    const table = this.freeTables.pop() ?? this.next++;
    while (table >>> this.chunkShift >= this.chunks.length) {
      this.chunks.push(this.chunkOver(new ArrayBuffer(this.chunkEntries * ENTRY_BYTES)));
    }
    return table;
  }

  /** Clears a table and gives it back. */
  free(table: number): void {
    const chunk = this.ownChunkOf(table);
    const base = this.baseOf(table);
    chunk.bits.fill(0, base, base + this.nrEntries);
    chunk.val.fill(0, base, base + this.nrEntries);
    this.freeTables.push(table);
    this.nrTables--;
  }

  /** Index of the table's entry 0 inside its chunk's columns. */
  baseOf(table: number): number {
    return (table & this.chunkMask) << this.tableShift;
  }

  /** The chunk of a table, for reading. */
  chunkOf(table: number): TableChunk {
    const chunk = this.chunks[table >>> this.chunkShift];
    if (chunk === undefined) invariant(false, `no page table ${table}`);
    return chunk;
  }

  /** The chunk of a table, for writing. */
  ownChunkOf(table: number): TableChunk {
    const index = table >>> this.chunkShift;
    const chunk = this.chunks[index];
    if (chunk === undefined) invariant(false, `no page table ${table}`);
    if (chunk.epoch === this.epoch) return chunk;
    const copy = this.chunkOver(chunk.val.buffer.slice(0) as ArrayBuffer);
    this.chunks[index] = copy;
    return copy;
  }

  bits(table: number, index: number): number {
    return this.chunkOf(table).bits[this.baseOf(table) + index] as number;
  }

  val(table: number, index: number): number {
    return this.chunkOf(table).val[this.baseOf(table) + index] as number;
  }

  /** Writes one entry. */
  set(table: number, index: number, bits: number, val: number): void {
    const chunk = this.ownChunkOf(table);
    const i = this.baseOf(table) + index;
    chunk.bits[i] = bits;
    chunk.val[i] = val;
  }

  /** Changes the byte of one entry and keeps its value. */
  setBits(table: number, index: number, bits: number): void {
    this.ownChunkOf(table).bits[this.baseOf(table) + index] = bits;
  }

  /** True when every entry of the table is LEAF_NONE. */
  isEmpty(table: number): boolean {
    const { bits } = this.chunkOf(table);
    const base = this.baseOf(table);
    for (let i = base; i < base + this.nrEntries; i++) if (bits[i] !== 0) return false;
    return true;
  }

  /** Bytes held by all chunks. */
  sizeBytes(): number {
    return this.chunks.length * this.chunkEntries * ENTRY_BYTES;
  }

  private get chunkEntries(): number {
    return this.nrEntries << this.chunkShift;
  }

  /** A chunk whose two columns share one buffer. */
  private chunkOver(buffer: ArrayBuffer): TableChunk {
    const entries = this.chunkEntries;
    return {
      epoch: this.epoch,
      val: new Uint32Array(buffer, 0, entries),
      bits: new Uint8Array(buffer, 4 * entries, entries),
      bitWords: new Uint32Array(buffer, 4 * entries, entries / 4),
    };
  }
}
