#!/usr/bin/env node
// Records cases: boots a kernel with the recording program in QEMU and prints one record per case.
import { spawn } from "node:child_process";
import { closeSync, ftruncateSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { cpioArchive } from "./cpio.mjs";

const USAGE = `usage: record.mjs [options] CASES.jsonl > RECORDS.jsonl

Boots the kernel made by build.sh once per kind of machine the cases need and performs the cases.
A case that kills the kernel is recorded as {"id":...,"crash":1}; the rest goes on in a new boot.

  --build DIR    what build.sh made: bzImage, test_hmm.ko, runner (default: dist, beside this file)
  --twice        performs the cases a second time in reverse order and marks each case whose
                 answers differ with "nondet":1; races have that mark in any case
  --huge N       reserves N huge pages, for cases that map hugetlb memory
  --timeout S    seconds one boot may take (default 600)
  --memory MIB   memory of the machine (default 4096; half in each node)
`;

/** Kernel parameters of each kind of machine; the driver's coherent memory must lie in RAM. */
const BOOTS = {
  std: "",
  swap: "record_swap=1",
  coh: "memmap=512M$0x160000000 record_spm0=0x160000000 record_spm1=0x170000000",
};
const COMMON = "console=ttyS0 panic=-1 oops=panic nokaslr transparent_hugepage=madvise";
const OUTPUT_BYTES = 2 ** 30;

function fail(message) {
  process.stderr.write(`record.mjs: ${message}\n\n${USAGE}`);
  process.exit(2);
}

/** The cases as the recording program reads them. */
function textOf(cases) {
  const blocks = cases.map(({ id, W, numa = 0, thp = 0, x = 0, ops }) =>
    [`C ${id} ${W} ${numa} ${thp} ${x}`, ...ops.map((op) => op.join(" ")), "E"].join("\n"),
  );
  return `${blocks.join("\n")}\n`;
}

/** A file of a size, with a text at its start. */
function diskImage(path, text, sizeBytes) {
  const fd = openSync(path, "w");
  writeSync(fd, text);
  ftruncateSync(fd, sizeBytes);
  closeSync(fd);
}

function qemuArguments({ kernel, initramfs, input, output, boot, settings }) {
  const half = Math.floor(settings.memory / 2);
  const huge = settings.huge > 0 ? ` record_huge=${settings.huge}` : "";
  const values = [
    ["-machine", "q35"],
    ["-accel", "tcg,thread=multi"],
    ["-cpu", "max"],
    ["-smp", "2"],
    ["-m", `${half * 2}M`],
    ["-kernel", kernel],
    ["-initrd", initramfs],
    ["-append", `${COMMON} ${BOOTS[boot]}${huge}`],
    ["-drive", `file=${input},format=raw,if=none,id=input,readonly=on`],
    ["-device", "virtio-blk-pci,drive=input"],
    ["-drive", `file=${output},format=raw,if=none,id=output,cache=writeback`],
    ["-device", "virtio-blk-pci,drive=output"],
    ["-display", "none"],
    ["-serial", "stdio"],
    ["-monitor", "none"],
  ];
  for (const node of [0, 1]) {
    values.push(["-object", `memory-backend-ram,id=m${node},size=${half}M`]);
    values.push(["-numa", `node,nodeid=${node},cpus=${node},memdev=m${node}`]);
  }
  return ["-nodefaults", "-no-reboot", ...values.flat()];
}

/** Runs QEMU to its end and returns what the machine said. */
function runMachine(args, timeoutSeconds) {
  return new Promise((resolve) => {
    const machine = spawn("qemu-system-x86_64", args, { stdio: ["ignore", "pipe", "inherit"] });
    let log = "";
    machine.stdout.on("data", (data) => {
      log += data;
    });
    machine.on("error", (error) => fail(`qemu-system-x86_64: ${error.message}`));
    const timer = setTimeout(() => machine.kill("SIGKILL"), timeoutSeconds * 1000);
    machine.on("close", () => {
      clearTimeout(timer);
      resolve(log);
    });
  });
}

/** The records on an output disk, and whether the last case was reached. */
function readRecords(path) {
  const bytes = readFileSync(path);
  const end = bytes.indexOf(0);
  const lines = bytes
    .subarray(0, end < 0 ? bytes.length : end)
    .toString("utf8")
    .split("\n");
  const records = [];
  for (const line of lines) {
    if (!line.startsWith("{") || !line.endsWith("}")) break;
    records.push(JSON.parse(line));
  }
  return { records, ended: lines.includes("#END") };
}

/** Records the cases of one kind of machine, in as many boots as it takes. */
async function recordAll(cases, boot, folder, settings) {
  const paths = Object.fromEntries(
    ["initramfs", "input", "output"].map((name) => [name, join(folder, name)]),
  );
  const found = [];
  for (let left = cases; left.length > 0; ) {
    const text = textOf(left);
    diskImage(paths.input, text, Math.ceil(Buffer.byteLength(text) / 4096) * 4096);
    diskImage(paths.output, "", OUTPUT_BYTES);
    const args = qemuArguments({ ...paths, kernel: settings.kernel, boot, settings });
    const log = await runMachine(args, settings.timeout);
    const { records, ended } = readRecords(paths.output);
    found.push(...records);
    left = left.slice(records.length);
    if (left.length === 0 || ended || records.at(-1)?.hang === 1) continue;
    process.stderr.write(`the kernel died in ${left[0].id}:\n`);
    process.stderr.write(`${log.split("\n").slice(-15).join("\n")}\n`);
    if (records.length === 0 && !log.includes("recorder:")) fail("the machine does not boot");
    found.push({ id: left[0].id, crash: 1 });
    left = left.slice(1);
  }
  return found;
}

function readCases(path) {
  try {
    const lines = readFileSync(path, "utf8").split("\n").filter(Boolean);
    return lines.map((line) => JSON.parse(line));
  } catch (error) {
    return fail(`${path}: ${error.message}`);
  }
}

/** Records every case, by kind of machine; answers by id. */
async function recordCases(cases, folder, settings) {
  const byId = new Map();
  for (const boot of Object.keys(BOOTS)) {
    const chosen = cases.filter((one) => (one.boot ?? "std") === boot);
    for (const record of await recordAll(chosen, boot, folder, settings)) {
      byId.set(record.id, record);
    }
  }
  return byId;
}

/** The command line as settings; ends the program when there is nothing to record. */
function readSettings() {
  const here = fileURLToPath(new URL(".", import.meta.url));
  const options = {
    build: { type: "string", default: join(here, "dist") },
    twice: { type: "boolean", default: false },
    huge: { type: "string", default: "0" },
    timeout: { type: "string", default: "600" },
    memory: { type: "string", default: "4096" },
    help: { type: "boolean", default: false },
  };
  let parsed;
  try {
    parsed = parseArgs({ allowPositionals: true, options });
  } catch (error) {
    fail(error.message);
  }
  const { values, positionals } = parsed;
  if (values.help) {
    process.stdout.write(USAGE);
    process.exit(0);
  }
  if (positionals.length !== 1) fail("one case file is needed");
  const { build, twice } = values;
  const settings = { cases: positionals[0], build, twice, kernel: join(build, "bzImage") };
  for (const name of ["huge", "timeout", "memory"]) {
    if (!/^[0-9]{1,7}$/.test(values[name])) fail(`--${name} must be a whole number`);
    settings[name] = Number(values[name]);
  }
  return settings;
}

/** Writes the first file system of the machine: the recording program and the driver. */
function writeInitramfs(path, { build, kernel }) {
  try {
    readFileSync(kernel);
    const runner = { path: "init", mode: 0o755, data: readFileSync(join(build, "runner")) };
    const module = readFileSync(join(build, "test_hmm.ko"));
    const driver = { path: "test_hmm.ko", mode: 0o644, data: module };
    writeFileSync(path, gzipSync(cpioArchive([runner, driver])));
  } catch (error) {
    fail(`${error.message}; run build.sh first`);
  }
}

const settings = readSettings();
const cases = readCases(settings.cases);
const unknown = cases.find(({ boot = "std" }) => BOOTS[boot] === undefined);
if (unknown) fail(`${unknown.id}: no machine of kind ${unknown.boot}`);
const folder = mkdtempSync(join(tmpdir(), "faultline-record-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(130));
writeInitramfs(join(folder, "initramfs"), settings);
const first = await recordCases(cases, folder, settings);
const second = settings.twice ? await recordCases(cases.toReversed(), folder, settings) : first;
for (const { id, ops } of cases) {
  const record = first.get(id) ?? { id, crash: 1 };
  const isRace = ops.some(([name]) => name === "race");
  const same = !isRace && JSON.stringify(record.res) === JSON.stringify(second.get(id)?.res);
  process.stdout.write(`${JSON.stringify(same ? record : { ...record, nondet: 1 })}\n`);
}
