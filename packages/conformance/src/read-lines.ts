// Reads text files that may be compressed; the ending says how: .gz, .br, or plain.

import { readFileSync } from "node:fs";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { type Diagnostic, diagnosticFor } from "@faultline/diagnostics";
import type { InputLine } from "./input-line.ts";

/** The non-empty lines of a file, or the reason it cannot be read. */
export type LinesResult =
  | { readonly lines: readonly InputLine[]; readonly problem?: never }
  | { readonly lines?: never; readonly problem: Diagnostic };

/** Reads a file's lines. */
export function readLines(file: string): LinesResult {
  let text: string;
  try {
    text = decompress(file, readFileSync(file)).toString("utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { problem: diagnosticFor(file, "E_CONFORMANCE_FILE", `cannot be read: ${reason}`) };
  }
  const lines: InputLine[] = [];
  let line = 1;
  for (let start = 0; start < text.length; line++) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    const content = text.slice(start, end);
    if (content.trim() !== "") lines.push({ file, line, start, text: content });
    start = end + 1;
  }
  return { lines };
}

function decompress(file: string, bytes: Buffer): Buffer {
  if (file.endsWith(".gz")) return gunzipSync(bytes);
  return file.endsWith(".br") ? brotliDecompressSync(bytes) : bytes;
}
