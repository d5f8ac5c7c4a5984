import { readFileSync } from "node:fs";
import { SourceText } from "@faultline/diagnostics";
import { describe, expect, test } from "vitest";
import { looksLikeLackey, parseLackey } from "./parse-lackey.ts";

const PAGE = 4096;

function lackey(...lines: readonly string[]): SourceText {
  return new SourceText("t.trace", lines.join("\n"));
}

describe("a trace of lackey", () => {
  test("has loads, stores and both; instructions are counted and left out", () => {
    const text = lackey("==7== Lackey", "I  04000b50,3", " L 1000,8", " S 3000,4", " M 1008,8", "");
    const { trace, byKind, diagnostics } = parseLackey(text, PAGE);
    expect(diagnostics).toEqual([]);
    expect(byKind).toEqual({ I: 1, L: 1, S: 1, M: 1 });
    expect([...trace.access]).toEqual([0, 1, 1]);
    expect(trace.timesPs).toBeNull();
  });

  test("numbers pages without the gaps between them, in the order of addresses", () => {
    const { trace } = parseLackey(lackey(" L 1ffeffe000,8", " L 1000,8", " L 2000,8"), PAGE);
    expect([trace.nrPages, [...trace.pages]]).toEqual([3, [2, 0, 1]]);
  });

  test("touches both pages where an access reaches over a page's end", () => {
    const { trace } = parseLackey(lackey(" S 1ffc,8"), PAGE);
    expect([...trace.pages]).toEqual([0, 1]);
  });

  test("warns of what somebody has written behind an access", () => {
    const { trace, diagnostics } = parseLackey(lackey(" L 10,1 00001010"), PAGE);
    expect(trace.pages).toHaveLength(1);
    expect(diagnostics[0]).toMatchObject({ severity: "warning", line: 1, column: 9 });
  });

  test("is refused with every line of another grammar, and the rest of many counted", () => {
    const other = lackey(...Array.from({ length: 25 }, (_, i) => `0 R ${i} 0`));
    const { trace, diagnostics } = parseLackey(other, PAGE);
    expect(trace.nrPages).toBe(0);
    expect(diagnostics).toHaveLength(21);
    expect(diagnostics[20]?.message).toBe("5 more lines like these");
    expect(diagnostics.every(({ code }) => code === "E_TRACE_LINE")).toBe(true);
    expect(looksLikeLackey(other)).toBe(false);
  });

  test("is known by its first line after valgrind's own", () => {
    expect(looksLikeLackey(lackey("==1== x", "", "I  04000b50,3"))).toBe(true);
    expect(looksLikeLackey(lackey("address,access"))).toBe(false);
  });
});

test("the shipped trace of a sparse matrix has 311 pages, and most of its accesses load", () => {
  const file = new URL("../../../../scenarios/traces/spmv.trace", import.meta.url);
  const source = new SourceText("spmv.trace", readFileSync(file, "utf8"));
  const { trace, byKind, diagnostics } = parseLackey(source, PAGE);
  expect(diagnostics).toEqual([]);
  expect(trace.nrPages).toBe(311);
  expect(byKind.L).toBeGreaterThan(byKind.S + byKind.M);
  expect(byKind.I).toBe(0);
});
