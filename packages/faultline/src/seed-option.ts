// The option that decides everything random in a run.
import { InvalidArgumentError, Option } from "commander";

/** The option `--seed N`, without a default: the scenario names its seed. */
export function seedOption(): Option {
  const option = new Option("--seed <number>", "of everything random, in place of the scenario's");
  return option.argParser((text: string) => {
    const seed = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(seed)) return seed;
    throw new InvalidArgumentError("a seed is a whole number from 0 to 2^53 - 1.");
  });
}
