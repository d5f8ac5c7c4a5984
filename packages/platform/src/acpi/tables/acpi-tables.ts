// The tables about NUMA that firmware hands to a kernel, read from their bytes.
import type { Diagnostic } from "@faultline/diagnostics";
import { diagnosticAtBytes } from "@faultline/diagnostics";
import { type Cedt, readCedt, writeCedt } from "./cedt.ts";
import { type Hmat, readHmat, writeHmat } from "./hmat.ts";
import { readSlit, type Slit, writeSlit } from "./slit.ts";
import { readSrat, type Srat, writeSrat } from "./srat.ts";
import { openTable } from "./table-header.ts";

/** Tables of one machine; what firmware does not provide is absent. */
export interface AcpiTables {
  readonly srat?: Srat;
  readonly slit?: Slit;
  readonly hmat?: Hmat;
  readonly cedt?: Cedt;
}

/** The name of a table among {@link AcpiTables}. */
export type AcpiTableName = keyof AcpiTables;

/** The names in the order in which Linux reads the tables. */
export const ACPI_TABLE_NAMES: readonly AcpiTableName[] = ["srat", "slit", "cedt", "hmat"];

/** What was read, and everything that is wrong with it. */
export interface ReadTable {
  /** The one table, under its name; empty when the bytes are none of ours. */
  readonly tables: AcpiTables;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads a table of any kind, told by its signature.
 * @param bytes the file.
 * @param file how diagnostics name it; their offsets count bytes.
 */
export function readAcpiTable(bytes: Uint8Array, file: string): ReadTable {
  const diagnostics: Diagnostic[] = [];
  const add = (diagnostic: Diagnostic): void => void diagnostics.push(diagnostic);
  const table = openTable(bytes, file, add);
  if (table === null) return { tables: {}, diagnostics };
  switch (table.signature) {
    case "SRAT":
      return { tables: { srat: readSrat(table, add) }, diagnostics };
    case "HMAT":
      return { tables: { hmat: readHmat(table, add) }, diagnostics };
    case "CEDT":
      return { tables: { cedt: readCedt(table, add) }, diagnostics };
    case "SLIT": {
      const slit = readSlit(table, add);
      return { tables: slit === null ? {} : { slit }, diagnostics };
    }
    default: {
      const hint = "tables that are read: SRAT, SLIT, HMAT, CEDT";
      const message = `table with the signature ${table.signature}`;
      add(diagnosticAtBytes(file, 0, 4, "E_ACPI_TABLE", message, { hint }));
      return { tables: {}, diagnostics };
    }
  }
}

/** The bytes of each table that there is. */
export function writeAcpiTables(tables: AcpiTables): ReadonlyMap<AcpiTableName, Uint8Array> {
  const { srat, slit, hmat, cedt } = tables;
  const written = new Map<AcpiTableName, Uint8Array>();
  if (srat !== undefined) written.set("srat", writeSrat(srat));
  if (slit !== undefined) written.set("slit", writeSlit(slit));
  if (cedt !== undefined) written.set("cedt", writeCedt(cedt));
  if (hmat !== undefined) written.set("hmat", writeHmat(hmat));
  return written;
}
