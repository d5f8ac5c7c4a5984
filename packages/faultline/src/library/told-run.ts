// Which of the runs of a scenario with `repetitions` somebody asks about: each has its own seed.
import { type Diagnostic, diagnosticFor } from "@faultline/diagnostics";
import { counted, DEFAULT_SEED, repetitionSeed, type ScenarioPlan } from "@faultline/scenario";

/** Which run of a scenario is told of. */
export interface ToldRun {
  /** Its own. */
  readonly seed: number;
  /** From 1, of as many as the scenario has. */
  readonly repetition: number;
  readonly repetitions: number;
}

/**
 * The run that was asked for.
 * @param seed of the first run, from which those of others follow. @defaultValue the scenario's
 */
export function toldRun(
  { document }: ScenarioPlan,
  seed: number = document.seed ?? DEFAULT_SEED,
  repetition = 1,
): ToldRun {
  const { repetitions } = document;
  return { seed: repetitionSeed(seed, repetition - 1), repetition, repetitions };
}

/**
 * What is wrong with the number; null where nothing is.
 * @param place how the diagnostic names where it was given.
 */
export function repetitionProblem(
  { document: { repetitions }, file }: ScenarioPlan,
  repetition: number | undefined,
  place: string,
): Diagnostic | null {
  if (repetition === undefined) return null;
  const isThere = repetition >= 1 && repetition <= repetitions;
  if (isThere && Number.isInteger(repetition)) return null;
  const times = counted(repetitions, "time");
  const hint = `${file} runs ${times}: the last repetition is ${repetitions}`;
  return diagnosticFor(place, "E_VALUE_RANGE", `no such repetition: ${repetition}`, { hint });
}
