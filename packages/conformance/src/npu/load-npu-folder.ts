// Device trees of POWER9 machines with what was found in them by hand: beside NAME.topology.json
// lie NAME.dts and NAME.dtb, and both must give it.
import { renderDiagnostic } from "@faultline/diagnostics";
import { isDtb, parseDts, readDtb, readNpuWiring } from "@faultline/platform";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import {
  type GoldenFolder,
  hasFile,
  openFolder,
  readJsonFile,
  reportCase,
} from "../golden/golden-folder.ts";
import type { GoldenCase, GoldenFiles } from "../golden/golden-report.ts";
import { isObject, type JsonObject } from "../json-shape.ts";
import { npuTopology } from "./npu-topology.ts";

const ENDING = ".topology.json";

/** Reads a folder; each tree with a topology beside it is a case. */
export function loadNpuFolder(path: string): GoldenFiles {
  const names = [path, join(path, "dts"), join(path, "npu")].flatMap(topologiesIn);
  const kind = topologiesIn(join(path, "dts")).length > 0 ? "dts" : "npu";
  const folder = openFolder(path, kind, names.length === 0 ? [`NAME${ENDING}`] : names);
  const found = topologiesIn(folder.path).toSorted();
  return { cases: found.flatMap((name) => casesOf(folder, name)), problems: folder.problems };
}

function topologiesIn(path: string): string[] {
  try {
    return readdirSync(path).filter((name) => name.endsWith(ENDING));
  } catch {
    return [];
  }
}

function casesOf(folder: GoldenFolder, name: string): GoldenCase[] {
  const topology = readJsonFile(folder, name);
  if (topology === undefined) return [];
  const { gpus, npus } = isObject(topology) ? topology : {};
  if (!Array.isArray(gpus) || !Array.isArray(npus)) {
    reportCase(folder, name, "the file must hold lists `gpus` and `npus`");
    return [];
  }
  const expected = { problem: null, gpus: byPath(gpus), npus: byPath(npus.map(withSortedGroup)) };
  const stem = basename(name, ENDING);
  const trees = [`${stem}.dts`, `${stem}.dtb`].filter((tree) => hasFile(folder, tree));
  if (trees.length === 0) reportCase(folder, name, `no ${stem}.dts or ${stem}.dtb beside it`);
  return trees.map((tree) => ({
    name: tree,
    expected,
    answer: () => answerOf(join(folder.path, tree)),
  }));
}

/** What a tree gives in the form of a topology; the first problem where it is refused. */
function answerOf(file: string): JsonObject {
  const bytes = new Uint8Array(readFileSync(file));
  const { tree, diagnostics } = isDtb(bytes)
    ? readDtb(bytes, file)
    : parseDts(new TextDecoder().decode(bytes), file);
  const read = tree === null ? { wiring: null, diagnostics } : readNpuWiring(tree);
  if (read.wiring === null) {
    const [problem] = read.diagnostics;
    return { problem: problem === undefined ? "no wiring" : renderDiagnostic(problem) };
  }
  const { gpus, npus } = npuTopology(read.wiring);
  return { problem: null, gpus: byPath(gpus), npus: byPath(npus.map(withSortedGroup)) };
}

/** Entries by their path, so that a difference names the device; a group is a set. */
function byPath(entries: readonly unknown[]): JsonObject {
  const pairs = entries.map((entry, at): [string, unknown] => [
    isObject(entry) ? String(entry["path"]) : String(at),
    entry,
  ]);
  return { count: entries.length, ...Object.fromEntries(pairs) };
}

function withSortedGroup(entry: unknown): unknown {
  if (!isObject(entry) || !Array.isArray(entry["iommu_group_members"])) return entry;
  return { ...entry, iommu_group_members: entry["iommu_group_members"].map(String).toSorted() };
}
