// Reads a device tree named on the command line, source or blob.
import { type Diagnostic, diagnosticFor, type SourceText } from "@faultline/diagnostics";
import { type DeviceTree, isDtb, parseDts, readDtb } from "@faultline/platform";
import type { CommandIo } from "./command-io.ts";
import { readBytes } from "./read-source.ts";

/** A tree unless a diagnostic is an error. */
export interface FoundDeviceTree {
  readonly tree: DeviceTree | null;
  readonly diagnostics: readonly Diagnostic[];
  /** The text, when a tree was read from it. */
  readonly sources: readonly SourceText[];
}

/** Reads `path` (`-` is stdin); the first bytes say which form it has. */
export function readDeviceTree(io: CommandIo, path: string): FoundDeviceTree {
  const read = readBytes(io, path);
  if (read.bytes === undefined) return { tree: null, diagnostics: [read.problem], sources: [] };
  const { file, bytes } = read;
  if (isDtb(bytes)) return { ...readDtb(bytes, file), sources: [] };
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    const message = "neither a device tree blob nor UTF-8 text";
    const problem = diagnosticFor(file, "E_FILE_NOT_TEXT", message);
    return { tree: null, diagnostics: [problem], sources: [] };
  }
  const { tree, source, diagnostics } = parseDts(text, file);
  return { tree, diagnostics, sources: [source] };
}
