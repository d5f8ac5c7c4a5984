// What the tables with structures have in common: a list of structures, each with its type and
// length in front. Types that are not known are kept as bytes.
import { checkArgument } from "@faultline/core";
import { type Diagnostic, diagnosticAtBytes } from "@faultline/diagnostics";
import { type Field, type Fields, firstReservedByte, readFields } from "./byte-fields.ts";
import { type ValuesOf, writeFields } from "./byte-fields.ts";
import { HEADER_BYTES, type OpenTable } from "./table-header.ts";

/** How a table marks its structures. */
export interface StructureFormat {
  /** Where the first structure starts. */
  readonly start: number;
  readonly type: Field<number>;
  readonly length: Field<number>;
  /** Bytes that type and length occupy, reserved bytes between them included. */
  readonly prefixBytes: number;
}

/** A kind of structure; `size` is that of its fixed part. */
export interface StructureKind<F extends Fields> {
  readonly type: number;
  readonly size: number;
  /** What the specification calls it. */
  readonly title: string;
  readonly fields: F;
}

/** A structure of a type that is not known, or whose length is not that of its type. */
export interface OtherStructure {
  readonly kind: "other";
  readonly type: number;
  /** The whole structure. */
  readonly bytes: readonly number[];
}

/** One structure of a table, not yet read. */
export interface RawStructure {
  readonly type: number;
  readonly start: number;
  readonly end: number;
}

/** Names a problem at bytes of the table. */
export type ReportBytes = (
  start: number,
  end: number,
  message: string,
  severity?: "error" | "warning",
) => void;

/** A function that reports problems of one table. */
export function reporter(file: string, add: (diagnostic: Diagnostic) => void): ReportBytes {
  return (start, end, message, severity = "error") =>
    add(diagnosticAtBytes(file, start, end, "E_ACPI_TABLE", message, { severity }));
}

/** The structures of a table; where lengths stop making sense, the list ends with an error. */
export function walkStructures(
  { view, signature }: OpenTable,
  format: StructureFormat,
  report: ReportBytes,
): RawStructure[] {
  const found: RawStructure[] = [];
  const end = view.byteLength;
  if (end < format.start) {
    report(
      HEADER_BYTES,
      end,
      `${signature}: ${end} bytes, its first structure starts at ${format.start}`,
    );
    return [];
  }
  for (let at = format.start; at < end; ) {
    if (end - at < format.prefixBytes) {
      report(at, end, `${end - at} bytes left over, too few for a structure`);
      break;
    }
    const type = format.type.read(view, at);
    const length = format.length.read(view, at);
    if (length < format.prefixBytes || length > end - at) {
      const room = `${end - at} bytes are left in the table`;
      report(at, end, `structure of type ${type}: its length is ${length}, ${room}`);
      break;
    }
    found.push({ type, start: at, end: at + length });
    at += length;
  }
  return found;
}

/**
 * Reads the fixed part of a structure.
 * @returns null, and an error, when the structure is shorter than that.
 */
export function readStructure<F extends Fields>(
  view: DataView,
  kind: StructureKind<F>,
  raw: RawStructure,
  prefixBytes: number,
  report: ReportBytes,
): ValuesOf<F> | null {
  const { start, end } = raw;
  if (end - start < kind.size) {
    report(start, end, `${kind.title}: its length is ${end - start}, it needs ${kind.size}`);
    return null;
  }
  const reserved = firstReservedByte(kind.fields, view, start, [prefixBytes, kind.size]);
  if (reserved !== null) {
    const at = start + reserved;
    report(at, at + 1, `${kind.title}: the reserved byte ${reserved} is not 0`, "warning");
  }
  return readFields(kind.fields, view, start);
}

/** A structure as it is. */
export function otherStructure(view: DataView, { type, start, end }: RawStructure): OtherStructure {
  const bytes = Array.from({ length: end - start }, (_, at) => view.getUint8(start + at));
  return { kind: "other", type, bytes };
}

/** The bytes of a structure with a fixed part and room for `extraBytes` after it. */
export function writeStructure<F extends Fields>(
  format: StructureFormat,
  kind: StructureKind<F>,
  values: ValuesOf<F>,
  extraBytes = 0,
): { readonly bytes: Uint8Array; readonly view: DataView } {
  const bytes = new Uint8Array(kind.size + extraBytes);
  const view = new DataView(bytes.buffer);
  format.type.write(view, 0, kind.type, "type");
  format.length.write(view, 0, bytes.length, "length");
  writeFields(kind.fields, view, 0, values);
  return { bytes, view };
}

/** The bytes of a structure that was kept as it is. */
export function writeOther(format: StructureFormat, other: OtherStructure): Uint8Array {
  const bytes = Uint8Array.from(other.bytes);
  const isWhole = bytes.length >= format.prefixBytes;
  checkArgument(isWhole, "bytes", `${bytes.length} bytes are no whole structure`);
  const view = new DataView(bytes.buffer);
  const isTrue = format.type.read(view, 0) === other.type;
  const fits = format.length.read(view, 0) === bytes.length;
  checkArgument(isTrue && fits, "bytes", "type and length in them are not those of the structure");
  return bytes;
}

/** Pieces one after the other. */
export function joinBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
