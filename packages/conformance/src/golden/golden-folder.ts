// Reads the JSON files of a folder of recorded answers; what is wrong with them is a diagnostic.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Diagnostic, diagnosticFor } from "@faultline/diagnostics";

/** A folder, and where problems with it go. */
export interface GoldenFolder {
  readonly path: string;
  readonly problems: Diagnostic[];
}

/** The value of a JSON file; undefined after reporting why there is none. */
export function readJsonFile({ path, problems }: GoldenFolder, name: string): unknown {
  const file = join(path, name);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    problems.push(diagnosticFor(file, "E_CONFORMANCE_FILE", `cannot be read: ${reason}`));
    return undefined;
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    problems.push(diagnosticFor(file, "E_CONFORMANCE_SYNTAX", `not JSON: ${message}`));
    return undefined;
  }
}

/** Reports that a value in a file is not what it should be. */
export function reportCase({ path, problems }: GoldenFolder, name: string, message: string): void {
  problems.push(diagnosticFor(join(path, name), "E_CONFORMANCE_CASE", message));
}

/** Whether the folder has a file. */
export function hasFile({ path }: GoldenFolder, name: string): boolean {
  return existsSync(join(path, name));
}

/**
 * The folder itself when it has one of `names`, else its subfolder `kind` where that has one: a
 * collection of several kinds can be named as a whole.
 */
export function openFolder(path: string, kind: string, names: readonly string[]): GoldenFolder {
  const problems: Diagnostic[] = [];
  const folders = [path, join(path, kind)].map((one) => ({ path: one, problems }));
  const found = folders.find((folder) => names.some((name) => hasFile(folder, name)));
  if (found !== undefined) return found;
  const message = existsSync(path)
    ? `no recorded answers here: ${names.join(" or ")}`
    : "no such folder";
  problems.push(diagnosticFor(path, "E_CONFORMANCE_FILE", message));
  return { path, problems };
}
