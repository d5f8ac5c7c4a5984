// Fitting a profile to measurements: medians of samples take the place of numbers of the profile
// they start from, and what a time leaves over becomes the number that was asked for. Nothing is
// extrapolated: a number that no sample speaks of stays what it was.
import { type Diagnostic, diagnosticFor, writeYaml } from "@faultline/diagnostics";
import { engineValue } from "./field.ts";
import { fitRate, pathOfRate } from "./fit-rate.ts";
import { loadProfile } from "./load-profile.ts";
import type { MeasurementDocument, MeasurementsDocument } from "./measurement-schema.ts";
import { priceOperation } from "./price.ts";
import { PRICE_ORIGINS, type PriceTable, priceTable, setPrice } from "./price-table.ts";
import type { Profile } from "./profile.ts";
import { sampleSpread } from "./sample-spread.ts";
import { shippedProfile } from "./shipped-profiles.ts";
import { setAt } from "./tree.ts";
import { fromEngine, toEngine, type Unit } from "./units.ts";

/** The unit of rates that are fitted. */
const RATE_UNIT = "GB/s";

/** How one set of samples and the fitted profile agree. */
export interface Residual {
  readonly what: string;
  /** The number that was fitted; null for a check. */
  readonly field: string | null;
  readonly unit: Unit;
  readonly nrSamples: number;
  readonly nrOutliers: number;
  /** The mean where only a total is known. */
  readonly median: number;
  readonly isMean: boolean;
  /** Median absolute deviation; null where only a total is known. */
  readonly mad: number | null;
  /** What the profile that was extended says; null when it says nothing. */
  readonly before: number | null;
  /** What the fitted profile says. */
  readonly after: number;
  /** How far `after` is from the median, in percent of it. */
  readonly residualPercent: number;
}

/** A fitted profile, its document, and how it agrees with the samples. */
export interface FittedProfile {
  /** Null when the samples contradict the profile; `problems` says how. */
  readonly profile: Profile | null;
  readonly yaml: string;
  readonly residuals: readonly Residual[];
  readonly problems: readonly Diagnostic[];
}

/** Fits a profile to measurements that {@link loadMeasurements} accepted. */
export function fitProfile(measurements: MeasurementsDocument): FittedProfile {
  const { id, title, hardware, extends: baseId, source } = measurements;
  const base = shippedProfile(baseId);
  const document = { version: 1, id, title, extends: baseId, hardware };
  if (base === null) {
    const unknown = diagnosticFor(nameOf(id), "E_NAME_UNKNOWN", `unknown profile: ${baseId}`);
    return { profile: null, yaml: writeYaml(document), residuals: [], problems: [unknown] };
  }
  const table = priceTable(base);
  const problems: Diagnostic[] = [];
  for (const one of measurements.measurements) {
    if (one.field === undefined) continue;
    const value = fittedValue(one, table);
    if (typeof value === "string") {
      problems.push(diagnosticFor(nameOf(id), "E_PROFILE_BALANCE", `${one.field}: ${value}`));
    } else {
      // A path of copies is inherited as a whole, so its latency is stated beside its rate.
      const path = pathOfRate(one.field);
      const latency = path === null ? undefined : base.document.costs.copy?.[path]?.latency;
      if (latency !== undefined) setAt(document, ["costs", "copy", path ?? "", "latency"], latency);
      setAt(document, one.field.split("."), citedNumber(one, value, source));
    }
  }
  const yaml = writeYaml(document);
  const { profile, diagnostics } = loadProfile(yaml, nameOf(id));
  if (profile === null || problems.length > 0) {
    return { profile: null, yaml, residuals: [], problems: [...problems, ...diagnostics] };
  }
  const residuals = measurements.measurements.map((one) => residualOf(one, base, profile));
  return { profile, yaml, residuals, problems: diagnostics };
}

function nameOf(id: string): string {
  return `<fit of ${id}>`;
}

/** A number of a profile, in its unit. */
interface FittedNumber {
  readonly value: number;
  readonly unit: Unit;
}

/**
 * The number that samples give; it takes its place in the table for those that come after it.
 * @returns a text that says why there is none.
 */
function fittedValue(one: MeasurementDocument, table: PriceTable): FittedNumber | string {
  const { field = "", operation, unit } = one;
  const { middle } = sampleSpread(one);
  const path = pathOfRate(field);
  if (path !== null && operation !== undefined) {
    const bytesPerSecond = fitRate(table, path, operation, toEngine(middle, unit));
    if (typeof bytesPerSecond === "string") return bytesPerSecond;
    return { value: fromEngine(bytesPerSecond, RATE_UNIT), unit: RATE_UNIT };
  }
  const set = (ps: number): void => setPrice(table, field, ps, PRICE_ORIGINS.indexOf("fitted"));
  if (operation === undefined) {
    set(toEngine(middle, unit));
    return { value: middle, unit };
  }
  set(0);
  const otherPs = priceOperation(table, operation).totalPs;
  set(1e6);
  const times = (priceOperation(table, operation).totalPs - otherPs) / 1e6;
  if (times === 0) return "has no part in the operation whose time was measured";
  const restPs = Math.round((toEngine(middle, unit) - otherPs) / times);
  if (restPs < 0) {
    return `nothing is left: ${fromEngine(otherPs, unit)} ${unit} of ${middle} ${unit}`;
  }
  set(restPs);
  return { value: fromEngine(restPs, unit), unit };
}

/** The number as a profile states it, with the spread of its samples as its range. */
function citedNumber(
  one: MeasurementDocument,
  { value, unit }: FittedNumber,
  source: string,
): object {
  const { sigma, nrSamples, isMean } = sampleSpread(one);
  const { what, operation } = one;
  const count = `${isMean ? "mean" : "median"} of ${nrSamples} samples: ${what}`;
  const origin =
    operation === undefined
      ? { kind: "measured", source: `${source}; ${count}` }
      : { kind: "fitted", source, how: `what is left of the ${count}` };
  // How far times spread says nothing exact of how far a rate does.
  if (sigma === null || unit !== one.unit) return { ...origin, value, unit };
  const rounded = (end: number): number => fromEngine(toEngine(Math.max(0, end), unit), unit);
  const range = { low: rounded(value - sigma), high: rounded(value + sigma), draw: "uniform" };
  return { ...origin, value, unit, ...range };
}

function residualOf(one: MeasurementDocument, base: Profile, fitted: Profile): Residual {
  const { what, field, operation, unit } = one;
  const { middle, isMean, mad, nrSamples, nrOutliers } = sampleSpread(one);
  const says = (profile: Profile): number | null => {
    if (operation !== undefined) {
      return fromEngine(priceOperation(priceTable(profile), operation).totalPs, unit);
    }
    const known = profile.fields.get(field ?? "");
    const value = known === undefined ? null : engineValue(known);
    return value === null ? null : fromEngine(value, unit);
  };
  const after = says(fitted) ?? 0;
  return {
    what,
    field: field ?? null,
    unit,
    nrSamples,
    nrOutliers,
    median: middle,
    isMean,
    mad,
    before: says(base),
    after,
    residualPercent: middle === 0 ? 0 : ((after - middle) / middle) * 100,
  };
}
