import { SourceText } from "@faultline/diagnostics";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseTraceCsv } from "./parse-trace-csv.ts";

const PAGE = 4096;

function csv(...lines: readonly string[]): SourceText {
  return new SourceText("t.csv", lines.join("\n"));
}

describe("a trace as comma-separated values", () => {
  test("has its columns in any order, with blanks, and addresses in both ways", () => {
    const text = csv(" access , address", "read,0x1000", "write, 8192", "atomic,0x1008", "");
    const { trace, diagnostics } = parseTraceCsv(text, PAGE);
    expect(diagnostics).toEqual([]);
    expect([[...trace.pages], [...trace.access], trace.timesPs]).toEqual([
      [0, 1, 0],
      [0, 1, 2],
      null,
    ]);
  });

  test("has times from its first access on", () => {
    const text = csv("time_ns,address,access", "100,0,read", "350,0,read");
    expect([...(parseTraceCsv(text, PAGE).trace.timesPs ?? [])]).toEqual([0, 250_000]);
  });

  test("can be of several, of whom one is taken, in the pages that all have", () => {
    const text = csv(
      "who,address,access,size",
      "gpu0,0,read,4",
      "nic0,4095,write,2",
      "gpu0,8192,read,1",
    );
    expect(parseTraceCsv(text, PAGE).names).toEqual(["gpu0", "nic0"]);
    const { trace } = parseTraceCsv(text, PAGE, "nic0");
    expect([trace.nrPages, [...trace.pages]]).toEqual([3, [0, 1]]);
  });

  test("begins for everybody when the first one begins", () => {
    const text = csv("time_ns,who,address,access", "100,a,0,read", "350,b,0,write");
    expect([...(parseTraceCsv(text, PAGE, "b").trace.timesPs ?? [])]).toEqual([250_000]);
  });

  test("tells of every problem, each at its cell", () => {
    const text = csv(
      "time_ns,address,access",
      "5,zero,read",
      "6,0,raed",
      "7,0",
      "8,0,read",
      "1,0,read",
    );
    const found = parseTraceCsv(text, PAGE).diagnostics;
    expect(found.map(({ line, column, message }) => [line, column, message])).toEqual([
      [2, 3, "address not a number: zero"],
      [3, 5, "unknown access: raed"],
      [4, 1, "2 values for 3 columns"],
      [6, 1, "time before that of the line above: 1"],
    ]);
    expect(found[1]?.hint).toContain("read");
  });

  test("needs its two columns, and knows no others", () => {
    const found = parseTraceCsv(csv("adress,access", "0,read"), PAGE).diagnostics;
    expect(found.map(({ message }) => message)).toEqual([
      "unknown column: adress",
      "missing column: address",
    ]);
    const twice = parseTraceCsv(csv("access,address,access", "read,0,read"), PAGE).diagnostics;
    expect(twice.map(({ message }) => message)).toContain("column twice: access");
  });

  test("never crashes, whatever stands in it", () => {
    const line = fc.array(fc.constantFrom("0x10", "-1", "read", "", "9".repeat(20), "ä", "1e3"));
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const text = csv("time_ns,address,access", ...lines.map((cells) => cells.join(",")));
        const { trace, diagnostics } = parseTraceCsv(text, PAGE);
        return diagnostics.length === 0 || trace.nrPages === 0;
      }),
    );
  });
});
