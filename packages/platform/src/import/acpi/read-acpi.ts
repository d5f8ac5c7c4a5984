// Firmware tables in whatever form they come: bytes, the dump of bytes that `acpidump` writes, the
// text of `iasl -d`, a kernel's boot log, or a folder of those.
import type { Diagnostic } from "@faultline/diagnostics";
import { diagnosticAtBytes, diagnosticFor } from "@faultline/diagnostics";
import { ACPI_TABLE_NAMES, readAcpiTable } from "../../acpi/tables/acpi-tables.ts";
import type { ImportFile, ImportInput } from "../import-input.ts";
import type { AcpiReading } from "./acpi-reading.ts";
import { looksLikeBootLog, readBootLog } from "./read-boot-log.ts";
import { looksLikeIasl, readIasl } from "./read-iasl.ts";

const SIGNATURES = ACPI_TABLE_NAMES.map((name) => name.toUpperCase());
const DUMP_LINE = /^\s*([0-9A-Fa-f]{4,8}):((?: [0-9A-Fa-f]{2}){1,16})(?:\s|$)/;
const DUMP_HEAD = /^([A-Z0-9]{4}) @ 0x[0-9A-Fa-f]+/;
const HINT =
  "a table of /sys/firmware/acpi/tables, `iasl -d` or `acpidump` of one, or a kernel's boot log";

/** Reads a file, or all tables of a folder or an archive; null where nothing is one. */
export function readAcpi(input: ImportInput): AcpiReading | Diagnostic[] {
  if (input.origin === "file") {
    const [file] = input.files;
    const reading = file === undefined ? null : readFile(input, file);
    if (reading !== null) return reading;
    const source = file === undefined ? null : input.text(file);
    const message = "nothing of SRAT, SLIT, HMAT or CEDT in it";
    return source === null
      ? [...input.problems]
      : [{ ...placeOfStart(input.name, source.text), ...refusal(message) }];
  }
  const readings = input.files
    .filter((file) => !/\.(?:md|json|aml\.txt)$/i.test(file.path))
    .flatMap((file) => readFile(input, file) ?? []);
  if (readings.length > 0) return joined(input, readings);
  const message = "no file of it is SRAT, SLIT, HMAT or CEDT";
  return [diagnosticFor(input.name, "E_IMPORT_FILES", message, { hint: HINT })];
}

function refusal(message: string): Pick<Diagnostic, "code" | "severity" | "message" | "hint"> {
  return { code: "E_IMPORT_FORMAT", severity: "error", message, hint: HINT };
}

function placeOfStart(
  file: string,
  text: string,
): Omit<Diagnostic, keyof ReturnType<typeof refusal>> {
  const end = Math.max(1, text.split("\n", 1)[0]?.length ?? 1);
  return { file, start: 0, end: Math.min(end, text.length), line: 1, column: 1 };
}

function readFile(input: ImportInput, file: ImportFile): AcpiReading | null {
  const bytes = input.bytes(file);
  if (bytes === null) return null;
  const signature = String.fromCharCode(...bytes.subarray(0, 4));
  if (isBinary(bytes)) {
    return SIGNATURES.includes(signature) || input.origin === "file"
      ? readBytes(bytes, input.nameOf(file))
      : null;
  }
  const source = input.text(file);
  if (source === null) return null;
  if (looksLikeIasl(source.text)) return readIasl(source);
  if (looksLikeBootLog(source.text)) return readBootLog(source);
  const dumped = dumpedTables(source.text);
  return dumped.length === 0
    ? null
    : joined(
        input,
        dumped.map((one) => readBytes(one, source.file)),
      );
}

/** A table has a length in its second word, whose upper bytes are 0; a text has none. */
function isBinary(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 36).includes(0);
}

function readBytes(bytes: Uint8Array, file: string): AcpiReading {
  const { tables, diagnostics } = readAcpiTable(bytes, file);
  const found = [...diagnostics];
  return {
    tables,
    diagnostics: () => found,
    reportPart: (_, code, message, details) => {
      found.push(diagnosticAtBytes(file, 0, 4, code, message, details));
    },
    nodeOfDomain: null,
  };
}

/** The bytes of our tables among those that `acpidump` has written. */
function dumpedTables(text: string): Uint8Array[] {
  const tables: number[][] = [];
  for (const line of text.split("\n")) {
    const [, at = "", words = ""] = DUMP_LINE.exec(line) ?? [];
    if (DUMP_HEAD.test(line) || Number.parseInt(at, 16) === 0) tables.push([]);
    if (at === "") continue;
    tables.at(-1)?.push(
      ...words
        .trim()
        .split(" ")
        .map((word) => Number.parseInt(word, 16)),
    );
  }
  return tables
    .map((table) => Uint8Array.from(table))
    .filter((bytes) => SIGNATURES.includes(String.fromCharCode(...bytes.subarray(0, 4))));
}

/** Several readings as one; each table may be there once. */
function joined(input: ImportInput, readings: readonly AcpiReading[]): AcpiReading {
  const twice = ACPI_TABLE_NAMES.flatMap((name) => {
    const having = readings.filter(({ tables }) => tables[name] !== undefined);
    if (having.length < 2) return [];
    const message = `${having.length} tables ${name.toUpperCase()}: which one counts is not known`;
    return [diagnosticFor(input.name, "E_IMPORT_TWICE", message)];
  });
  return {
    tables: Object.assign({}, ...readings.map(({ tables }) => tables)) as AcpiReading["tables"],
    diagnostics: () => [...twice, ...readings.flatMap((one) => one.diagnostics())],
    reportPart: (part, ...rest) => {
      const owner = readings.find(({ tables }) =>
        [...(tables.srat?.entries ?? []), ...(tables.hmat?.structures ?? [])].some(
          (one) => one === part,
        ),
      );
      owner?.reportPart(part, ...rest);
    },
    nodeOfDomain: readings.find(({ nodeOfDomain }) => nodeOfDomain !== null)?.nodeOfDomain ?? null,
  };
}
