// One machine of a recording: its QEMU command line, the tables it booted with, and its kernel's
// nodes. Tables that were replaced in the guest are not compared with those QEMU builds.
import { readFileSync } from "node:fs";
import {
  ACPI_TABLE_NAMES,
  type AcpiTableName,
  type AcpiTables,
  buildQemuTables,
  linuxMachineOf,
  linuxNodeMap,
  readAcpiTable,
  readQemuMachine,
  writeAcpiTables,
} from "@faultline/platform";
import { type GoldenFolder, hasFile, readJsonFile, reportCase } from "../golden/golden-folder.ts";
import type { GoldenCase } from "../golden/golden-report.ts";
import { isObject, type JsonObject } from "../json-shape.ts";
import { linuxAnswer } from "./linux-answers.ts";
import { bytesAnswer, tablesAnswer } from "./table-answers.ts";

/** The file with the expected answers; a folder that has it is a case. */
export const EXPECT_FILE = "expect.json";
const COMMAND_LINE_FILE = "cmdline.txt";

interface RecordedMachine {
  readonly commandLine: string;
  readonly files: ReadonlyMap<AcpiTableName, Uint8Array>;
  readonly replaced: ReadonlySet<string>;
  readonly expect: JsonObject;
}

/** The case of a folder; undefined when it is not sound, which is reported. */
export function tableCase(folder: GoldenFolder, name: string): GoldenCase | undefined {
  const machine = readMachine(folder);
  if (machine === undefined) return undefined;
  const { files, replaced, expect } = machine;
  const { srat, slit, hmat, cedt, linux_7_2_12: linux } = expect;
  const isKnown = ([, value]: readonly [string, unknown]): boolean => value !== undefined;
  return {
    name,
    expected: {
      verdict: "starts",
      files: Object.fromEntries(
        ACPI_TABLE_NAMES.filter((table) => !replaced.has(table.toUpperCase())).map((table) => [
          `${table.toUpperCase()}.bin`,
          bytesAnswer(files.get(table)),
        ]),
      ),
      read: Object.fromEntries(Object.entries({ srat, slit, hmat, cedt }).filter(isKnown)),
      ...(linux === undefined ? { panics: true } : { panics: false, linux }),
    },
    answer: () => answer(machine),
  };
}

function readMachine(folder: GoldenFolder): RecordedMachine | undefined {
  const expect = readJsonFile(folder, EXPECT_FILE);
  if (!hasFile(folder, COMMAND_LINE_FILE)) {
    reportCase(folder, COMMAND_LINE_FILE, "the case has no command line");
    return undefined;
  }
  if (expect === undefined) return undefined;
  const replaced = isObject(expect) ? (expect["tables_replaced_in_guest"] ?? []) : undefined;
  if (!isObject(expect) || !Array.isArray(replaced)) {
    reportCase(folder, EXPECT_FILE, "must be an object, `tables_replaced_in_guest` a list");
    return undefined;
  }
  const read = (name: string): Uint8Array => readFileSync(`${folder.path}/${name}`);
  const files = ACPI_TABLE_NAMES.flatMap((table): [AcpiTableName, Uint8Array][] => {
    const name = `${table.toUpperCase()}.bin`;
    return hasFile(folder, name) ? [[table, read(name)]] : [];
  });
  return {
    commandLine: new TextDecoder().decode(read(COMMAND_LINE_FILE)),
    files: new Map(files),
    replaced: new Set(replaced.map(String)),
    expect,
  };
}

function answer({ commandLine, files }: RecordedMachine): JsonObject {
  const { machine, verdict, diagnostics } = readQemuMachine(commandLine, COMMAND_LINE_FILE);
  if (machine === null) return { verdict: diagnostics[0]?.message ?? verdict };
  const built = writeAcpiTables(buildQemuTables(machine));
  const tables: AcpiTables = Object.assign(
    {},
    ...[...files].map(([name, bytes]) => readAcpiTable(bytes, name).tables),
  );
  const map = linuxNodeMap(tables, linuxMachineOf(machine));
  return {
    verdict,
    files: Object.fromEntries(
      ACPI_TABLE_NAMES.map((name) => [`${name.toUpperCase()}.bin`, bytesAnswer(built.get(name))]),
    ),
    read: tablesAnswer(tables, files.get("srat")?.length ?? 0),
    panics: map.panic !== null,
    linux: linuxAnswer(map, machine),
  };
}
