// The Heterogeneous Memory Attribute Table: who is next to which memory, how fast it is, and which
// caches lie in front of it (ACPI 6.5, 5.2.28).
import { checkArgument } from "@faultline/core";
import type { Diagnostic } from "@faultline/diagnostics";
import { u16, u32, u64, u8, type ValuesOf } from "./byte-fields.ts";
import {
  joinBytes,
  type OtherStructure,
  otherStructure,
  type RawStructure,
  readStructure,
  type ReportBytes,
  reporter,
  type StructureFormat,
  walkStructures,
  writeOther,
  writeStructure,
} from "./structures.ts";
import { HEADER_BYTES, type OpenTable, sealTable, type TableHeader } from "./table-header.ts";

/** The attached initiator of a proximity structure is valid. */
export const HMAT_INITIATOR_VALID = 1;

/** What the entries of a latency and bandwidth structure are, by their code. */
export const HMAT_DATA_TYPES = [
  "access-latency",
  "read-latency",
  "write-latency",
  "access-bandwidth",
  "read-bandwidth",
  "write-bandwidth",
] as const;

/** One of {@link HMAT_DATA_TYPES}. */
export type HmatDataType = (typeof HMAT_DATA_TYPES)[number];

const HMAT_KINDS = {
  proximity: {
    type: 0,
    size: 40,
    title: "memory proximity domain attributes",
    fields: {
      flags: u16(8),
      initiator: u32(12),
      memory: u32(16),
      /** Revision 1 only; later ones have zeros here. */
      rangeBase: u64(24),
      rangeLength: u64(32),
    },
  },
  matrix: {
    type: 1,
    size: 32,
    title: "latency and bandwidth",
    fields: {
      flags: u8(8),
      dataType: u8(9),
      minTransferBytes: u8(10),
      nrInitiators: u32(12),
      nrTargets: u32(16),
      baseUnit: u64(24),
    },
  },
  cache: {
    type: 2,
    size: 32,
    title: "memory side cache",
    fields: {
      memory: u32(8),
      addressMode: u32(12),
      sizeBytes: u64(16),
      attributes: u32(24),
      nrSmbiosHandles: u16(30),
    },
  },
} as const;

/** Which initiator memory is attached to. */
export interface HmatProximity {
  readonly kind: "proximity";
  /** Bit 0: `initiator` is valid. */
  readonly flags: number;
  /** Proximity domains. */
  readonly initiator: number;
  readonly memory: number;
  /** Revision 1 only, in bytes; later ones have zeros here. */
  readonly rangeBase: bigint;
  readonly rangeLength: bigint;
}

/** A matrix of latencies or bandwidths, one row for each initiator. */
export interface HmatMatrix {
  readonly kind: "matrix";
  /** Bits 3:0 say what the numbers are about: 0 memory, 1 to 3 a cache level. */
  readonly flags: number;
  /** An index of {@link HMAT_DATA_TYPES}. */
  readonly dataType: number;
  readonly minTransferBytes: number;
  /** Picoseconds in revision 2, MB/s for bandwidths. */
  readonly baseUnit: bigint;
  /** Proximity domains. */
  readonly initiators: readonly number[];
  readonly targets: readonly number[];
  /** In base units; 0 says nothing, 0xffff that the target cannot be reached. */
  readonly entries: readonly (readonly number[])[];
}

/** A cache in front of memory. */
export interface HmatCache {
  readonly kind: "cache";
  readonly memory: number;
  readonly addressMode: number;
  readonly sizeBytes: bigint;
  /** Packed: see {@link unpackCacheAttributes}. */
  readonly attributes: number;
  readonly smbiosHandles: readonly number[];
}

/** One structure of the table. */
export type HmatStructure = HmatProximity | HmatMatrix | HmatCache | OtherStructure;

/** The table. */
export interface Hmat {
  readonly header: TableHeader;
  readonly structures: readonly HmatStructure[];
}

/** The parts of the attributes of a cache. */
export interface CacheAttributes {
  readonly nrLevels: number;
  readonly level: number;
  /** 0 none, 1 direct, 2 complex. */
  readonly associativity: number;
  /** 0 none, 1 write-back, 2 write-through. */
  readonly policy: number;
  readonly lineBytes: number;
}

/** Takes the attributes of a cache apart. */
export function unpackCacheAttributes(attributes: number): CacheAttributes {
  const bits = (shift: number): number => (attributes >>> shift) & 0xf;
  const [nrLevels, level, associativity, policy] = [bits(0), bits(4), bits(8), bits(12)];
  return { nrLevels, level, associativity, policy, lineBytes: attributes >>> 16 };
}

/** Puts the attributes of a cache together. */
export function packCacheAttributes(parts: CacheAttributes): number {
  const { nrLevels, level, associativity, policy, lineBytes } = parts;
  return nrLevels + level * 0x10 + associativity * 0x100 + policy * 0x1000 + lineBytes * 0x10000;
}

const format: StructureFormat = {
  start: HEADER_BYTES + 4,
  type: u16(0),
  length: u32(4),
  prefixBytes: 8,
};

/** The bytes of a table, with its length and checksum. */
export function writeHmat({ header, structures }: Hmat): Uint8Array {
  const body = joinBytes([new Uint8Array(4), ...structures.map(write)]);
  return sealTable("HMAT", header, body);
}

/** Reads a table; what is wrong with it goes to `add`, and what can be read is read. */
export function readHmat(table: OpenTable, add: (diagnostic: Diagnostic) => void): Hmat {
  const report = reporter(table.file, add);
  const structures = walkStructures(table, format, report).map(
    (raw) => read(table.view, raw, report) ?? otherStructure(table.view, raw),
  );
  return { header: table.header, structures };
}

function read(view: DataView, raw: RawStructure, report: ReportBytes): HmatStructure | null {
  const { start, end, type } = raw;
  if (type === HMAT_KINDS.proximity.type) {
    const kind = HMAT_KINDS.proximity;
    const values = readStructure(view, kind, raw, format.prefixBytes, report);
    return values && hasLength(raw, kind.size, report) ? { kind: "proximity", ...values } : null;
  }
  if (type === HMAT_KINDS.matrix.type) {
    const values = readStructure(view, HMAT_KINDS.matrix, raw, format.prefixBytes, report);
    return values && readMatrix(view, raw, values, report);
  }
  if (type === HMAT_KINDS.cache.type) {
    const values = readStructure(view, HMAT_KINDS.cache, raw, format.prefixBytes, report);
    if (values === null) return null;
    const { nrSmbiosHandles, ...rest } = values;
    if (!hasLength(raw, HMAT_KINDS.cache.size + 2 * nrSmbiosHandles, report)) return null;
    const smbiosHandles = numbers(u16, view, start + HMAT_KINDS.cache.size, 2, nrSmbiosHandles);
    return { kind: "cache", ...rest, smbiosHandles };
  }
  report(start, end, `HMAT: structure of unknown type ${type}`, "warning");
  return null;
}

function readMatrix(
  view: DataView,
  raw: RawStructure,
  values: ValuesOf<typeof HMAT_KINDS.matrix.fields>,
  report: ReportBytes,
): HmatMatrix | null {
  const { nrInitiators, nrTargets, ...rest } = values;
  const { size } = HMAT_KINDS.matrix;
  const bytes = size + 4 * (nrInitiators + nrTargets) + 2 * nrInitiators * nrTargets;
  if (!hasLength(raw, bytes, report)) return null;
  const initiatorsAt = raw.start + size;
  const targetsAt = initiatorsAt + 4 * nrInitiators;
  const entriesAt = targetsAt + 4 * nrTargets;
  const initiators = numbers(u32, view, initiatorsAt, 4, nrInitiators);
  const targets = numbers(u32, view, targetsAt, 4, nrTargets);
  const entries = initiators.map((_, row) =>
    numbers(u16, view, entriesAt + 2 * nrTargets * row, 2, nrTargets),
  );
  return { kind: "matrix", ...rest, initiators, targets, entries };
}

function hasLength(
  { start, end, type }: RawStructure,
  wanted: number,
  report: ReportBytes,
): boolean {
  if (end - start === wanted) return true;
  const message = `HMAT: a structure of type ${type} with these counts has ${wanted} bytes`;
  report(start, end, `${message}, this one ${end - start}`);
  return false;
}

function numbers(
  field: (offset: number) => ReturnType<typeof u32>,
  view: DataView,
  start: number,
  stride: number,
  count: number,
): number[] {
  return Array.from({ length: count }, (_, at) => field(start + stride * at).read(view, 0));
}

function write(structure: HmatStructure): Uint8Array {
  if (structure.kind === "other") return writeOther(format, structure);
  if (structure.kind === "proximity") {
    return writeStructure(format, HMAT_KINDS.proximity, structure).bytes;
  }
  if (structure.kind === "cache") {
    const nrSmbiosHandles = structure.smbiosHandles.length;
    const values = { ...structure, nrSmbiosHandles };
    const made = writeStructure(format, HMAT_KINDS.cache, values, 2 * nrSmbiosHandles);
    structure.smbiosHandles.forEach((handle, at) =>
      u16(HMAT_KINDS.cache.size + 2 * at).write(made.view, 0, handle, "smbiosHandles"),
    );
    return made.bytes;
  }
  return writeMatrix(structure);
}

function writeMatrix(structure: HmatMatrix): Uint8Array {
  const { initiators, targets, entries } = structure;
  const [nrInitiators, nrTargets] = [initiators.length, targets.length];
  const isMatrix =
    entries.length === nrInitiators && entries.every((row) => row.length === nrTargets);
  checkArgument(isMatrix, "entries", `no matrix of ${nrInitiators} rows of ${nrTargets}`);
  const extra = 4 * (nrInitiators + nrTargets) + 2 * nrInitiators * nrTargets;
  const values = { ...structure, nrInitiators, nrTargets };
  const { bytes, view } = writeStructure(format, HMAT_KINDS.matrix, values, extra);
  let at: number = HMAT_KINDS.matrix.size;
  for (const domain of [...initiators, ...targets]) {
    u32(at).write(view, 0, domain, "domain");
    at += 4;
  }
  for (const entry of entries.flat()) {
    u16(at).write(view, 0, entry, "entry");
    at += 2;
  }
  return bytes;
}
