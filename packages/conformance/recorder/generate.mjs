#!/usr/bin/env node
// Writes random cases for the recorder, one JSON object per line.
import { parseArgs } from "node:util";
import { CATEGORY_NAMES, makeCase, RACE } from "./generator/make-case.mjs";

const USAGE = `usage: generate.mjs CATEGORY=COUNT... [--seed N] [--patched]

Writes COUNT random cases of each CATEGORY to standard output. Case i has the seed N + i (N is 0
unless given), and the same seed always gives the same case.

  --seed N    the seed of the first case of every category
  --patched   for a test driver built with --patch: also sequences that crash the driver as
              released (device access to its own device pages whose mirror entry is gone), and race

categories: ${CATEGORY_NAMES.join(" ")}
`;

function fail(message) {
  process.stderr.write(`generate.mjs: ${message}\n\n${USAGE}`);
  process.exit(2);
}

function wholeNumber(text, what) {
  if (!/^[0-9]{1,9}$/.test(text)) fail(`${what} must be a whole number, not ${text}`);
  return Number(text);
}

const options = {
  seed: { type: "string", default: "0" },
  patched: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
};
let parsed;
try {
  parsed = parseArgs({ allowPositionals: true, options });
} catch (error) {
  fail(error.message);
}
if (parsed.values.help) {
  process.stdout.write(USAGE);
  process.exit(0);
}
if (parsed.positionals.length === 0) fail("no category");
const first = wholeNumber(parsed.values.seed, "--seed");
const { patched } = parsed.values;
const wanted = parsed.positionals.map((argument) => {
  const [category, count, more] = argument.split("=");
  if (count === undefined || more !== undefined) fail(`not CATEGORY=COUNT: ${argument}`);
  if (!CATEGORY_NAMES.includes(category)) fail(`no category ${category}`);
  if (category === RACE && !patched) fail("races crash the driver as released: give --patched");
  return { category, count: wholeNumber(count, "COUNT") };
});
for (const { category, count } of wanted) {
  for (let seed = first; seed < first + count; seed++) {
    process.stdout.write(`${JSON.stringify(makeCase(category, seed, { patched }))}\n`);
  }
}
