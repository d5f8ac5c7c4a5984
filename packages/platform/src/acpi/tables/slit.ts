// The System Locality Information Table: how far proximity domains are apart (ACPI 6.5, 5.2.17).
import { checkArgument } from "@faultline/core";
import type { Diagnostic } from "@faultline/diagnostics";
import { u64, u8 } from "./byte-fields.ts";
import { joinBytes, reporter } from "./structures.ts";
import { HEADER_BYTES, type OpenTable, sealTable, type TableHeader } from "./table-header.ts";

/** The table; rows are where one is, columns where one goes, both proximity domains from 0. */
export interface Slit {
  readonly header: TableHeader;
  readonly distances: readonly (readonly number[])[];
}

/** The bytes of a table, with its length and checksum. */
export function writeSlit({ header, distances }: Slit): Uint8Array {
  const size = distances.length;
  checkArgument(
    distances.every((row) => row.length === size),
    "distances",
    "no square",
  );
  const count = new Uint8Array(8);
  u64(0).write(new DataView(count.buffer), 0, BigInt(size), "distances");
  const cells = new Uint8Array(size * size);
  const view = new DataView(cells.buffer);
  distances.flat().forEach((distance, at) => u8(at).write(view, 0, distance, "distances"));
  return sealTable("SLIT", header, joinBytes([count, cells]));
}

/** Reads a table; null, and an error, when its size is not that of its number of domains. */
export function readSlit(table: OpenTable, add: (diagnostic: Diagnostic) => void): Slit | null {
  const { view, header, file } = table;
  const report = reporter(file, add);
  const start = HEADER_BYTES + 8;
  const size = view.byteLength < start ? 0n : u64(HEADER_BYTES).read(view, 0);
  if (view.byteLength < start || BigInt(view.byteLength - start) !== size * size) {
    const message = `SLIT: ${size} domains need ${size * size} distances`;
    report(HEADER_BYTES, start, `${message}, the table has room for ${view.byteLength - start}`);
    return null;
  }
  const side = Number(size);
  const distances = Array.from({ length: side }, (_, row) =>
    Array.from({ length: side }, (__, column) => u8(start + row * side + column).read(view, 0)),
  );
  return { header, distances };
}
