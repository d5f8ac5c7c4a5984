// The option that asks how much of a result rests on ranges.
import { InvalidArgumentError, Option } from "commander";

/** Samples where the option says no number. */
const DEFAULT_SAMPLES = 32;
const MAX_SAMPLES = 10_000;

/** The option `--uncertainty [N]`. */
export function uncertaintyOption(): Option {
  const what = "run N times more at drawn prices, and show 90 % intervals";
  const text = `${what} (default N: ${DEFAULT_SAMPLES})`;
  return new Option("--uncertainty [n]", text)
    .preset(DEFAULT_SAMPLES)
    .argParser((given: string) => {
      const n = Number(given);
      if (Number.isSafeInteger(n) && n >= 2 && n <= MAX_SAMPLES) return n;
      throw new InvalidArgumentError(`a number of samples is from 2 to ${MAX_SAMPLES}.`);
    });
}
