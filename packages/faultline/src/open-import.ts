// What is named after `faultline import KIND`: a file, an archive, or a folder with all below it.
import { gunzipSync } from "node:zlib";
import { diagnosticFor } from "@faultline/diagnostics";
import { type ImportHost, ImportInput, openImport, type OpenedImport } from "@faultline/platform";
import type { CommandIo } from "./command-io.ts";
import { decodeUtf8, readBytes } from "./read-source.ts";

/** What a gzip file may unpack to. */
const MAX_BYTES = 256 * 2 ** 20;
/** Files of a folder: more than any machine's topology has. */
const MAX_FILES = 100_000;

const host: ImportHost = {
  decode: decodeUtf8,
  inflate: (bytes) => gunzipSync(bytes, { maxOutputLength: MAX_BYTES }),
};

/** Opens `path` (`-` is stdin). */
export async function openImportAt(io: CommandIo, path: string): Promise<OpenedImport> {
  const paths = path === "-" ? null : io.listFiles(path, MAX_FILES + 1);
  if (paths === null) {
    const read = readBytes(io, path);
    return read.bytes === undefined ? read : openImport(read.file, read.bytes, host);
  }
  if (paths.length > MAX_FILES) {
    const message = `more than ${MAX_FILES} files: ${path}`;
    return { problem: diagnosticFor(path, "E_IMPORT_FILES", message) };
  }
  const name = path.replace(/(?<=.)\/+$/, "");
  const files = paths.map((one) => ({ path: one, read: () => io.readFile(`${name}/${one}`) }));
  return { input: new ImportInput(name, files, host.decode, "folder") };
}
