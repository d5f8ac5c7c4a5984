/**
 * Replays recordings of a real Linux kernel on a kernel under test and tells where they differ.
 * @module @faultline/conformance
 */

export { loadAcpiFolder } from "./acpi/load-acpi-folder.ts";
export * from "./case.ts";
export { type Difference, formatDifference } from "./difference.ts";
export { type FormatOptions, formatCounts, formatReport } from "./format-report.ts";
export type * from "./kernel-under-test.ts";
export { firstDifference, type ValueDifference } from "./golden/first-difference.ts";
export {
  formatGoldenReport,
  type GoldenCase,
  type GoldenFailure,
  type GoldenFiles,
  type GoldenReport,
  replayGolden,
} from "./golden/golden-report.ts";
export { loadFixturesFolder } from "./fixtures/load-fixtures-folder.ts";
export { type LoadedFiles, loadFiles, type RecordedCase } from "./load-files.ts";
export { MalformedRecordError } from "./malformed-record-error.ts";
export type * from "./operation.ts";
export { formatOp, isOperationName, OPERATION_TABLE } from "./operation-table.ts";
export { loadMemlockFolder } from "./memlock/load-memlock-folder.ts";
export { loadNpuFolder } from "./npu/load-npu-folder.ts";
export { loadNvgraceFolder } from "./nvgrace/load-nvgrace-folder.ts";
export { formatP2pDifference, type P2pDifference, type P2pQuestion } from "./p2p/p2p-difference.ts";
export type * from "./p2p/p2p-record.ts";
export { P2P_RECORDING } from "./p2p/p2p-recording.ts";
export { formatP2pReport, type P2pCounts, type P2pReport } from "./p2p/p2p-report.ts";
export {
  type AnsweredMachine,
  loadP2pFiles,
  type P2pFiles,
  type P2pReplayOptions,
  replayP2p,
  replayP2pFiles,
} from "./p2p/replay-p2p-files.ts";
export { type CompareAnswer, replayP2pMachine } from "./p2p/replay-p2p-machine.ts";
export { parseCase } from "./parse-case.ts";
export { checkRecordFits, parseRecord } from "./parse-record.ts";
export * from "./record.ts";
export { RECORDING_SETS, type RecordingSet } from "./recordings.ts";
export { type CaseResult, replayCase, type SkipReason, skipReason } from "./replay.ts";
export { type ReplayOptions, replayFiles, replayLoaded } from "./replay-files.ts";
export type { ConformanceReport, Counts, FailureGroup } from "./report.ts";
export * from "./run-length.ts";
export { createWorldUnderTest } from "./world-under-test.ts";
