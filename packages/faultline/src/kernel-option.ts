// The option that chooses which kernel a scenario's world behaves like.
import { Option } from "commander";
import type { KernelName } from "./library/with-kernel.ts";

/** Every preset; the type makes the list complete. */
const names: Readonly<Record<KernelName, true>> = { "7.2.12": true, "7.2-fixed": true };

/** The option `--kernel PRESET`, without a default: the scenario names its kernel. */
export function kernelOption(): Option {
  const text = "kernel to behave like, in place of the scenario's";
  return new Option("--kernel <preset>", text).choices(Object.keys(names));
}
