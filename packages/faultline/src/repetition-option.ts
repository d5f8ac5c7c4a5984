// The option that picks one of a scenario's repetitions.
import { InvalidArgumentError, Option } from "commander";
import type { ToldRun } from "./library/told-run.ts";

/** The option `--repetition N`, 1 the first. */
export function repetitionOption(): Option {
  const about = "which of the scenario's repetitions, 1 the first";
  return new Option("--repetition <number>", about).argParser((text: string) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= 1 && Number.isSafeInteger(number)) return number;
    throw new InvalidArgumentError("a whole number from 1 on.");
  });
}

/** Which of several repetitions is told of; nothing where there is one. */
export function repetitionLine({ seed, repetition, repetitions }: ToldRun): string {
  if (repetitions === 1) return "";
  return `repetition ${repetition} of ${repetitions}, seed ${seed}\n\n`;
}
