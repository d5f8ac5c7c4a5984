// The 36 bytes at the start of every ACPI table, and its checksum (ACPI 6.5, 5.2.6).
import { type Diagnostic, diagnosticAtBytes } from "@faultline/diagnostics";
import { readFields, text, u32, u8, writeFields } from "./byte-fields.ts";

const headerFields = {
  revision: u8(8),
  oemId: text(10, 6),
  oemTableId: text(16, 8),
  oemRevision: u32(24),
  creatorId: text(28, 4),
  creatorRevision: u32(32),
};

/** Who made a table; texts have their full length, with the spaces or zeros that fill them. */
export interface TableHeader {
  readonly revision: number;
  /** Six bytes. */
  readonly oemId: string;
  /** Eight bytes. */
  readonly oemTableId: string;
  readonly oemRevision: number;
  /** Four bytes: the program that has built the table. */
  readonly creatorId: string;
  readonly creatorRevision: number;
}

/** Bytes of the header. */
export const HEADER_BYTES = 36;

/** A table whose header has been read. */
export interface OpenTable {
  /** How diagnostics name it. */
  readonly file: string;
  /** Four letters, such as SRAT. */
  readonly signature: string;
  readonly header: TableHeader;
  /** Exactly the bytes of the table. */
  readonly view: DataView;
}

/**
 * Reads the header of a table and checks length and checksum.
 * @param bytes the file; bytes after the table's own length are a warning.
 * @param add takes what is wrong; a wrong checksum is an error, and the table is read all the same.
 * @returns null when the bytes cannot be a table.
 */
export function openTable(
  bytes: Uint8Array,
  file: string,
  add: (diagnostic: Diagnostic) => void,
): OpenTable | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const problem = (start: number, end: number, message: string, isWarning = false): void =>
    add(
      diagnosticAtBytes(file, start, end, "E_ACPI_TABLE", message, {
        severity: isWarning ? "warning" : "error",
      }),
    );
  if (view.byteLength < HEADER_BYTES) {
    problem(0, view.byteLength, `no ACPI table: ${view.byteLength} bytes, a header has 36`);
    return null;
  }
  const signature = text(0, 4).read(view, 0);
  if (!/^[A-Z0-9]{4}$/.test(signature)) {
    problem(0, 4, "no ACPI table: it does not start with a signature of four letters");
    return null;
  }
  const length = u32(4).read(view, 0);
  if (length < HEADER_BYTES || length > view.byteLength) {
    problem(4, 8, `length of the table: ${length}, the file has ${view.byteLength} bytes`);
    return null;
  }
  if (length < view.byteLength) {
    const extra = view.byteLength - length;
    problem(length, view.byteLength, `${extra} bytes after the end of the table`, true);
  }
  const table = new DataView(bytes.buffer, bytes.byteOffset, length);
  const sum = sumOfBytes(table);
  if (sum !== 0) {
    const stored = table.getUint8(9);
    const right = (stored - sum) & 0xff;
    add(
      diagnosticAtBytes(file, 9, 10, "E_ACPI_CHECKSUM", `checksum: ${hex(stored)}`, {
        hint: `all bytes must add up to 0 modulo 256, so it should be ${hex(right)}`,
      }),
    );
  }
  return { file, signature, header: readFields(headerFields, table, 0), view: table };
}

/** Puts a header before a body and sets length and checksum. */
export function sealTable(signature: string, header: TableHeader, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + body.length);
  const view = new DataView(bytes.buffer);
  text(0, 4).write(view, 0, signature, "signature");
  u32(4).write(view, 0, bytes.length, "length");
  writeFields(headerFields, view, 0, header);
  bytes.set(body, HEADER_BYTES);
  view.setUint8(9, -sumOfBytes(view) & 0xff);
  return bytes;
}

function sumOfBytes(view: DataView): number {
  let sum = 0;
  for (let at = 0; at < view.byteLength; at++) sum += view.getUint8(at);
  return sum & 0xff;
}

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, "0")}`;
}
