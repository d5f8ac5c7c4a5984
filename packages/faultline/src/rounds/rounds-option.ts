// The option that says how often a benchmark repeats its program: `--rounds N`.
import { InvalidArgumentError, Option } from "commander";

/** The option; a hundred rounds have a p99. */
export function roundsOption(): Option {
  return new Option("--rounds <n>", "rounds after the first").argParser(parseRounds).default(100);
}

function parseRounds(text: string): number {
  if (/^[1-9][0-9]{0,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("a number of rounds is a whole number of 1 to 99999.");
}
