// The CXL Early Discovery Table: host bridges and the windows of host memory behind them
// (CXL 3.1, 9.18).
import type { Diagnostic } from "@faultline/diagnostics";
import { u16, u32, u64, u8 } from "./byte-fields.ts";
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

const CEDT_KINDS = {
  bridge: {
    type: 0,
    size: 32,
    title: "CXL host bridge structure",
    fields: { uid: u32(4), cxlVersion: u32(8), base: u64(16), length: u64(24) },
  },
  window: {
    type: 1,
    size: 36,
    title: "CXL fixed memory window structure",
    fields: {
      base: u64(8),
      sizeBytes: u64(16),
      encodedWays: u8(24),
      arithmetic: u8(25),
      encodedGranularity: u32(28),
      restrictions: u16(32),
      qtgId: u16(34),
    },
  },
} as const;

/** A CXL host bridge (CHBS). */
export interface CedtBridge {
  readonly kind: "bridge";
  /** The `_UID` of the bridge. */
  readonly uid: number;
  /** 0 for CXL 1.1, 1 for CXL 2.0. */
  readonly cxlVersion: number;
  /** Where its registers are, in bytes. */
  readonly base: bigint;
  readonly length: bigint;
}

/** A window of host physical addresses that leads to CXL memory (CFMWS). */
export interface CedtWindow {
  readonly kind: "window";
  /** UIDs of host bridges, or of what else is interleaved over. */
  readonly targets: readonly number[];
  /** The first physical address. */
  readonly base: bigint;
  readonly sizeBytes: bigint;
  /** How many targets there are, encoded: 0 to 4 are 1 to 16, 8 to 10 are 3, 6 and 12. */
  readonly encodedWays: number;
  /** 0 modulo, 1 modulo and XOR. */
  readonly arithmetic: number;
  /** Bytes that follow each other on one target: 256 shifted left by this. */
  readonly encodedGranularity: number;
  readonly restrictions: number;
  readonly qtgId: number;
}

/** One structure of the table. */
export type CedtStructure = CedtBridge | CedtWindow | OtherStructure;

/** The table. */
export interface Cedt {
  readonly header: TableHeader;
  readonly structures: readonly CedtStructure[];
}

const format: StructureFormat = {
  start: HEADER_BYTES,
  type: u8(0),
  length: u16(2),
  prefixBytes: 4,
};

/** The bytes of a table, with its length and checksum. */
export function writeCedt({ header, structures }: Cedt): Uint8Array {
  return sealTable("CEDT", header, joinBytes(structures.map(write)));
}

/** Reads a table; what is wrong with it goes to `add`, and what can be read is read. */
export function readCedt(table: OpenTable, add: (diagnostic: Diagnostic) => void): Cedt {
  const report = reporter(table.file, add);
  const structures = walkStructures(table, format, report).map(
    (raw) => read(table.view, raw, report) ?? otherStructure(table.view, raw),
  );
  return { header: table.header, structures };
}

function read(view: DataView, raw: RawStructure, report: ReportBytes): CedtStructure | null {
  const { type, start, end } = raw;
  if (type === CEDT_KINDS.bridge.type) {
    const values = readStructure(view, CEDT_KINDS.bridge, raw, format.prefixBytes, report);
    return values === null ? null : { kind: "bridge", ...values };
  }
  if (type !== CEDT_KINDS.window.type) {
    report(start, end, `CEDT: structure of unknown type ${type}`, "warning");
    return null;
  }
  const kind = CEDT_KINDS.window;
  const values = readStructure(view, kind, raw, format.prefixBytes, report);
  if (values === null) return null;
  const bytes = end - start - kind.size;
  if (bytes % 4 !== 0) {
    report(start, end, `${kind.title}: ${bytes} bytes of targets are no whole number of them`);
    return null;
  }
  const targets = Array.from({ length: bytes / 4 }, (_, at) =>
    u32(kind.size + 4 * at).read(view, start),
  );
  return { kind: "window", ...values, targets };
}

function write(structure: CedtStructure): Uint8Array {
  if (structure.kind === "other") return writeOther(format, structure);
  if (structure.kind === "bridge") {
    return writeStructure(format, CEDT_KINDS.bridge, structure).bytes;
  }
  const { targets } = structure;
  const kind = CEDT_KINDS.window;
  const { bytes, view } = writeStructure(format, kind, structure, 4 * targets.length);
  targets.forEach((uid, at) => u32(kind.size + 4 * at).write(view, 0, uid, "targets"));
  return bytes;
}
