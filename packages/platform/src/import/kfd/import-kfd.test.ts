import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { renderDiagnostic } from "@faultline/diagnostics";
import fc from "fast-check";
import { expect, test } from "vitest";
import { loadMachine } from "../../load-machine.ts";
import { printMachine } from "../../print-machine.ts";
import { ImportInput } from "../import-input.ts";
import type { ImportResult } from "../import-result.ts";
import { folderInput } from "../testing/folder-input.ts";
import { IMPORT_KINDS } from "../import-kinds.ts";
import { importKfd } from "./import-kfd.ts";

const folder = fileURLToPath(
  new URL("../../../../../scenarios/imports/kfd-three-gpus/", import.meta.url),
);
const files: Readonly<Record<string, string>> = Object.fromEntries(
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [relative(folder, path), readFileSync(path, "utf8")]),
);

const LINK = "nodes/2/io_links/1/properties";

function read(changes: Readonly<Record<string, string>> = {}): ImportResult {
  return importKfd(folderInput("tree", { ...files, ...changes }));
}

/** `file:line message` of what a change of one file brings. */
function problems(path: string, from: string | RegExp, to: string): string[] {
  const { machine, diagnostics } = read({ [path]: (files[path] ?? "").replace(from, to) });
  expect(machine === null).toBe(diagnostics.some(({ severity }) => severity === "error"));
  return diagnostics.map(({ file, line, message }) => `${file}:${line} ${message}`);
}

test("a topology is a machine with hives, places and rates", () => {
  const { machine, facts, diagnostics } = read();
  expect(diagnostics).toEqual([]);
  expect(facts).toMatchObject({
    nodes: 5,
    cpuNodes: [
      { node: 0, cores: 8 },
      { node: 1, cores: 8 },
    ],
    gpuNodes: 3,
    firstGpu: { node: 2, pci: "0000:41:00.0", renderMinor: 128, deviceId: "0x740c" },
    hives: [{ hiveId: "17000000000000000001", nodes: [2, 3] }],
    xgmiPairs: 1,
    directXgmiGreedyGroups: { sizes: [2, 1], linkedPairsKept: 1 },
    countMismatch: null,
  });
  if (machine === null) throw new Error("no machine");
  const { document, diagnostics: wrong } = loadMachine(printMachine(machine), "m.yaml");
  expect(wrong.map((one) => renderDiagnostic(one))).toEqual([]);
  expect(document?.functions.find(({ name }) => name === "gpu0")?.at).toBe("0000:41:00.0");
  expect(document?.devices[0]).toMatchObject({
    hive: "hive-17000000000000000001",
    memory: { size: "64GiB" },
    stack: "amdkfd",
  });
  expect(document?.host_bridges.map(({ socket }) => socket)).toEqual([0, 1]);
  expect(document?.numa?.distances).toEqual([
    [10, 32],
    [32, 10],
  ]);
  expect(document?.fabric.links).toMatchObject([
    { kind: "xgmi", between: [["gpu0", "gpu1"]], bandwidth: "100000MB/s" },
  ]);
});

test("a folder may begin anywhere above the nodes", () => {
  const below = Object.fromEntries(
    Object.entries(files).map(([path, text]) => [path.replace("nodes/", ""), text]),
  );
  const above = Object.fromEntries(
    Object.entries(files).map(([path, text]) => [`a/topology/${path}`, text]),
  );
  for (const each of [below, above]) {
    expect(importKfd(folderInput("tree", each)).facts).toEqual(read().facts);
  }
  const both = importKfd(folderInput("tree", { ...below, ...above }));
  expect(both.diagnostics).toMatchObject([{ code: "E_IMPORT_FILES" }]);
});

test("what is wrong with a link is told in its file, at its line", () => {
  expect(problems(LINK, "weight 15", "weight fifteen")).toEqual([
    `tree/${LINK}:6 weight of the link from node 2 to node 3 is no number: "fifteen"`,
  ]);
  expect(problems(LINK, "node_to 3", "node_to 42")).toEqual([
    `tree/${LINK}:5 a link from node 2 to an unknown node: 42`,
    "tree/nodes/3/io_links/1/properties:5 the link from node 3 to node 2 has no way back: it" +
      " counts as one",
  ]);
  expect(problems(LINK, "node_from 2", "node_from 3")[0]).toBe(
    `tree/${LINK}:4 a link from node 3 in the folder of node 2`,
  );
  expect(problems(LINK, "weight 15", "weight 15\nweight 16")).toEqual([
    `tree/${LINK}:7 a second weight`,
  ]);
});

test("what is wrong with a node is told in its file", () => {
  const path = "nodes/3/properties";
  expect(problems(path, /location_id \d+/, "location_id 16640")).toEqual([
    `tree/${path}:10 node 3 is at 0000:41:00.0, where node 2 is`,
  ]);
  expect(problems(path, "io_links_count 2", "io_links_count 7")).toEqual([
    `tree/${path}:4 node 3 announces 7 in io_links_count, the capture has 2 in io_links`,
  ]);
  expect(problems(path, "hive_id 17", "hive_id 99999917")).toEqual([
    `tree/${path}:13 hive_id of node 3 is no number: "99999917000000000000000001"`,
  ]);
});

test("a file alone is a node, or a link that needs its nodes", () => {
  const alone = (path: string): ImportResult =>
    importKfd(ImportInput.ofText("properties", files[path] ?? ""));
  expect(alone("nodes/2/properties").facts).toMatchObject({ nodes: 1, gpuNodes: 1 });
  expect(alone(LINK).diagnostics).toMatchObject([{ code: "E_IMPORT_FILES", line: 1 }]);
  expect(importKfd(ImportInput.ofText("x", "a 1\n")).diagnostics).toMatchObject([
    { code: "E_IMPORT_FORMAT" },
  ]);
  expect(importKfd(folderInput("x", { readme: "hello" })).diagnostics).toMatchObject([
    { code: "E_IMPORT_FILES" },
  ]);
});

test("a mangled topology gives a machine that loads, or says why not", () => {
  const names = Object.keys(files);
  const kind = IMPORT_KINDS.find(({ name }) => name === "kfd");
  if (kind === undefined) throw new Error("no such kind");
  const change = fc.record({
    path: fc.constantFrom(...names),
    at: fc.nat({ max: 400 }),
    length: fc.nat({ max: 12 }),
    put: fc.oneof(fc.string({ maxLength: 4 }), fc.constantFrom("0", "9", "\n", " ", "-1")),
  });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 4 }), fc.subarray(names), (changes, kept) => {
      const mangled: Record<string, string> = changes.length === 0 ? {} : { ...files };
      for (const { path, at, length, put } of changes) {
        const text = mangled[path] ?? "";
        mangled[path] = text.slice(0, at) + put + text.slice(at + length);
      }
      for (const path of changes.length === 0 ? kept : []) mangled[path] = files[path] ?? "";
      const { machine, diagnostics } = kind.read(folderInput("tree", mangled));
      const isRefused = diagnostics.some(({ severity }) => severity === "error");
      expect(machine === null).toBe(isRefused);
      if (machine === null) return;
      const loaded = loadMachine(printMachine(machine), "m.yaml");
      const wrong = loaded.diagnostics.filter(({ severity }) => severity === "error");
      expect(wrong.map((one) => renderDiagnostic(one))).toEqual([]);
    }),
    { numRuns: 100 },
  );
});
