// Tables from the text that `iasl -d` writes of them, by the names of their fields; lengths and
// checksums are not looked at, because texts that somebody has edited have old ones.
import type { SourceText } from "@faultline/diagnostics";
import type { AcpiTables } from "../../acpi/tables/acpi-tables.ts";
import type { CedtStructure } from "../../acpi/tables/cedt.ts";
import { deviceHandleField } from "../../acpi/tables/device-handle.ts";
import type { HmatStructure } from "../../acpi/tables/hmat.ts";
import type { SratEntry } from "../../acpi/tables/srat.ts";
import type { TableHeader } from "../../acpi/tables/table-header.ts";
import { ImportProblems, type Report, type Stretch } from "../import-problems.ts";
import { type AcpiReading, partReporter } from "./acpi-reading.ts";
import { type IaslPart, type IaslTable, iaslTables, IaslValues } from "./iasl-lines.ts";

const DOMAIN = ["Proximity Domain"];
const FLAGS = ["Flags (decoded below)", "Flags"];
const INITIATORS = ["Initiator Proximity Domains #"];
const TARGETS = ["Target Proximity Domains #"];
const MAX_SIDE = 4096;

type Read = (values: IaslValues) => Readonly<Record<string, unknown>> | null;

/** Entries of SRAT by their type. */
const SRAT_READERS: Readonly<Record<number, Read>> = {
  0: (values) => ({
    kind: "local-apic",
    proximityDomain:
      values.number(["Proximity Domain Low(8)"]) +
      values.number(["Proximity Domain High(24)"], 0n) * 256,
    apicId: values.number(["Apic ID"]),
    flags: flagsOf(values),
    sapicEid: values.number(["Local Sapic EID"], 0n),
    clockDomain: values.number(["Clock Domain"], 0n),
  }),
  1: (values) => ({
    kind: "memory",
    proximityDomain: values.number(DOMAIN),
    base: values.exact(["Base Address"]),
    length: values.exact(["Address Length"]),
    flags: flagsOf(values),
  }),
  2: (values) => ({
    kind: "x2apic",
    proximityDomain: values.number(DOMAIN),
    x2apicId: values.number(["Apic ID", "X2Apic ID"]),
    flags: flagsOf(values),
    clockDomain: values.number(["Clock Domain"], 0n),
  }),
  3: (values) => processorOf("gicc", values),
  4: (values) => ({
    kind: "gic-its",
    proximityDomain: values.number(DOMAIN),
    itsId: values.number(["ITS ID", "Its ID"], 0n),
  }),
  5: (values) => deviceOf("generic-initiator", values),
  6: (values) => deviceOf("generic-port", values),
  7: (values) => processorOf("rintc", values),
};

function processorOf(kind: string, values: IaslValues): ReturnType<Read> {
  return {
    kind,
    proximityDomain: values.number(DOMAIN),
    processorUid: values.number(["Acpi Processor UID", "Processor UID"]),
    flags: flagsOf(values),
    clockDomain: values.number(["Clock Domain"], 0n),
  };
}

function deviceOf(kind: string, values: IaslValues): ReturnType<Read> {
  const bytes = new Uint8Array(32);
  bytes[3] = values.number(["Device Handle Type"]);
  bytes.set(values.bytes(["Device Handle"]).slice(0, 16), 8);
  const handle = deviceHandleField.read(new DataView(bytes.buffer), 0);
  return { kind, proximityDomain: values.number(DOMAIN), handle, flags: flagsOf(values) };
}

/** The word of flags, or its bits where somebody has left the word away. */
function flagsOf(values: IaslValues): number {
  if (values.fields(FLAGS).length > 0) return values.number(FLAGS);
  const bits = [["Enabled"], ["Hot Pluggable", "Architectural Transactions"], ["Non-Volatile"]];
  return bits.reduce((sum, names, bit) => sum + values.number(names, 0n) * 2 ** bit, 0);
}

/** Structures of HMAT by their type. */
const HMAT_READERS: Readonly<Record<number, Read>> = {
  0: (values) => ({
    kind: "proximity",
    flags: values.number(FLAGS),
    initiator: values.number(["Attached Initiator Proximity Domain", "Processor Proximity Domain"]),
    memory: values.number(["Memory Proximity Domain"]),
    rangeBase: values.exact(["Physical Address Range Base"], 0n),
    rangeLength: values.exact(["Physical Address Range Size"], 0n),
  }),
  1: (values) => {
    const [rows, columns] = [values.number(INITIATORS), values.number(TARGETS)];
    const initiators = values.list(["Initiator Proximity Domain List"]);
    const targets = values.list(["Target Proximity Domain List"]);
    const entries = values.list(["Entry"]);
    const isFull =
      initiators.length === rows && targets.length === columns && entries.length === rows * columns;
    if (!isFull || rows > MAX_SIDE) return null;
    return {
      kind: "matrix",
      flags: values.number(FLAGS, 0n),
      dataType: values.number(["Data Type"]),
      minTransferBytes: values.number(["Minimum Transfer Size"], 0n),
      baseUnit: values.exact(["Entry Base Unit"]),
      initiators,
      targets,
      entries: initiators.map((_, row) => entries.slice(row * columns, (row + 1) * columns)),
    };
  },
  2: (values) => ({
    kind: "cache",
    memory: values.number(["Memory Proximity Domain"]),
    addressMode: values.number(["Address Mode"], 0n),
    sizeBytes: values.exact(["Memory Side Cache Size"]),
    attributes: values.number(["Cache Attributes (decoded below)", "Cache Attributes"]),
    smbiosHandles: values.list(["SMBIOS Handle"]),
  }),
};

/** Structures of CEDT by their type. */
const CEDT_READERS: Readonly<Record<number, Read>> = {
  0: (values) => ({
    kind: "bridge",
    uid: values.number(["Associated host bridge"]),
    cxlVersion: values.number(["Specification version"]),
    base: values.exact(["Register base"]),
    length: values.exact(["Register length"]),
  }),
  1: (values) => ({
    kind: "window",
    base: values.exact(["Window base address"]),
    sizeBytes: values.exact(["Window size"]),
    encodedWays: values.number(["Interleave Members", "Interleave Members (2^n)"]),
    arithmetic: values.number(["Interleave Arithmetic"], 0n),
    encodedGranularity: values.number(["Granularity"]),
    restrictions: values.number(["Restrictions"], 0n),
    qtgId: values.number(["QtgId"], 0n),
    targets: values.list(["First Target", "Next Target"]),
  }),
};

/** Whether a text has tables in this form. */
export function looksLikeIasl(text: string): boolean {
  return /^(?:\[[^\]]*\])?\s*Signature\s*:\s*"/m.test(text);
}

/** Reads every table of a text. */
export function readIasl(source: SourceText): AcpiReading {
  const problems = new ImportProblems(source);
  const { report } = problems;
  const places = new Map<object, Stretch>();
  let tables: AcpiTables = {};
  for (const table of iaslTables(source.text)) {
    const read = tableOf(table, places, report);
    const [name] = Object.keys(read);
    if (name !== undefined && name in tables) {
      report(table.head.line, "E_IMPORT_TWICE", `a second ${table.head.value}`);
    }
    tables = { ...tables, ...read };
  }
  const reportPart = partReporter(places, report);
  return { tables, diagnostics: () => problems.sorted(), reportPart, nodeOfDomain: null };
}

function tableOf(table: IaslTable, places: Map<object, Stretch>, report: Report): AcpiTables {
  const header = headerOf(table, report);
  const readAll = (readers: Readonly<Record<number, Read>>): object[] =>
    table.structures.flatMap((part) =>
      structureOf(part, table.head.value, readers, places, report),
    );
  switch (table.head.value) {
    case "SRAT":
      return { srat: { header, entries: readAll(SRAT_READERS) as SratEntry[] } };
    case "HMAT":
      return { hmat: { header, structures: readAll(HMAT_READERS) as HmatStructure[] } };
    case "CEDT":
      return { cedt: { header, structures: readAll(CEDT_READERS) as CedtStructure[] } };
    case "SLIT":
      return { slit: { header, distances: distancesOf(table, report) } };
    default: {
      const hint = "tables that are read: SRAT, SLIT, HMAT, CEDT";
      const message = `table with the signature ${table.head.value}`;
      report(table.head.line, "E_IMPORT_FORMAT", message, { hint });
      return {};
    }
  }
}

function headerOf(table: IaslTable, report: Report): TableHeader {
  const values = new IaslValues(table, table.head.value, report);
  return {
    revision: values.number(["Revision"]),
    oemId: values.text("Oem ID"),
    oemTableId: values.text("Oem Table ID"),
    oemRevision: values.number(["Oem Revision"], 0n),
    creatorId: values.text("Asl Compiler ID"),
    creatorRevision: values.number(["Asl Compiler Revision"], 0n),
  };
}

function structureOf(
  part: IaslPart,
  table: string,
  readers: Readonly<Record<number, Read>>,
  places: Map<object, Stretch>,
  report: Report,
): object[] {
  const { value, line } = part.head;
  const type = /^[0-9a-f]{1,4}$/i.test(value) ? Number.parseInt(value, 16) : -1;
  const title = `${table}, structure of type ${value}`;
  const reader = readers[type];
  if (type < 0) {
    report(line, "E_IMPORT_VALUE", `${part.head.name} is no hexadecimal number: ${value}`);
    return [];
  }
  if (reader === undefined) {
    report(line, "E_IMPORT_FORMAT", `${title} is not known`, { severity: "warning" });
    return [];
  }
  const values = new IaslValues(part, title, report);
  const read = reader(values);
  if (read === null) {
    const [rows, columns] = [values.number(INITIATORS), values.number(TARGETS)];
    const entries = values.list(["Entry"]).length;
    const message =
      `a matrix of ${rows} initiators and ${columns} targets needs ${rows * columns} entries,` +
      ` this one has ${entries}`;
    report(line, "E_IMPORT_COUNT", message);
    return [];
  }
  places.set(read, line);
  return [read];
}

function distancesOf(table: IaslTable, report: Report): number[][] {
  const values = new IaslValues(table, "SLIT", report);
  const side = values.number(["Localities"]);
  const rows = table.fields
    .filter(({ name }) => /^Locality\s+\d+$/i.test(name))
    .map(({ name, line }) => ({ line, row: values.bytes([name]) }));
  for (const { line, row } of rows) {
    if (row.length === side) continue;
    const message = `a row of SLIT has ${row.length} distances, there are ${side} localities`;
    report(line, "E_IMPORT_COUNT", message);
  }
  if (rows.length !== side) {
    const message = `SLIT has ${rows.length} rows, there are ${side} localities`;
    report(table.head.line, "E_IMPORT_COUNT", message);
  }
  return rows.map(({ row }) => row);
}
