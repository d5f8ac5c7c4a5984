// For tests: one file or folder of each kind and form, and the ways to read them.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { IMPORT_KINDS, type ImportFile, ImportInput, type ImportResult } from "@faultline/platform";
import { rootPath } from "../support/source-files.ts";

const root = join(rootPath, "scenarios/imports");

/** Kind and file, below `scenarios/imports`; every kind is here at least once. */
export const IMPORT_SAMPLES: readonly (readonly [kind: string, file: string])[] = [
  ["nvidia-smi", "four-gpus.txt"],
  ["hwloc", "two-packages.xml"],
  ["hwloc", "lstopo.txt"],
  ["lspci", "one-switch.txt"],
  ["lspci", "lspci-tree.txt"],
  ["nccl", "two-hives.xml"],
  ["rocm-smi", "three-gpus.txt"],
  ["acpi", "srat-hmat.dsl"],
  ["acpi", "boot-log.txt"],
  ["devicetree", "../devicetrees/ac922.dts"],
  ["kfd", "kfd-three-gpus"],
  ["qemu", "qemu.txt"],
  ["numactl", "three-nodes.txt"],
];

/** Bytes as text; null when they are none. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** The files of a sample that is a folder, by their paths. */
export function sampleFiles(folder: string): ImportFile[] {
  const path = join(root, folder);
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((at) => ({ path: relative(path, at), read: () => readFileSync(at) }));
}

/** The text of a sample that is one file. */
export function sampleText(file: string): string {
  return readFileSync(join(root, file), "utf8");
}

/** A sample as importers get it. */
export function sampleInput(kind: string, file: string): ImportInput {
  return kind === "kfd"
    ? new ImportInput(file, sampleFiles(file), decodeUtf8, "folder")
    : ImportInput.ofText(file, sampleText(file));
}

/** Reads an input with the importer of a kind. */
export function importAs(kind: string, input: ImportInput): ImportResult {
  const found = IMPORT_KINDS.find(({ name }) => name === kind);
  if (found === undefined) throw new Error(`no kind ${kind}`);
  return found.read(input);
}
