// The option that changes single values of the scenarios of a command line: `--set PATH=VALUE`, as
// often as needed.
import { Option } from "commander";

/** The option `--set PATH=VALUE`, which collects what it is given. */
export function setOption(): Option {
  const text = "put a value in place of the scenario's: machine.swap=64MiB, steps.2.pages=8";
  const option = new Option("--set <path=value>", text);
  return option.argParser((setting: string, before: readonly string[] | undefined) => [
    ...(before ?? []),
    setting,
  ]);
}
