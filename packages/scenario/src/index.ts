/**
 * Scenario files: YAML with positions, checked, planned and run.
 * @module @faultline/scenario
 */
export { answerText, counted } from "./count-text.ts";
export { type DecisionTotal, decisionTotals } from "./decision-totals.ts";
export type { ExpectationReport } from "./expect/judge.ts";
export {
  formatExpectations,
  formatResult,
  type JudgedRun,
  missText,
  type ResultStyle,
  verdictText,
} from "./format-result.ts";
export { machineMemoryProblems } from "./check-memory.ts";
export { executeStep } from "./execute-step.ts";
export { applyOverrides, type Overridden } from "./compose/apply-overrides.ts";
export {
  type ComposedScenario,
  composeScenario,
  overrideScenario,
} from "./compose/compose-scenario.ts";
export {
  type Override,
  overrideFrom,
  overridesAt,
  type ParsedOverrides,
  parseOverrides,
} from "./compose/override.ts";
export type { KnownKeysAt } from "./compose/resolve-override-path.ts";
export {
  type LoadedScenario,
  type LoadOptions,
  loadScenario,
  loadScenarioFrom,
  planScenario,
} from "./load-scenario.ts";
export { type ReadReferenced } from "./load-machine-file.ts";
export { describePageState, type PageState, type PageStateName, pageState } from "./page-state.ts";
export {
  collectPlugins,
  type CollectedPlugins,
  NO_PLUGINS,
  type PluginOptions,
  type Plugins,
} from "./plugins.ts";
export type { PlannedExpectation, PlannedMapping, PlannedStep, ScenarioPlan } from "./plan.ts";
export { pageGeometryOf } from "./planned-machine.ts";
export { runUntimedScenario, type UntimedOptions } from "./run-untimed-scenario.ts";
export { dmirrorDevices, dmirrorOf, type RunningDevice, stackOf } from "./running-device.ts";
export {
  createMachineWorld,
  createScenarioMachine,
  DEFAULT_SEED,
  type RunningProcess,
  type ScenarioMachine,
} from "./scenario-machine.ts";
export {
  explainFault,
  type ExplainedFault,
  type FaultStory,
  MAX_NEIGHBOURS,
  type StoryDecision,
  type StoryNeighbour,
  type StoryPrice,
  type StorySlice,
} from "./timed/fault-story.ts";
export type { DevicePageFacts, FolioFacts, PageFacts } from "./timed/page-facts.ts";
export {
  type LifeChange,
  type LifeEvent,
  type LifeFault,
  type LifeMove,
  type PageLife,
  pageLife,
} from "./timed/page-life.ts";
export { type SlowFault, slowestFaults } from "./timed/slowest-faults.ts";
export { ownProfiles } from "./timed/own-profiles.ts";
export {
  runTimedScenario,
  type TimedOptions,
  type TimedProgress,
  TimedScenarioRun,
} from "./timed/run-timed-scenario.ts";
export { repeatedResult, type RepeatedResult, repetitionSeed } from "./timed/repetitions.ts";
export type { ProfileChoice } from "./timed/profile-choice.ts";
export { timedPlan, type TimedPlan } from "./timed/timed-plan.ts";
export type { TimedStage } from "./timed/timed-stage.ts";
export type {
  CpuUse,
  TimedDeviceInfo,
  TimedScenarioResult,
  TimedStepReport,
} from "./timed/timed-result.ts";
export {
  type ScenarioDocument,
  scenarioJsonSchema,
  scenarioSchema,
} from "./schema/scenario-schema.ts";
export { type Expectation, expectationSchema } from "./schema/expectation-schema.ts";
export { stepExpectSchema } from "./schema/step-fields.ts";
export { PAGE_STATES, type Step, type StepExpect, stepSchema } from "./schema/step-schema.ts";
export type { StepFacts } from "./step-facts.ts";
export type { StepOutcome } from "./step-outcome.ts";
export type {
  DecisionNote,
  Mismatch,
  PageChange,
  ScenarioResult,
  StepReport,
} from "./step-report.ts";
