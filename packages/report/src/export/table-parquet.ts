// A table as a Parquet file. The library is loaded when it is needed.
import type { RowTable } from "./row-table.ts";

/** What the file says of itself. */
export interface ParquetOrigin {
  /** Such as `faultline 0.1.0`. */
  readonly createdBy: string;
}

/**
 * The bytes of a Parquet file: words are UTF-8 strings, numbers are INT64. The same table gives the
 * same bytes.
 */
export async function tableAsParquet(
  table: RowTable,
  { createdBy }: ParquetOrigin,
): Promise<Uint8Array> {
  const { parquetWriteBuffer } = await import("hyparquet-writer");
  const columnData = table.columns().map((column) =>
    "words" in column
      ? { name: column.name, data: [...column.words], type: "STRING" as const, nullable: false }
      : {
          name: column.name,
          data: BigInt64Array.from(column.numbers, BigInt),
          type: "INT64" as const,
          nullable: false,
        },
  );
  const kvMetadata = [{ key: "faultline.unit", value: "picoseconds; pages are page numbers" }];
  return new Uint8Array(parquetWriteBuffer({ columnData, kvMetadata, createdBy }));
}
