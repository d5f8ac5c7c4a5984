// Options that take some of a fixed list of names, with commas between them.
import { InvalidArgumentError, Option } from "commander";
import { commaSeparated } from "./comma-separated.ts";

/** The option; without it, all of them. */
export function choicesOption<T extends string>(
  flags: string,
  about: string,
  all: readonly T[],
): Option {
  return new Option(flags, `${about}: ${all.join(", ")}`)
    .argParser((text: string): T[] => {
      const names = commaSeparated(text);
      const unknown = names.find((name) => !(all as readonly string[]).includes(name));
      if (unknown === undefined && names.length > 0) return names as T[];
      throw new InvalidArgumentError(`there are ${all.join(", ")}.`);
    })
    .default([...all], "all of them");
}

/** The names that such an option offers. */
export function namesOf(all: readonly { readonly name: string }[]): string[] {
  return all.map(({ name }) => name);
}
