import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { diagnosticAt, diagnosticFor } from "./diagnostic.ts";
import { countDiagnostics, renderDiagnostic, renderDiagnostics } from "./render.ts";
import { SourceText } from "./source-text.ts";

/** Renders one diagnostic about the first occurrence of `marked` in `text`. */
function rendered(text: string, marked: string, maxWidth = 88): string[] {
  const source = new SourceText("s.yaml", text);
  const start = text.indexOf(marked);
  const end = start + marked.length;
  const diagnostic = diagnosticAt(source, start, end, "E_NAME_UNKNOWN", "unknown device: gpu9");
  return renderDiagnostic(diagnostic, { sources: sourcesOf(source), maxWidth }).split("\n");
}

function sourcesOf(...sources: SourceText[]): Map<string, SourceText> {
  return new Map(sources.map((source) => [source.file, source]));
}

describe("renderDiagnostic", () => {
  test("prints headline, excerpt with carets, related place and hint", () => {
    const source = new SourceText("s.yaml", "devices:\n  - gpu0\n  - gpu1\n  - gpu0\n");
    const at = source.text.lastIndexOf("gpu0");
    const diagnostic = diagnosticAt(source, at, at + 4, "E_NAME_DUPLICATE", "device twice: gpu0", {
      hint: "rename one of them",
      related: [{ ...source.place(13, 17), message: "first declared here" }],
    });
    expect(renderDiagnostic(diagnostic, { sources: sourcesOf(source) })).toBe(
      [
        "s.yaml:4:5 error E_NAME_DUPLICATE: device twice: gpu0",
        "  3 |   - gpu1",
        "  4 |   - gpu0",
        "    |     ^^^^",
        "  s.yaml:2:5: first declared here",
        "  2 |   - gpu0",
        "    |     ^^^^",
        "  hint: rename one of them",
      ].join("\n"),
    );
  });

  test("a diagnostic of a whole file has neither line nor excerpt", () => {
    const diagnostic = diagnosticFor("s.yaml", "E_FILE_NOT_FOUND", "no such file: s.yaml");
    expect(renderDiagnostic(diagnostic)).toBe(
      "s.yaml: error E_FILE_NOT_FOUND: no such file: s.yaml",
    );
  });

  test("a source that is not at hand leaves the headline", () => {
    const source = new SourceText("s.yaml", "a");
    const diagnostic = diagnosticAt(source, 0, 1, "E_KEY_UNKNOWN", "unknown key: a");
    expect(renderDiagnostic(diagnostic)).toBe("s.yaml:1:1 error E_KEY_UNKNOWN: unknown key: a");
  });

  test("tabs become spaces up to the next stop, and the carets follow", () => {
    expect(rendered("a\tgpu9", "gpu9").slice(1)).toEqual(["  1 | a   gpu9", "    |     ^^^^"]);
  });

  test("wide characters take two cells, combining marks none", () => {
    const [, line, carets] = rendered("日本 e\u0301 😀gpu9", "gpu9");
    expect(line).toBe("  1 | 日本 e\u0301 😀gpu9");
    expect(carets).toBe(`    | ${" ".repeat(9)}^^^^`);
  });

  test("a CRLF is not part of the excerpt", () => {
    expect(rendered("x: 1\r\ny: gpu9\r\n", "gpu9").slice(1)).toEqual([
      "  1 | x: 1",
      "  2 | y: gpu9",
      "    |    ^^^^",
    ]);
  });

  test("the end of the file and an empty file get one caret", () => {
    const source = new SourceText("s.yaml", "a: 1");
    const sources = sourcesOf(source);
    const atEnd = diagnosticAt(source, 4, 4, "E_KEY_MISSING", "missing key: b");
    expect(renderDiagnostic(atEnd, { sources }).split("\n").slice(1)).toEqual([
      "  1 | a: 1",
      "    |     ^",
    ]);
    const empty = new SourceText("e.yaml", "");
    const inEmpty = diagnosticAt(empty, 0, 0, "E_KEY_MISSING", "missing key: b");
    expect(
      renderDiagnostic(inEmpty, { sources: sourcesOf(empty) })
        .split("\n")
        .slice(1),
    ).toEqual(["  1 |", "    | ^"]);
  });

  test("a range over several lines marks its first line and names its last", () => {
    const lines = rendered("a:\n  b: 1\n  c: 2\n", "b: 1\n  c: 2\n");
    expect(lines.slice(1)).toEqual(["  1 | a:", "  2 |   b: 1", "    |   ^^^^ to line 3"]);
  });

  test("a very long line is cut on both sides around the place", () => {
    const lines = rendered(`${"x".repeat(5000)}gpu9${"y".repeat(5000)}`, "gpu9", 60);
    expect(lines[1]).toBe(`  1 | …${"x".repeat(23)}gpu9${"y".repeat(31)}…`);
    expect(lines[2]).toBe(`    | ${" ".repeat(24)}^^^^`);
  });

  test("control characters of the source are shown as pictures, never sent to the terminal", () => {
    expect(rendered("a\u001b[31m gpu9", "gpu9")[1]).toBe("  1 | a␛[31m gpu9");
    expect(rendered("a\u202egpu9", "gpu9")[1]).toBe("  1 | a\ufffdgpu9");
  });

  test("carets stay under the text and nothing printed is a control character", () => {
    const pieces = fc.constantFrom(
      "a",
      "\t",
      "\r\n",
      "\n",
      "😀",
      "日",
      "e\u0301",
      "\u001b",
      "\u0000",
    );
    const text = fc.array(pieces).map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, fc.nat(40), fc.nat(40), (content, start, length) => {
        const source = new SourceText("s", content);
        const diagnostic = diagnosticAt(source, start, start + length, "E_KEY_UNKNOWN", "x: y");
        const output = renderDiagnostic(diagnostic, { sources: sourcesOf(source), maxWidth: 20 });
        // oxlint-disable-next-line no-control-regex
        expect(output).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
        expect(output.split("\n").at(-1)).toMatch(/^ +\| *\^+( to line \d+)?$/);
      }),
    );
  });

  test("the colouriser is told the role of each piece", () => {
    const source = new SourceText("s", "a");
    const diagnostic = diagnosticAt(source, 0, 1, "E_KEY_UNKNOWN", "unknown key: a", {
      severity: "warning",
      hint: "known keys are b",
    });
    const output = renderDiagnostic(diagnostic, {
      sources: sourcesOf(source),
      colourise: (role, text) => `<${role}>${text}</>`,
    });
    expect(output).toBe(
      [
        "<place>s:1:1</> <warning>warning</> <code>E_KEY_UNKNOWN</>: unknown key: a",
        "<gutter>  1 |</> a",
        "<gutter>    |</> <caret>^</>",
        "  <hint>hint:</> known keys are b",
      ].join("\n"),
    );
  });
});

describe("renderDiagnostics", () => {
  test("sorts by place and separates by an empty line", () => {
    const source = new SourceText("s", "ab");
    const second = diagnosticAt(source, 1, 2, "E_KEY_UNKNOWN", "unknown key: b");
    const first = diagnosticAt(source, 0, 1, "E_KEY_UNKNOWN", "unknown key: a");
    expect(renderDiagnostics([second, first])).toBe(
      "s:1:1 error E_KEY_UNKNOWN: unknown key: a\n\ns:1:2 error E_KEY_UNKNOWN: unknown key: b\n",
    );
    expect(renderDiagnostics([])).toBe("");
  });
});

describe("countDiagnostics", () => {
  test("counts by severity, in the singular where it is one", () => {
    const error = diagnosticFor("s", "E_KEY_UNKNOWN", "x");
    const warning = diagnosticFor("s", "E_KEY_UNKNOWN", "x", { severity: "warning" });
    expect(countDiagnostics([error, error, warning])).toBe("2 errors, 1 warning");
    expect(countDiagnostics([])).toBe("no problems");
  });
});
