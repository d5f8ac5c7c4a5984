// Machine documents that scenarios refer to, read from the checkout.
import { posix } from "node:path";
import { SourceText } from "@faultline/diagnostics";
import type { ReadReferenced } from "@faultline/scenario";
import { allFiles } from "./source-files.ts";

/** Reads a file by its path from the file that names it. */
export const readReferenced: ReadReferenced = (path, from) => {
  const full = posix.join(posix.dirname(from), path);
  const found = allFiles.find((file) => file.path === full);
  return found === undefined ? null : new SourceText(full, found.text);
};
