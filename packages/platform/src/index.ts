/**
 * Machine documents in YAML, checked with positions, and what firmware tells of machines.
 * @module @faultline/platform
 */
export { buildMachine } from "./build-machine.ts";
export * from "./acpi/index.ts";
export { buildPciMachine } from "./build-pci-machine.ts";
export { DEVICE_STACK_NAMES, type DeviceStackName } from "./device-schema.ts";
export { type LoadedMachine, loadMachine } from "./load-machine.ts";
export * from "./devicetree/index.ts";
export { type DecodeText, type ImportFile, ImportInput } from "./import/import-input.ts";
export { IMPORT_KINDS, type ImportKind } from "./import/import-kinds.ts";
export type { ImportOptions, ImportResult } from "./import/import-result.ts";
export { type ImportHost, type OpenedImport, openImport } from "./import/open-import.ts";
export * from "./memlock/index.ts";
export { numberRanges } from "./number-ranges.ts";
export * from "./npu/index.ts";
export * from "./nvgrace/index.ts";
export {
  type DocumentDevice,
  type MachineDocument,
  type MachineInput,
  machineJsonSchema,
  machineSchema,
} from "./machine-schema.ts";
export {
  type AccessTrace,
  MOST_TRACE_NS,
  TRACE_ACCESS_NAMES,
  type TraceAccessName,
} from "./trace/access-trace.ts";
export {
  type LackeyKind,
  type LackeyTrace,
  looksLikeLackey,
  parseLackey,
} from "./trace/parse-lackey.ts";
export { type CsvTrace, parseTraceCsv } from "./trace/parse-trace-csv.ts";
export { printTraceCsv } from "./trace/print-trace-csv.ts";
export type {
  MeasuredTimes,
  MeasuredWork,
  RecordedAccess,
  TraceImport,
} from "./trace/trace-import.ts";
export { TRACE_KINDS, type TraceKind } from "./trace/trace-kinds.ts";
export { printMachine } from "./print-machine.ts";
