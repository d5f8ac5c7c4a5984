#!/usr/bin/env node
// Lists, extracts and packs the recordings of this folder: NAME-{cases,records}.jsonl.br.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib";

const USAGE = `usage: recordings.mjs list
       recordings.mjs extract NAME [DIRECTORY] [--category C] [--id ID]
       recordings.mjs pack NAME CASES.jsonl RECORDS.jsonl

list     names every set with its cases and operations per category
extract  writes NAME-cases.jsonl and NAME-records.jsonl into DIRECTORY (default: the current one)
pack     adds a set to this folder, or replaces one
`;

const folder = fileURLToPath(new URL(".", import.meta.url));
const KINDS = ["cases", "records"];

function fail(message) {
  process.stderr.write(`recordings.mjs: ${message}\n\n${USAGE}`);
  process.exit(2);
}

function setNames() {
  const suffix = "-cases.jsonl.br";
  const files = readdirSync(folder).filter((file) => file.endsWith(suffix));
  return files.map((file) => file.slice(0, -suffix.length));
}

function readSet(name, kind) {
  if (!setNames().includes(name)) fail(`no set ${name}; there are ${setNames().join(", ")}`);
  const bytes = readFileSync(join(folder, `${name}-${kind}.jsonl.br`));
  const lines = brotliDecompressSync(bytes).toString("utf8").split("\n");
  return lines.filter(Boolean).map((line) => ({ line, value: JSON.parse(line) }));
}

function list() {
  for (const name of setNames()) {
    const totals = new Map();
    for (const { value } of readSet(name, "cases")) {
      const total = totals.get(value.cat) ?? { cases: 0, ops: 0 };
      totals.set(value.cat, total);
      total.cases += 1;
      total.ops += value.ops.length;
    }
    for (const [category, { cases, ops }] of totals) {
      process.stdout.write(`${name}: ${category}: ${cases} cases, ${ops} operations\n`);
    }
  }
}

function extract([name, directory = "."], { category, id }) {
  if (name === undefined) fail("extract needs the name of a set");
  const wanted = new Set();
  for (const kind of KINDS) {
    const chosen = readSet(name, kind).filter(({ value }) => {
      if (kind === "records") return wanted.has(value.id);
      return (!category || value.cat === category) && (!id || value.id === id);
    });
    for (const { value } of chosen) wanted.add(value.id);
    const path = join(directory, `${name}-${kind}.jsonl`);
    writeFileSync(path, chosen.map(({ line }) => `${line}\n`).join(""));
    process.stdout.write(`${path}: ${chosen.length} lines\n`);
  }
}

function pack([name, ...paths]) {
  if (!/^[a-z0-9-]+$/.test(name ?? "") || paths.length !== 2) fail("pack NAME CASES RECORDS");
  KINDS.forEach((kind, index) => {
    const bytes = readFileSync(paths[index]);
    const params = {
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_LGWIN]: 24,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    };
    const packed = brotliCompressSync(bytes, { params });
    writeFileSync(join(folder, `${name}-${kind}.jsonl.br`), packed);
    process.stdout.write(`${name}-${kind}: ${bytes.length} -> ${packed.length} bytes\n`);
  });
}

const options = { category: { type: "string" }, id: { type: "string" }, help: { type: "boolean" } };
let parsed;
try {
  parsed = parseArgs({ allowPositionals: true, options });
} catch (error) {
  fail(error.message);
}
const [command, ...rest] = parsed.positionals;
if (parsed.values.help) process.stdout.write(USAGE);
else if (command === "list") list();
else if (command === "extract") extract(rest, parsed.values);
else if (command === "pack") pack(rest);
else fail(command === undefined ? "no command" : `no command ${command}`);
