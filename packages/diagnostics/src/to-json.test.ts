import { expect, test } from "vitest";
import { diagnosticAt, diagnosticFor } from "./diagnostic.ts";
import { SourceText } from "./source-text.ts";
import { diagnosticToJson } from "./to-json.ts";

test("a diagnostic becomes plain JSON with its place, hint and related places", () => {
  const source = new SourceText("s.yaml", "a: 1\na: 2\n");
  const diagnostic = diagnosticAt(source, 5, 6, "E_NAME_DUPLICATE", "name twice: a", {
    hint: "remove one",
    related: [{ ...source.place(0, 1), message: "first here" }],
  });
  expect(JSON.parse(JSON.stringify(diagnosticToJson(diagnostic)))).toEqual({
    code: "E_NAME_DUPLICATE",
    severity: "error",
    message: "name twice: a",
    file: "s.yaml",
    start: 5,
    end: 6,
    line: 2,
    column: 1,
    hint: "remove one",
    related: [{ message: "first here", file: "s.yaml", start: 0, end: 1, line: 1, column: 1 }],
  });
});

test("a diagnostic of a whole file has the file alone", () => {
  expect(diagnosticToJson(diagnosticFor("s.yaml", "E_FILE_NOT_FOUND", "no such file"))).toEqual({
    code: "E_FILE_NOT_FOUND",
    severity: "error",
    message: "no such file",
    file: "s.yaml",
  });
});
