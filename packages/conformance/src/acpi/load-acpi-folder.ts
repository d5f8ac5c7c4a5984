// Recorded machines of QEMU and Linux: folders with tables and nodes (`acpi/`,
// `acpi-alternatives/`), command lines that QEMU refuses (`qemu-errors.json`), and orders of
// objects (`gi-order.json`).
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { diagnosticFor } from "@faultline/diagnostics";
import { objectOrder } from "@faultline/platform";
import { type GoldenFolder, hasFile, readJsonFile, reportCase } from "../golden/golden-folder.ts";
import type { GoldenCase, GoldenFiles } from "../golden/golden-report.ts";
import { isObject } from "../json-shape.ts";
import { EXPECT_FILE, tableCase } from "./table-case.ts";
import { verdictCase } from "./verdict-case.ts";

const CASE_FOLDERS = ["acpi", "acpi-alternatives"];
const ERRORS = "qemu-errors.json";
const ORDER = "gi-order.json";

/**
 * Reads a folder; any of its parts may be missing. A folder of cases, and a single case, can be
 * named too.
 */
export function loadAcpiFolder(path: string): GoldenFiles {
  const folder: GoldenFolder = { path, problems: [] };
  const cases = [
    ...caseFolders(path).flatMap(([name, at]) => {
      const found = tableCase({ path: at, problems: folder.problems }, name);
      return found === undefined ? [] : [found];
    }),
    ...rowCases(folder, ERRORS, verdictCase),
    ...rowCases(folder, ORDER, orderCase),
  ];
  if (cases.length === 0 && folder.problems.length === 0) {
    const names = [...CASE_FOLDERS.map((name) => `${name}/`), ERRORS, ORDER];
    const message = existsSync(path)
      ? `no recorded answers here: ${names.join(" or ")}`
      : "no such folder";
    folder.problems.push(diagnosticFor(path, "E_CONFORMANCE_FILE", message));
  }
  return { cases, problems: folder.problems };
}

/** Folders with expected answers: here, below, or below the folders with the known names. */
function caseFolders(path: string): [name: string, path: string][] {
  if (existsSync(join(path, EXPECT_FILE))) return [[path, path]];
  const parents = [path, ...CASE_FOLDERS.map((name) => join(path, name))];
  return parents
    .filter((parent) => existsSync(parent) && statSync(parent).isDirectory())
    .flatMap((parent) =>
      readdirSync(parent)
        .sort()
        .map((name): [string, string] => [name, join(parent, name)]),
    )
    .filter(([, at]) => existsSync(join(at, EXPECT_FILE)));
}

function rowCases(
  folder: GoldenFolder,
  file: string,
  read: (row: unknown, at: number) => GoldenCase | string,
): GoldenCase[] {
  if (!hasFile(folder, file)) return [];
  const rows = readJsonFile(folder, file);
  if (rows === undefined) return [];
  if (!Array.isArray(rows)) {
    reportCase(folder, file, "the file must hold a list of rows");
    return [];
  }
  return rows.flatMap((row: unknown, at) => {
    const found = read(row, at);
    if (typeof found !== "string") return [found];
    reportCase(folder, file, `row ${at}: ${found}`);
    return [];
  });
}

/** The order of generic initiators among all objects. */
function orderCase(row: unknown, at: number): GoldenCase | string {
  if (!isObject(row)) return "must be an object";
  const { n, objects_created_in_order: created, srat_order: expected } = row;
  if (!isTexts(created) || !isTexts(expected)) {
    return "`objects_created_in_order` and `srat_order` must be lists of texts";
  }
  const name = `order ${typeof n === "number" ? n : at}`;
  const answer = (): string[] => objectOrder(created).filter((id) => expected.includes(id));
  return { name, expected, answer };
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
