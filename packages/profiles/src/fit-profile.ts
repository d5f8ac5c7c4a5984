// Fitting a profile to measurements: medians of samples take the place of numbers of the profile
// they start from, and what a time leaves over becomes the number that was asked for. Nothing is
// extrapolated: a number that no sample speaks of stays what it was.
import { type Diagnostic, diagnosticFor, writeYaml } from "@faultline/diagnostics";
import { engineValue } from "./field.ts";
import { type FittedNumber, fitNumbers } from "./fit-number.ts";
import { pathOfRate } from "./fit-rate.ts";
import { loadProfile } from "./load-profile.ts";
import type { MeasurementDocument, MeasurementsDocument } from "./measurement-schema.ts";
import { priceOperation } from "./price.ts";
import { priceTable } from "./price-table.ts";
import type { Profile } from "./profile.ts";
import { sampleSpread } from "./sample-spread.ts";
import { shippedProfile } from "./shipped-profiles.ts";
import { setAt } from "./tree.ts";
import { fromEngine, toEngine, type Unit } from "./units.ts";

/** How one set of samples and the fitted profile agree. */
export interface Residual {
  readonly what: string;
  /** The number that was fitted, with those that share its time behind a +; null for a check. */
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
  const { id, title, hardware, extends: baseId, source, without = [] } = measurements;
  const base = shippedProfile(baseId);
  const removed = without.length === 0 ? {} : { without };
  const document = { version: 1, id, title, extends: baseId, hardware, ...removed };
  if (base === null) {
    const unknown = diagnosticFor(nameOf(id), "E_NAME_UNKNOWN", `unknown profile: ${baseId}`);
    return { profile: null, yaml: writeYaml(document), residuals: [], problems: [unknown] };
  }
  // What does not apply is gone before anything is fitted: it takes no part of a time.
  const start = loadProfile(writeYaml(document), nameOf(id));
  if (start.profile === null) {
    return { profile: null, yaml: writeYaml(document), residuals: [], problems: start.diagnostics };
  }
  const table = priceTable(start.profile);
  const problems: Diagnostic[] = [];
  for (const one of measurements.measurements) {
    if (one.field === undefined) continue;
    const fitted = fitNumbers(one, table);
    if (typeof fitted === "string") {
      problems.push(diagnosticFor(nameOf(id), "E_PROFILE_BALANCE", `${one.field}: ${fitted}`));
      continue;
    }
    for (const number of fitted) {
      // A path of copies is inherited as a whole, so its latency is stated beside its rate.
      const path = pathOfRate(number.field);
      const latency = path === null ? undefined : base.document.costs.copy?.[path]?.latency;
      if (latency !== undefined) setAt(document, ["costs", "copy", path ?? "", "latency"], latency);
      setAt(document, number.field.split("."), citedNumber(one, number, source));
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

/** The number as a profile states it, with the spread of its samples as its range. */
function citedNumber(
  one: MeasurementDocument,
  { value, unit }: FittedNumber,
  source: string,
): object {
  const { sigma, nrSamples, isMean } = sampleSpread(one);
  const { what, operation, share } = one;
  const count = `${isMean ? "mean" : "median"} of ${nrSamples} samples: ${what}`;
  const isShared = share !== undefined;
  const origin =
    operation === undefined
      ? { kind: "measured", source: `${source}; ${count}` }
      : {
          kind: "fitted",
          source,
          how: `${isShared ? "its share of " : ""}what is left of the ${count}`,
        };
  // How far times spread says nothing exact of how far a rate or a share does.
  if (sigma === null || isShared || unit !== one.unit) return { ...origin, value, unit };
  const rounded = (end: number): number => fromEngine(toEngine(Math.max(0, end), unit), unit);
  const range = { low: rounded(value - sigma), high: rounded(value + sigma), draw: "uniform" };
  return { ...origin, value, unit, ...range };
}

function residualOf(one: MeasurementDocument, base: Profile, fitted: Profile): Residual {
  const { what, field, share = [], operation, unit } = one;
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
    field: field === undefined ? null : [field, ...share].join(" + "),
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
