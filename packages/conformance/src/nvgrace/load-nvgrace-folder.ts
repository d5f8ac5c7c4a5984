// Recorded answers of the nvgrace-gpu driver: how it divides memory (`init.json`), and sequences of
// accesses to one device with what each returned (`access.json`).
import {
  createGraceSession,
  type GraceCommand,
  memRegionJson,
  nvgraceGpuInitNvdevStruct,
  parseGraceCommand,
  runGraceCommand,
} from "@faultline/platform";
import {
  type GoldenFolder,
  hasFile,
  openFolder,
  readJsonFile,
  reportCase,
} from "../golden/golden-folder.ts";
import type { GoldenCase, GoldenFiles } from "../golden/golden-report.ts";
import { isObject, type JsonObject } from "../json-shape.ts";

const INIT = "init.json";
const ACCESS = "access.json";

/** Reads a folder; each row of one file and each sequence of the other is a case. */
export function loadNvgraceFolder(path: string): GoldenFiles {
  const folder = openFolder(path, "nvgrace", [INIT, ACCESS]);
  const cases = [
    ...(hasFile(folder, INIT) ? initCases(folder) : []),
    ...(hasFile(folder, ACCESS) ? accessCases(folder) : []),
  ];
  return { cases, problems: folder.problems };
}

function initCases(folder: GoldenFolder): GoldenCase[] {
  const rows = readJsonFile(folder, INIT);
  if (rows === undefined) return [];
  if (!Array.isArray(rows)) {
    reportCase(folder, INIT, "the file must hold a list of rows");
    return [];
  }
  return rows.flatMap((row: unknown, at) => {
    const found = initCase(row, at);
    if (typeof found !== "string") return [found];
    reportCase(folder, INIT, `row ${at}: ${found}`);
    return [];
  });
}

function initCase(row: unknown, at: number): GoldenCase | string {
  if (!isObject(row)) return "must be an object";
  const { name, has_mig_hw_bug: hasMigHwBug, memphys, memlength } = row;
  const line = `init ${hasMigHwBug === true ? 1 : 0} ${String(memphys)} ${String(memlength)}`;
  const command = parseGraceCommand(line);
  if (typeof command === "string") return command;
  if (command.op !== "init" || typeof hasMigHwBug !== "boolean") return "needs has_mig_hw_bug";
  return {
    name: `init ${typeof name === "string" ? name : at}`,
    expected: withoutName(row),
    answer: () => ({
      ...runGraceCommand(createGraceSession(), command),
      v6_9_formula: olderFormula(command),
    }),
  };
}

function withoutName({ name: _name, ...rest }: JsonObject): JsonObject {
  return rest;
}

/** What Linux 6.9 made of the usable BAR; null where it had no answer or no such part. */
function olderFormula(memory: GraceCommand & { op: "init" }): JsonObject | null {
  const now = nvgraceGpuInitNvdevStruct(memory);
  const then = nvgraceGpuInitNvdevStruct(memory, "6.9");
  if (!memory.hasMigHwBug || now.usemem === null || then.usemem === null) return null;
  const differs = now.usemem.barSize !== then.usemem.barSize;
  return { usemem_bar_size: memRegionJson(then.usemem)["bar_size"], differs };
}

function accessCases(folder: GoldenFolder): GoldenCase[] {
  const sequences = readJsonFile(folder, ACCESS);
  if (sequences === undefined) return [];
  if (!isObject(sequences)) {
    reportCase(folder, ACCESS, "the file must hold an object of sequences");
    return [];
  }
  return Object.entries(sequences).flatMap(([name, steps]) => {
    const found = accessCase(name, steps);
    if (typeof found !== "string") return [found];
    reportCase(folder, ACCESS, `${name}: ${found}`);
    return [];
  });
}

function accessCase(name: string, steps: unknown): GoldenCase | string {
  if (!Array.isArray(steps)) return "must be a list of steps";
  const commands: GraceCommand[] = [];
  const expected: JsonObject = {};
  const keyOf = (at: number): string => `step ${at} (${String((steps[at] as JsonObject)["cmd"])})`;
  for (const [at, step] of steps.entries()) {
    if (!isObject(step) || typeof step["cmd"] !== "string") return `step ${at} has no \`cmd\``;
    const command = parseGraceCommand(step["cmd"]);
    if (typeof command === "string") return `step ${at}: ${command}`;
    commands.push(command);
    Object.assign(expected, { [keyOf(at)]: step["result"] });
  }
  return {
    name: `access ${name}`,
    expected,
    answer: () => {
      const session = createGraceSession();
      return Object.fromEntries(
        commands.map((command, at) => [keyOf(at), runGraceCommand(session, command)]),
      );
    },
  };
}
