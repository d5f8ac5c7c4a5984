/**
 * Vendors' fault costs and policy parameters as cited data. Runs in a browser.
 * @module @faultline/profiles
 */
export type { Balance, Draw } from "./field-schema.ts";
export { quantile, type UniformRng } from "./draw.ts";
export { engineValue, type ProfileField } from "./field.ts";
export {
  citationText,
  type Figure,
  figureNumber,
  type FigureNumber,
  figureRoots,
  shippedFigures,
  shippedSources,
} from "./figures.ts";
export { type FigureDocument, figureSchema, type FigureSource } from "./figure-schema.ts";
export { fitProfile, type FittedProfile, type Residual } from "./fit-profile.ts";
export { type LoadedMeasurements, loadMeasurements } from "./load-measurements.ts";
export {
  type MeasurementsDocument,
  measurementsJsonSchema,
  measurementsSchema,
} from "./measurement-schema.ts";
export { type LoadedProfile, loadProfile, type ProfileNames } from "./load-profile.ts";
export { operationSchema, type PricedOperation } from "./operation-schema.ts";
export {
  addCopy,
  addEffort,
  addStage,
  noTime,
  type PricedTime,
  priceOperation,
  shareAssumed,
  type PricedPart,
  transferParts,
} from "./price.ts";
export {
  type CopyPrice,
  effortSlot,
  PRICE_ORIGINS,
  type PriceTable,
  priceTable,
  stageSlot,
} from "./price-table.ts";
export {
  deviceConstant,
  fittedFigures,
  modelFields,
  policyValue,
  type Profile,
  type ProfileCounts,
  profileCounts,
} from "./profile.ts";
export { type ProfileDocument, profileJsonSchema, profileSchema } from "./profile-schema.ts";
export { sampleProfile } from "./sample-profile.ts";
export { shippedProfile, shippedProfileIds, shippedProfileYaml } from "./shipped-profiles.ts";
export { toEngine, type Unit, UNITS } from "./units.ts";
export * from "./vocabulary.ts";
export { type LoadedTargets, loadTargets } from "./load-targets.ts";
export {
  type LeafMeasure,
  leafMeasureSchema,
  type Measure,
  measureSchema,
} from "./measure-schema.ts";
export { isTimePerGib } from "./measure-powers.ts";
export { type Powers, type Quantity, quantityOf } from "./quantity.ts";
export { shippedTargets, shippedTargetsYaml } from "./shipped-targets.ts";
export { TARGET_ROLES, type TargetRole, targetsJsonSchema } from "./target-schema.ts";
export {
  errorPercentOf,
  meetsTarget,
  type Target,
  type TargetCase,
  type TargetRun,
} from "./target.ts";
export { type FindProfile } from "./target-runs.ts";
