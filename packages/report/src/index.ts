// What a machine has to show: who reaches whose memory, what owner spaces form, and its drawing.
export { drawMachine } from "./figure/draw-machine.ts";
export { type DevicePath, type DevicePathKind, devicePaths } from "./machine/device-paths.ts";
export {
  CONNECTED_BY,
  type ConnectedBy,
  type OwnerStudy,
  type OwnerStudyOptions,
  ownerStudy,
} from "./machine/owner-study.ts";
export { faultsAsParquet, type ParquetOrigin } from "./export/fault-parquet.ts";
export { type FaultColumn, FaultTable, type FaultTableRun } from "./export/fault-table.ts";
export { faultsAsCsv, faultsAsJsonl } from "./export/fault-text.ts";
export { centralInterval, type Interval } from "./faults/central-interval.ts";
export { FaultLog, type FaultQuery, takeOne } from "./faults/fault-log.ts";
export { type FaultKind, FaultSummary } from "./faults/fault-summary.ts";
export { leastSamples, percentile } from "./faults/percentile.ts";
