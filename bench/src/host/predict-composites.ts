// Samples of one run of `bench:predict` to its result: a profile fitted to primitives, and what it
// says of composites beside what they took.
import { fitProfile, priceTable, type Residual } from "@faultline/profiles";
import {
  fitRemainders,
  hostMeasurements,
  predictedUs,
  type PrimitiveSamples,
  type Remainder,
} from "./host-fit.ts";
import { type Spread, spreadOf } from "./spread.ts";

/** A composite beside its prediction. */
export interface Prediction {
  readonly name: string;
  readonly what: string;
  readonly predictedUs: number;
  /** Of the prediction: what the profile's prices give, and what the remainders add. */
  readonly pricedUs: number;
  readonly remainderUs: number;
  readonly measuredUs: Spread;
  /** Predicted from medians against the median measured, in percent of that. */
  readonly errorPercent: number;
  /** Of each round by itself: fitted to its primitives, against its composite. */
  readonly roundsPercent: Spread;
}

/** The fitted host, and the predictions. */
export interface HostPredictions {
  readonly residuals: readonly Residual[];
  readonly remainders: readonly Remainder[];
  readonly predictions: readonly Prediction[];
  /** The profile as a document. */
  readonly yaml: string;
}

interface HostModel {
  readonly residuals: readonly Residual[];
  readonly remainders: readonly Remainder[];
  readonly yaml: string;
  readonly predict: (one: PrimitiveSamples) => ReturnType<typeof predictedUs>;
}

/**
 * Fits a host to its primitives and predicts composites.
 * @throws Error when the samples give no profile, with the reasons.
 */
export function predictComposites(
  host: string,
  primitives: readonly PrimitiveSamples[],
  composites: readonly PrimitiveSamples[],
): HostPredictions {
  const { residuals, remainders, yaml, predict } = hostModel(host, primitives);
  const nrRounds = Math.min(
    ...[...primitives, ...composites].map(({ samplesUs }) => samplesUs.length),
  );
  const rounds = Array.from({ length: nrRounds }, (_, round) => {
    const ofRound = primitives.map((one) => inRound(one, round));
    return hostModel(host, ofRound).predict;
  });
  const predictions = composites.map((composite): Prediction => {
    const { pricedUs, remainderUs } = predict(composite);
    const measuredUs = spreadOf(composite.samplesUs);
    const predictedTotal = pricedUs + remainderUs;
    return {
      name: composite.name,
      what: composite.what,
      predictedUs: predictedTotal,
      pricedUs,
      remainderUs,
      measuredUs,
      errorPercent: percentOff(predictedTotal, measuredUs.median),
      roundsPercent: spreadOf(
        rounds.map((ofRound, round) => {
          const parts = ofRound(composite);
          const measured = composite.samplesUs[round] ?? NaN;
          return percentOff(parts.pricedUs + parts.remainderUs, measured);
        }),
      ),
    };
  });
  return { residuals, remainders, yaml, predictions };
}

function hostModel(host: string, primitives: readonly PrimitiveSamples[]): HostModel {
  const { profile, residuals, yaml, problems } = fitProfile(hostMeasurements(host, primitives));
  if (profile === null) throw new Error(problems.map(({ message }) => message).join("\n"));
  const table = priceTable(profile);
  const middle = (samples: readonly number[]): number => spreadOf(samples).median;
  const remainders = fitRemainders(table, primitives, middle);
  const predict = ({ simulated }: PrimitiveSamples) => predictedUs(table, remainders, simulated);
  return { residuals, remainders, yaml, predict };
}

function inRound(one: PrimitiveSamples, round: number): PrimitiveSamples {
  return { ...one, samplesUs: one.samplesUs.slice(round, round + 1) };
}

function percentOff(predicted: number, measured: number): number {
  return ((predicted - measured) / measured) * 100;
}
