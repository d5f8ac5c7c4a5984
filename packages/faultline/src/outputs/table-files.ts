// Files of tables: the ending of a name says the format.
import { type RowTable, tableAsCsv, tableAsJsonl, tableAsParquet } from "@faultline/report";
import { packageVersion } from "../version.ts";

/** Endings of tables' names. */
export const TABLE_FORMATS = [".csv", ".jsonl", ".parquet"] as const;

/** The ending of a path; null where it says no format. */
export function tableFormatOf(path: string): (typeof TABLE_FORMATS)[number] | null {
  return TABLE_FORMATS.find((ending) => path.toLowerCase().endsWith(ending)) ?? null;
}

/** A table in the format of its path. */
export async function tableBytes(path: string, table: RowTable): Promise<Uint8Array> {
  switch (tableFormatOf(path)) {
    case ".parquet":
      return tableAsParquet(table, { createdBy: `faultline ${packageVersion()}` });
    case ".jsonl":
      return new TextEncoder().encode(tableAsJsonl(table));
    default:
      return new TextEncoder().encode(tableAsCsv(table));
  }
}
