// What a file of firmware tables gave, whatever its form: the tables, and where each part of them
// stands in a text.
import type { Diagnostic } from "@faultline/diagnostics";
import type { AcpiTables } from "../../acpi/tables/acpi-tables.ts";
import type { TableHeader } from "../../acpi/tables/table-header.ts";
import type { ImportCode, Report, Stretch } from "../import-problems.ts";

/** Tells of a problem with an entry or a structure, where it is read from a text. */
export type ReportPart = (
  part: object,
  code: ImportCode,
  message: string,
  details?: Parameters<Report>[3],
) => void;

/** The tables of one file, or of several. */
export interface AcpiReading {
  readonly tables: AcpiTables;
  /** What is wrong; an error makes the tables useless. */
  readonly diagnostics: () => readonly Diagnostic[];
  readonly reportPart: ReportPart;
  /** Nodes by domain, where a kernel's log has said so. */
  readonly nodeOfDomain: ReadonlyMap<number, number> | null;
}

/** What nobody has written down of a table. */
export const UNKNOWN_HEADER: TableHeader = {
  revision: 0,
  oemId: "",
  oemTableId: "",
  oemRevision: 0,
  creatorId: "",
  creatorRevision: 0,
};

/** A report that finds the places of parts. */
export function partReporter(places: ReadonlyMap<object, Stretch>, report: Report): ReportPart {
  return (part, code, message, details) => {
    report(places.get(part) ?? { start: 0, end: 0 }, code, message, details);
  };
}
