// Writes the files that options such as --svg name; what goes wrong is a diagnostic.
import { type Diagnostic, diagnosticFor } from "@faultline/diagnostics";
import type { CommandIo } from "./command-io.ts";

/** Writes a text; gives null, or why it could not be written. */
export function writeOutput(io: CommandIo, path: string, text: string): Diagnostic | null {
  try {
    io.writeFile(path, text);
    return null;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown reason";
    const reason = code === "ENOENT" ? "no such directory" : `cannot be written: ${code}`;
    return diagnosticFor(path, "E_FILE_UNWRITABLE", reason);
  }
}
