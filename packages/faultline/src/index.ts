// The library face of Faultline: its packages under one name. Runs in a browser; what needs Node
// (the command line, and @faultline/conformance with its files) is not part of it.
export * from "@faultline/core";
export * from "@faultline/diagnostics";
export * from "@faultline/engine";
export * from "@faultline/platform";
export * from "@faultline/profiles";
export * from "@faultline/report";
export * from "@faultline/scenario";
export * from "@faultline/sim";
export * from "@faultline/stacks";
export { type TraceMeasurements, traceMeasurements } from "./traces/trace-measurements.ts";
export {
  type TraceScenario,
  traceScenario,
  type TraceScenarioOptions,
} from "./traces/trace-scenario.ts";
