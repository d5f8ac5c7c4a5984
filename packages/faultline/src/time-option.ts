// Options that take a time: `10ms`.
import { InvalidArgumentError, Option } from "commander";

/** The option. */
export function timeOption(flags: string, about: string): Option {
  return new Option(flags, about).argParser((text: string) => {
    if (/^[1-9][0-9]*(ns|us|ms|s)$/.test(text)) return text;
    throw new InvalidArgumentError("a time is a whole number with ns, us, ms or s.");
  });
}
