// Whatever a file says, the machine that is made of it must be one. What importers do not find
// wrong themselves (a CPU on two nodes, distances that are not the same both ways) is found here.
import { diagnosticAt, diagnosticFor, hasErrors } from "@faultline/diagnostics";
import { loadMachine } from "../load-machine.ts";
import { printMachine } from "../print-machine.ts";
import type { ImportInput } from "./import-input.ts";
import { type ImportResult, refusedImport } from "./import-result.ts";

/** The result, or a refusal that says why its machine would be none. */
export function checkedImport(result: ImportResult, input: ImportInput): ImportResult {
  if (result.machine === null) return result;
  const { diagnostics } = loadMachine(printMachine(result.machine), input.name);
  if (!hasErrors(diagnostics)) return result;
  const [source] = input.sources();
  const firstLine = source?.text.split("\n", 1)[0]?.length ?? 0;
  const found = diagnostics.map(({ message, hint, severity }) => {
    const what = `what it says is no machine: ${message}`;
    const details = { hint, severity };
    const code = "E_IMPORT_CONTRADICTION";
    return source === undefined
      ? diagnosticFor(input.name, code, what, details)
      : diagnosticAt(source, 0, firstLine, code, what, details);
  });
  return refusedImport([...result.diagnostics, ...found]);
}
