// The machine-readable form of diagnostics, the same in every command's `--json` output.
import type { Diagnostic, Place, RelatedPlace, Severity } from "./diagnostic.ts";

/** A place; only `file` is present when the whole file is meant, no line in a file of bytes. */
export interface PlaceJson {
  file: string;
  start?: number;
  end?: number;
  line?: number;
  column?: number;
}

/** A diagnostic as plain JSON, keys always in this order. */
export interface DiagnosticJson extends PlaceJson {
  code: string;
  severity: Severity;
  message: string;
  hint?: string;
  related?: (PlaceJson & { message: string })[];
}

/** The JSON form of one diagnostic. */
export function diagnosticToJson(diagnostic: Diagnostic): DiagnosticJson {
  const { code, severity, message, hint, related } = diagnostic;
  return {
    code,
    severity,
    message,
    ...placeToJson(diagnostic),
    ...(hint === undefined ? {} : { hint }),
    ...(related === undefined ? {} : { related: related.map(relatedToJson) }),
  };
}

function relatedToJson(related: RelatedPlace): PlaceJson & { message: string } {
  return { message: related.message, ...placeToJson(related) };
}

function placeToJson({ file, start, end, line, column }: Place): PlaceJson {
  if (line > 0) return { file, start, end, line, column };
  return end === 0 ? { file } : { file, start, end };
}
