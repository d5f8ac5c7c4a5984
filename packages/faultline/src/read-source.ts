// Reads and writes the files named on the command line; what goes wrong is a diagnostic.
import type { Diagnostic } from "@faultline/diagnostics";
import { diagnosticFor, SourceText } from "@faultline/diagnostics";
import { type CommandIo, STDIN_TAKEN } from "./command-io.ts";

/** A text, or why there is none. */
export type ReadSource =
  | { readonly source: SourceText }
  | { readonly source?: undefined; readonly problem: Diagnostic };

/** The bytes of a file under the name that diagnostics use, or why there are none. */
export type ReadBytes =
  | { readonly file: string; readonly bytes: Uint8Array }
  | { readonly bytes?: undefined; readonly problem: Diagnostic };

/** The name under which stdin appears in diagnostics. */
const STDIN_NAME = "<stdin>";

/** Reads `path` (`-` is stdin) as UTF-8; a byte order mark is dropped. */
export function readSource(io: CommandIo, path: string): ReadSource {
  const read = readBytes(io, path);
  if (read.bytes === undefined) return read;
  const { file, bytes } = read;
  const text = decodeUtf8(bytes);
  if (text !== null) return { source: new SourceText(file, text) };
  return { problem: diagnosticFor(file, "E_FILE_NOT_TEXT", "not UTF-8 text") };
}

/** Bytes as UTF-8 without a byte order mark; null when they are not. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Reads `path` (`-` is stdin). */
export function readBytes(io: CommandIo, path: string): ReadBytes {
  const file = path === "-" ? STDIN_NAME : path;
  try {
    return { file, bytes: io.readFile(path) };
  } catch (error) {
    return { problem: unreadable(file, error) };
  }
}

/** Writes a file; undefined when that went well. */
export function writeBytes(io: CommandIo, path: string, bytes: Uint8Array): Diagnostic | undefined {
  try {
    io.writeFile(path, bytes);
    return undefined;
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? "unknown reason";
    return diagnosticFor(path, "E_FILE_UNWRITABLE", `cannot be written: ${reason}`);
  }
}

/** Makes a folder where there is none; what went wrong, if anything. */
export function makeFolder(io: CommandIo, path: string): Diagnostic[] {
  try {
    io.makeFolder(path);
    return [];
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? "unknown reason";
    return [diagnosticFor(path, "E_FILE_UNWRITABLE", `cannot be made: ${reason}`)];
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EISDIR: "is a directory",
  [STDIN_TAKEN]: "is read once, for the first of the files that name it",
};

function unreadable(file: string, error: unknown): Diagnostic {
  const code = (error as NodeJS.ErrnoException).code ?? "unknown reason";
  if (code === "ENOENT" || code === "ENOTDIR") {
    return diagnosticFor(file, "E_FILE_NOT_FOUND", "no such file");
  }
  const reason = REASONS[code] ?? `cannot be read: ${code}`;
  return diagnosticFor(file, "E_FILE_UNREADABLE", reason);
}
