// What comes of reading another tool's view of a machine.
import type { Diagnostic } from "@faultline/diagnostics";
import type { MachineInput } from "../machine-schema.ts";

/** A file of another tool, read. */
export interface ImportResult {
  /** Null when a diagnostic is an error. */
  readonly machine: MachineInput | null;
  /** What the file does not say, and what the machine has in its place; one sentence each. */
  readonly assumptions: readonly string[];
  /** What the file says, under the names of docs/import.md. */
  readonly facts: Readonly<Record<string, unknown>>;
  readonly diagnostics: readonly Diagnostic[];
}

/** What the user knows and the file may not say. */
export interface ImportOptions {
  /** Memory of each GPU. @defaultValue 16 GiB */
  readonly gpuMemoryBytes?: bigint;
}

/** Nothing but what is wrong. */
export function refusedImport(diagnostics: readonly Diagnostic[]): ImportResult {
  return { machine: null, assumptions: [], facts: {}, diagnostics };
}
