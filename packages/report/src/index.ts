/**
 * What a machine has to show: who reaches whose memory, what owner spaces form, and its drawing.
 * @module @faultline/report
 */
export { drawMachine } from "./figure/draw-machine.ts";
export { type DevicePath, type DevicePathKind, devicePaths } from "./machine/device-paths.ts";
export {
  CONNECTED_BY,
  type ConnectedBy,
  type OwnerStudy,
  type OwnerStudyOptions,
  ownerStudy,
} from "./machine/owner-study.ts";
export { FaultTable } from "./export/fault-table.ts";
export { MigrationTable } from "./export/migration-table.ts";
export { faulterName, type NamedRun, placeName } from "./export/named-run.ts";
export { type RowTable, type TableColumn } from "./export/row-table.ts";
export { StageTable } from "./export/stage-table.ts";
export { type ParquetOrigin, tableAsParquet } from "./export/table-parquet.ts";
export { tableAsCsv, tableAsJsonl } from "./export/table-text.ts";
export { centralInterval, type Interval } from "./faults/central-interval.ts";
export { FaultLog, type FaultQuery, takeOne } from "./faults/fault-log.ts";
export { type FaultKind, FaultSummary } from "./faults/fault-summary.ts";
export { leastSamples, percentile } from "./faults/percentile.ts";
export type { HeatCell, HeatGroup, HeatMap } from "./chart/heat-map.ts";
export { type MatrixFigure, matrixPage, type MatrixSection } from "./html/matrix-page.ts";
export { type ReportSection, reportPage } from "./html/report-page.ts";
export {
  type ReportExpectation,
  type ReportRun,
  type ReportStep,
  type ReportUncertainty,
} from "./html/report-run.ts";
export { type FigureSubject, type RunFigure, runFigures } from "./html/run-figures.ts";
export { tracedRuns } from "./trace/run-trace.ts";
export {
  columnsOf,
  flatRow,
  type NamedRow,
  type RowOrigin,
  rowsAsCsv,
  rowsAsJsonl,
  rowsAsParquet,
  rowsFromJsonl,
  rowsFromParquet,
  type RowValue,
} from "./export/named-rows.ts";
