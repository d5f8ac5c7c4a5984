// The option that picks one of a scenario's repetitions: it has a seed of its own.
import { type Diagnostic, diagnosticFor } from "@faultline/diagnostics";
import { counted, DEFAULT_SEED, repetitionSeed, type ScenarioPlan } from "@faultline/scenario";
import { InvalidArgumentError, Option } from "commander";

/** The option `--repetition N`, 1 the first. */
export function repetitionOption(): Option {
  const about = "which of the scenario's repetitions, 1 the first";
  return new Option("--repetition <number>", about).argParser((text: string) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= 1 && Number.isSafeInteger(number)) return number;
    throw new InvalidArgumentError("a whole number from 1 on.");
  });
}

/** The seed of a repetition; undefined, with the scenario's own, where nothing was asked. */
function seedOfRepetition(
  { document }: ScenarioPlan,
  seed: number | undefined,
  repetition: number | undefined,
): number | undefined {
  if (repetition === undefined) return seed;
  return repetitionSeed(seed ?? document.seed ?? DEFAULT_SEED, repetition - 1);
}

/** Which run of a scenario is told of. */
export interface ToldRun {
  /** Its own. */
  readonly seed: number;
  /** From 1, of as many as the scenario has. */
  readonly repetition: number;
  readonly repetitions: number;
}

/** The run that was asked for, the first where nothing was asked. */
export function toldRun(
  plan: ScenarioPlan,
  seed: number | undefined,
  repetition: number | undefined,
): ToldRun {
  const { repetitions, seed: own = DEFAULT_SEED } = plan.document;
  const used = seedOfRepetition(plan, seed, repetition) ?? own;
  return { seed: used, repetition: repetition ?? 1, repetitions };
}

/** Which of several repetitions is told of; nothing where there is one. */
export function repetitionLine({ seed, repetition, repetitions }: ToldRun): string {
  if (repetitions === 1) return "";
  return `repetition ${repetition} of ${repetitions}, seed ${seed}\n\n`;
}

/** What is wrong with the number; null where nothing is. */
export function repetitionProblem(
  { document: { repetitions }, file }: ScenarioPlan,
  repetition: number | undefined,
): Diagnostic | null {
  if (repetition === undefined || repetition <= repetitions) return null;
  const times = counted(repetitions, "time");
  const hint = `${file} runs ${times}: the last repetition is ${repetitions}`;
  const message = `no such repetition: ${repetition}`;
  return diagnosticFor("<command line>", "E_VALUE_RANGE", message, { hint });
}
