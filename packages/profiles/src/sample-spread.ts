// What a set of samples comes to: its middle, and how far it spreads.
import { median } from "d3-array";
import type { MeasurementDocument } from "./measurement-schema.ts";

/** 1.4826 median absolute deviations are a standard deviation when samples are normal. */
const MAD_TO_SIGMA = 1.4826;

/** Samples farther from the median than this many deviations are counted as outliers. */
const OUTLIER_DEVIATIONS = 5;

/** Samples in few words. */
export interface SampleSpread {
  /** The median, or the mean where only a total is known. */
  readonly middle: number;
  readonly isMean: boolean;
  readonly nrSamples: number;
  /** Median absolute deviation; null where only a total is known. */
  readonly mad: number | null;
  /** A standard deviation, if the samples are normal. */
  readonly sigma: number | null;
  readonly nrOutliers: number;
}

/** Adds up what a measurement has, samples or a total. */
export function sampleSpread({ samples, total, count }: MeasurementDocument): SampleSpread {
  if (samples === undefined) {
    const middle = (total ?? 0) / (count ?? 1);
    const unknown = { mad: null, sigma: null, nrOutliers: 0 };
    return { middle, isMean: true, nrSamples: count ?? 0, ...unknown };
  }
  const middle = median(samples) ?? 0;
  const mad = median(samples.map((sample) => Math.abs(sample - middle))) ?? 0;
  const sigma = MAD_TO_SIGMA * mad;
  const isFar = (sample: number): boolean => Math.abs(sample - middle) > OUTLIER_DEVIATIONS * sigma;
  const nrOutliers = mad === 0 ? 0 : samples.filter(isFar).length;
  return { middle, isMean: false, nrSamples: samples.length, mad, sigma, nrOutliers };
}
