/**
 * The library face of Faultline: its packages under one name. Runs in a browser; what needs Node
 * (the command line, and @faultline/conformance with its files) is not part of it.
 * @module faultline
 */
export * from "@faultline/core";
export * from "@faultline/diagnostics";
export * from "@faultline/engine";
export * from "@faultline/platform";
export * from "@faultline/profiles";
export * from "@faultline/report";
export * from "@faultline/scenario";
export * from "@faultline/sim";
export * from "@faultline/stacks";
export {
  compare,
  type ComparedKind,
  type ComparedRun,
  type CompareOptions,
  type Comparison,
} from "./library/compare.ts";
export { InputError } from "./library/input-error.ts";
export type { Measured, RunObserver } from "./library/measured-run.ts";
export type { OwnPlugins, OwnProfile, ProfileInput } from "./library/own-plugins.ts";
export {
  columnsByName,
  type ColumnsOf,
  type FaultColumns,
  type MigrationColumns,
  RunColumns,
  type StageColumns,
} from "./library/run-columns.ts";
export {
  runScenario,
  type RunScenarioOptions,
  type RunWithClock,
  type RunWithoutClock,
  type ScenarioRun,
} from "./library/run-scenario.ts";
export {
  openScenario,
  ScenarioSession,
  type SessionOptions,
  type SessionPoint,
} from "./library/scenario-session.ts";
export type { Instant } from "./library/instant.ts";
export type { ProfileName, ScenarioOptions, ScenarioSource } from "./library/scenario-options.ts";
export type { KernelName } from "./library/with-kernel.ts";
export type { MovedBytes } from "./moved-bytes.ts";
export { type TraceMeasurements, traceMeasurements } from "./traces/trace-measurements.ts";
export {
  type TraceScenario,
  traceScenario,
  type TraceScenarioOptions,
} from "./traces/trace-scenario.ts";
