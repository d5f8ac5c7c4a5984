// The System Resource Affinity Table: which processors, memory ranges and devices belong to which
// proximity domain (ACPI 6.5, 5.2.16).
import type { Diagnostic } from "@faultline/diagnostics";
import { type Field, type Fields, u32, u64, u8, type ValuesOf } from "./byte-fields.ts";
import { deviceHandleField } from "./device-handle.ts";
import {
  joinBytes,
  type OtherStructure,
  otherStructure,
  readStructure,
  reporter,
  type StructureFormat,
  type StructureKind,
  walkStructures,
  writeOther,
  writeStructure,
} from "./structures.ts";
import { HEADER_BYTES, type OpenTable, sealTable, type TableHeader } from "./table-header.ts";

/** The entry is in force; the flag of every kind of entry. */
export const SRAT_ENABLED = 1;
/** A memory range that may be filled later. */
export const SRAT_MEMORY_HOT_PLUGGABLE = 2;
/** Memory that keeps its contents. */
export const SRAT_MEMORY_NON_VOLATILE = 4;
/** A generic initiator whose architectural transactions are supported. */
export const SRAT_ARCHITECTURAL_TRANSACTIONS = 2;

/** The proximity domain of a local APIC entry: its lowest byte stands apart. */
const splitDomain: Field<number> = {
  covers: [
    [2, 1],
    [9, 3],
  ],
  read: (view, at) => (view.getUint8(at + 2) | (u32(8).read(view, at) & 0xff_ff_ff_00)) >>> 0,
  write: (view, at, value, name) => {
    const rest = view.getUint8(at + 8);
    u32(8).write(view, at, value, name);
    view.setUint8(at + 8, rest);
    view.setUint8(at + 2, value & 0xff);
  },
};

/** Every kind of entry that is known, by the name it has here. */
export const SRAT_KINDS = {
  "local-apic": {
    type: 0,
    size: 16,
    title: "processor local APIC affinity",
    fields: {
      proximityDomain: splitDomain,
      apicId: u8(3),
      flags: u32(4),
      sapicEid: u8(8),
      clockDomain: u32(12),
    },
  },
  memory: {
    type: 1,
    size: 40,
    title: "memory affinity",
    fields: { proximityDomain: u32(2), base: u64(8), length: u64(16), flags: u32(28) },
  },
  x2apic: {
    type: 2,
    size: 24,
    title: "processor local x2APIC affinity",
    fields: { proximityDomain: u32(4), x2apicId: u32(8), flags: u32(12), clockDomain: u32(16) },
  },
  gicc: {
    type: 3,
    size: 18,
    title: "GICC affinity",
    fields: { proximityDomain: u32(2), processorUid: u32(6), flags: u32(10), clockDomain: u32(14) },
  },
  "gic-its": {
    type: 4,
    size: 12,
    title: "GIC interrupt translation service affinity",
    fields: { proximityDomain: u32(2), itsId: u32(8) },
  },
  "generic-initiator": {
    type: 5,
    size: 32,
    title: "generic initiator affinity",
    fields: { proximityDomain: u32(4), handle: deviceHandleField, flags: u32(24) },
  },
  "generic-port": {
    type: 6,
    size: 32,
    title: "generic port affinity",
    fields: { proximityDomain: u32(4), handle: deviceHandleField, flags: u32(24) },
  },
  rintc: {
    type: 7,
    size: 20,
    title: "RINTC affinity",
    fields: {
      proximityDomain: u32(4),
      processorUid: u32(8),
      flags: u32(12),
      clockDomain: u32(16),
    },
  },
} as const;

/** The name of a kind of entry. */
export type SratKind = keyof typeof SRAT_KINDS;

/** An entry of one kind, with its fields. */
export type SratEntryOf<K extends SratKind> = {
  readonly kind: K;
} & ValuesOf<(typeof SRAT_KINDS)[K]["fields"]>;

/** One entry of the table. */
export type SratEntry = { [K in SratKind]: SratEntryOf<K> }[SratKind] | OtherStructure;

/** The table; the order of its entries decides how Linux numbers its nodes. */
export interface Srat {
  readonly header: TableHeader;
  readonly entries: readonly SratEntry[];
}

const format: StructureFormat = {
  start: HEADER_BYTES + 12,
  type: u8(0),
  length: u8(1),
  prefixBytes: 2,
};
const kindNames = Object.keys(SRAT_KINDS) as SratKind[];
const kindByType = new Map<number, SratKind>(
  kindNames.map((kind) => [SRAT_KINDS[kind].type, kind]),
);

/** The bytes of a table, with its length and checksum. */
export function writeSrat({ header, entries }: Srat): Uint8Array {
  const preamble = new Uint8Array(12);
  preamble[0] = 1;
  return sealTable("SRAT", header, joinBytes([preamble, ...entries.map(writeEntry)]));
}

/** Reads a table; what is wrong with it goes to `add`, and what can be read is read. */
export function readSrat(table: OpenTable, add: (diagnostic: Diagnostic) => void): Srat {
  const report = reporter(table.file, add);
  const { view, header } = table;
  if (view.byteLength >= format.start && u32(HEADER_BYTES).read(view, 0) !== 1) {
    report(HEADER_BYTES, HEADER_BYTES + 4, "SRAT: the word after the header is not 1", "warning");
  }
  const entries = walkStructures(table, format, report).map((raw): SratEntry => {
    const name = kindByType.get(raw.type);
    if (name === undefined) {
      report(raw.start, raw.end, `SRAT: entry of unknown type ${raw.type}`, "warning");
      return otherStructure(view, raw);
    }
    const kind: StructureKind<Fields> = SRAT_KINDS[name];
    const length = raw.end - raw.start;
    if (length > kind.size) {
      report(raw.start, raw.end, `${kind.title}: its length is ${length}, not ${kind.size}`);
      return otherStructure(view, raw);
    }
    const values = readStructure(view, kind, raw, format.prefixBytes, report);
    return values === null ? otherStructure(view, raw) : ({ kind: name, ...values } as SratEntry);
  });
  return { header, entries };
}

/** Where each entry starts in the bytes of the table. */
export function sratOffsets({ entries }: Srat): number[] {
  let at = format.start;
  return entries.map((entry) => {
    const start = at;
    at += entry.kind === "other" ? entry.bytes.length : SRAT_KINDS[entry.kind].size;
    return start;
  });
}

function writeEntry(entry: SratEntry): Uint8Array {
  if (entry.kind === "other") return writeOther(format, entry);
  const kind: StructureKind<Fields> = SRAT_KINDS[entry.kind];
  return writeStructure(format, kind, entry).bytes;
}
