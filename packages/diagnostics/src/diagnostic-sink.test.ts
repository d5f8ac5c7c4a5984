import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Diagnostic } from "./diagnostic.ts";
import { diagnosticAt, diagnosticFor } from "./diagnostic.ts";
import { DiagnosticSink } from "./diagnostic-sink.ts";
import { SourceText } from "./source-text.ts";

const source = new SourceText("b.yaml", "one: 1\ntwo: 2\n");

describe("DiagnosticSink", () => {
  test("starts without problems", () => {
    const sink = new DiagnosticSink();
    expect([sink.sorted(), sink.hasErrors, sink.nrErrors]).toEqual([[], false, 0]);
  });

  test("keeps one of several identical diagnostics", () => {
    const sink = new DiagnosticSink();
    const diagnostic = diagnosticAt(source, 0, 3, "E_KEY_UNKNOWN", "unknown key: one");
    sink.addAll([diagnostic, { ...diagnostic }]);
    expect(sink.sorted()).toEqual([diagnostic]);
    expect(sink.nrErrors).toBe(1);
  });

  test("a warning is not an error", () => {
    const sink = new DiagnosticSink();
    sink.add(diagnosticFor("a.yaml", "E_KEY_UNKNOWN", "x", { severity: "warning" }));
    expect(sink.hasErrors).toBe(false);
  });

  test("gives the same order whatever the order of finding", () => {
    const found: Diagnostic[] = [
      diagnosticFor("a.yaml", "E_FILE_NOT_FOUND", "no such file"),
      diagnosticAt(source, 0, 3, "E_KEY_UNKNOWN", "unknown key: one"),
      diagnosticAt(source, 0, 6, "E_KEY_UNKNOWN", "unknown key: one"),
      diagnosticAt(source, 7, 10, "E_KEY_MISSING", "a", { severity: "warning" }),
      diagnosticAt(source, 7, 10, "E_KEY_UNKNOWN", "b", { severity: "warning" }),
      diagnosticAt(source, 7, 10, "E_KEY_UNKNOWN", "c", { severity: "warning" }),
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(found, { minLength: found.length }), (shuffled) => {
        const sink = new DiagnosticSink();
        sink.addAll(shuffled);
        expect(sink.sorted()).toEqual(found);
      }),
    );
  });
});
