/**
 * Source positions, diagnostics, how they are shown, and YAML read with positions. Runs in a
 * browser.
 * @module @faultline/diagnostics
 */
export { DIAGNOSTIC_CODES, diagnosticCodes, diagnosticsPage } from "./codes.ts";
export type { DiagnosticCode } from "./codes.ts";
export { compareDiagnostics } from "./compare-diagnostics.ts";
export {
  diagnosticAt,
  diagnosticAtBytes,
  diagnosticAtPlace,
  diagnosticFor,
  hasErrors,
} from "./diagnostic.ts";
export type {
  Diagnostic,
  DiagnosticDetails,
  Place,
  RelatedPlace,
  Severity,
} from "./diagnostic.ts";
export { DiagnosticSink } from "./diagnostic-sink.ts";
export { excerpt } from "./excerpt.ts";
export type { ExcerptLine, ExcerptOptions } from "./excerpt.ts";
export { knownKeys } from "./known-keys.ts";
export { countDiagnostics, formatPlace, renderDiagnostic, renderDiagnostics } from "./render.ts";
export type { Colourise, RenderOptions, Role } from "./render.ts";
export { schemaDiagnostics } from "./schema-diagnostics.ts";
export { SourceText } from "./source-text.ts";
export { didYouMean, hintForName } from "./suggest.ts";
export { diagnosticToJson } from "./to-json.ts";
export type { DiagnosticJson, PlaceJson } from "./to-json.ts";
export { writeYaml } from "./write-yaml.ts";
export { readYaml, readYamlPart, valueAt, YamlSource } from "./yaml-source.ts";
export type { DocumentPath, InnerDocument, ValueOrigin, YamlResult } from "./yaml-source.ts";
