import { describe, expect, test } from "vitest";
import {
  flatRow,
  type NamedRow,
  rowsAsCsv,
  rowsAsJsonl,
  rowsAsParquet,
  rowsFromJsonl,
  rowsFromParquet,
} from "./named-rows.ts";

const ROWS: readonly NamedRow[] = [
  { name: 'a "b", c', n: 2 ** 40, share: 0.25, isDone: true, p99: null },
  { name: "d", n: -1, share: 1, isDone: false, p99: null, more: "e" },
];

describe("rows", () => {
  test("come back from Parquet and JSON lines as they were", async () => {
    const full = ROWS.map((row) => ({ more: null, ...row }));
    const bytes = await rowsAsParquet(ROWS, { createdBy: "faultline test" });
    expect(await rowsFromParquet(bytes)).toEqual(full);
    const larger = new Uint8Array(bytes.length + 9);
    larger.set(bytes, 4);
    expect(await rowsFromParquet(larger.subarray(4, 4 + bytes.length))).toEqual(full);
    expect(await rowsFromParquet(Buffer.from(bytes))).toEqual(full);
    expect(await rowsAsParquet(ROWS, { createdBy: "faultline test" })).toEqual(bytes);
    expect(rowsFromJsonl(rowsAsJsonl(ROWS))).toEqual(ROWS);
  });

  test("as comma-separated values have all columns, and nothing for null", () => {
    expect(rowsAsCsv(ROWS)).toBe(
      'name,n,share,isDone,p99,more\n"a ""b"", c",1099511627776,0.25,true,,\nd,-1,1,false,,e\n',
    );
  });

  test("of objects in objects have names with dots", () => {
    expect(flatRow({ a: 1, b: { c: null, d: { e: "x" } }, f: [1], g: undefined })).toEqual({
      a: 1,
      "b.c": null,
      "b.d.e": "x",
      f: "[1]",
    });
  });
});
