import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SourceText } from "./source-text.ts";

describe("SourceText", () => {
  test("gives line and column of an offset, both from 1", () => {
    const source = new SourceText("a.yaml", "one\ntwo\nthree");
    expect(source.place(5, 7)).toEqual({ file: "a.yaml", start: 5, end: 7, line: 2, column: 2 });
  });

  test("an empty text has one empty line and one place", () => {
    const source = new SourceText("a.yaml", "");
    expect(source.nrLines).toBe(1);
    expect(source.lineText(1)).toBe("");
    expect(source.place(0, 4)).toEqual({ file: "a.yaml", start: 0, end: 0, line: 1, column: 1 });
  });

  test("the end after a final line break is column 1 of an empty line", () => {
    const source = new SourceText("a", "one\n");
    expect(source.place(4)).toMatchObject({ line: 2, column: 1 });
    expect(source.lineText(2)).toBe("");
  });

  test("CRLF ends a line and is not part of it; a lone CR is an ordinary character", () => {
    const source = new SourceText("a", "one\r\ntwo\rthree\r\n\r");
    expect([1, 2, 3].map((line) => source.lineText(line))).toEqual(["one", "two\rthree", "\r"]);
    expect(source.place(5)).toMatchObject({ line: 2, column: 1 });
  });

  test("a column counts characters, not UTF-16 units", () => {
    const source = new SourceText("a", "😀😀x");
    expect(source.place(4, 5)).toMatchObject({ start: 4, end: 5, column: 3 });
  });

  test("a place never starts or ends inside a character", () => {
    const source = new SourceText("a", "😀x");
    expect(source.place(1, 3)).toMatchObject({ start: 0, end: 3, column: 1 });
  });

  test("offsets outside the text, reversed or not finite are clamped", () => {
    const source = new SourceText("a", "abc");
    expect(source.place(-5, 99)).toMatchObject({ start: 0, end: 3 });
    expect(source.place(2, 1)).toMatchObject({ start: 2, end: 2 });
    expect(source.place(Number.NaN, Number.POSITIVE_INFINITY)).toMatchObject({ start: 0, end: 3 });
  });

  test("lines outside the text are empty", () => {
    const source = new SourceText("a", "abc");
    expect([source.lineText(0), source.lineText(2)]).toEqual(["", ""]);
  });

  test("lines and their breaks put together are the text", () => {
    const pieces = fc.array(fc.constantFrom("a", "\t", "\r", "\n", "\r\n", "😀"));
    fc.assert(
      fc.property(pieces, (parts) => {
        const text = parts.join("");
        const source = new SourceText("a", text);
        const lines = Array.from({ length: source.nrLines }, (_, at) => source.lineText(at + 1));
        expect(lines.join("\n")).toBe(text.replaceAll("\r\n", "\n"));
      }),
    );
  });
});
