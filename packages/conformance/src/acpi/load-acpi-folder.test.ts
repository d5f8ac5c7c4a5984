import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  buildQemuTables,
  readQemuMachine,
  SRAT_ENABLED,
  writeAcpiTables,
} from "@faultline/platform";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { type GoldenReport, replayGolden } from "../golden/golden-report.ts";
import { loadAcpiFolder } from "./load-acpi-folder.ts";

const folder = mkdtempSync(join(tmpdir(), "faultline-"));
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
  rmSync(folder, { recursive: true });
  mkdirSync(join(folder, "acpi", "one"), { recursive: true });
});

const LINE =
  "qemu-system-x86_64 -M q35 -nodefaults -m 512M -smp 2 " +
  "-object memory-backend-ram,id=m0,size=512M -numa node,nodeid=0,cpus=0-1,memdev=m0 " +
  "-numa node,nodeid=1 -device pci-testdev,id=dev0,addr=04.0 " +
  "-object acpi-generic-initiator,id=gi0,pci-dev=dev0,node=1";

/** The entry that says which device is on node 1, as the specification lays it out. */
const INITIATOR = "05 20 00 01 01 00 00 00 00 00 00 20 00 00 00 00 00 00 00 00 00 00 00 00 01";

const EXPECT = {
  case: "one",
  srat: {
    revision: 1,
    length: 272,
    entries: [
      { kind: "cpu", pxm: 0, apic_id: 0, flags: 1 },
      { kind: "cpu", pxm: 0, apic_id: 1, flags: 1 },
      { kind: "mem", pxm: 0, base: "0x0", length: "0xa0000", flags: 1 },
      { kind: "mem", pxm: 0, base: "0x100000", length: "0x1ff00000", flags: 1 },
      { kind: "mem", pxm: 0, base: "0x0", length: "0x0", flags: 0 },
      { kind: "mem", pxm: 0, base: "0x0", length: "0x0", flags: 0 },
      { kind: "gi", pxm: 1, handle_type: 1, bus: 0, devfn: 32, bdf: "00:04.0", flags: 1 },
    ],
  },
  linux_7_2_12: {
    possible: "0-1",
    online: "0-1",
    has_cpu: "0",
    has_memory: "0",
    has_normal_memory: "0",
    has_generic_initiator: "1",
    nodes: {
      "0": { cpulist: "0-1", distance: [10, 20] },
      "1": { cpulist: "", distance: [20, 10] },
    },
    memory_tiers: { memory_tier4: "0" },
    pci_numa_node: { "0000:00:04.0": -1 },
    pxm_to_node: { "0": 0, "1": 1 },
    cfmws_nodes: [],
  },
};

function sratBytes(): Uint8Array {
  const { machine } = readQemuMachine(LINE, "args");
  const bytes = machine && writeAcpiTables(buildQemuTables(machine)).get("srat");
  if (!bytes) throw new Error("no SRAT");
  return bytes;
}

interface Recording {
  readonly line?: string;
  readonly bytes?: Uint8Array | null;
  readonly expected?: object;
}

function replay({ line = LINE, bytes = sratBytes(), expected = EXPECT }: Recording): GoldenReport {
  const at = join(folder, "acpi", "one");
  writeFileSync(join(at, "cmdline.txt"), `${line}\n`);
  if (bytes !== null) writeFileSync(join(at, "SRAT.bin"), bytes);
  writeFileSync(join(at, "expect.json"), JSON.stringify(expected));
  return replayGolden(loadAcpiFolder(folder));
}

/** Places of the first differences. */
function places(report: GoldenReport): string[] {
  expect(report.problems).toEqual([]);
  return report.failures.map(({ case: name, place }) => `${name}: ${place}`);
}

describe("a recorded machine", () => {
  test("has the bytes that the specification wants", () => {
    const hex = Array.from(sratBytes(), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
    expect(hex).toContain(INITIATOR);
  });

  test("passes when tables and nodes are ours", () => {
    expect(replay({})).toMatchObject({ passed: 1, failed: 0, problems: [] });
  });

  test("fails at the first byte that is not ours, or with a table that is missing", () => {
    const bytes = sratBytes();
    bytes[0x108] = SRAT_ENABLED + 1;
    expect(places(replay({ bytes }))).toEqual(["one: files.SRAT.bin.0x100"]);
    rmSync(join(folder, "acpi", "one", "SRAT.bin"));
    expect(places(replay({ bytes: null }))).toEqual(["one: files.SRAT.bin"]);
  });

  test("fails for what was read from its tables, and for what the kernel made of them", () => {
    const entries = EXPECT.srat.entries.with(0, { kind: "cpu", pxm: 0, apic_id: 7, flags: 1 });
    const srat = { ...EXPECT.srat, entries };
    expect(places(replay({ expected: { ...EXPECT, srat } }))).toEqual([
      "one: read.srat.entries[0].apic_id",
    ]);
    const linux = { ...EXPECT.linux_7_2_12, online: "0" };
    expect(places(replay({ expected: { ...EXPECT, linux_7_2_12: linux } }))).toEqual([
      "one: linux.online",
    ]);
  });

  test("fails when its command line is refused, or its kernel should not have come up", () => {
    const line = LINE.replace("node=1", "node=5");
    expect(replay({ line }).failures).toMatchObject([
      { place: "verdict", actual: '"acpi-generic-initiator gi0: there is no node 5"' },
    ]);
    const { linux_7_2_12: _, ...panic } = EXPECT;
    expect(places(replay({ expected: { ...panic, result: "panic" } }))).toEqual(["one: panics"]);
  });

  test("whose table was replaced is not compared with what QEMU builds", () => {
    const expected = { ...EXPECT, tables_replaced_in_guest: ["SRAT"] };
    const line = LINE.replace("id=gi0,", "id=other,").replace("-numa node,nodeid=1 ", "");
    const without = line.replace(/ -object acpi-generic-initiator\S*/, "");
    expect(places(replay({ expected, line: without }))).toEqual([]);
  });

  test("that is not sound is a problem", () => {
    const bad = replay({ expected: [1] });
    expect(bad).toMatchObject({ passed: 0, failed: 0, problems: [{ code: "E_CONFORMANCE_CASE" }] });
    rmSync(join(folder, "acpi", "one", "cmdline.txt"));
    expect(loadAcpiFolder(folder).problems).toMatchObject([
      { message: "the case has no command line" },
    ]);
  });
});

describe("a folder", () => {
  test("may be that of the cases, or of one of them", () => {
    replay({});
    cpSync(join(folder, "acpi", "one"), join(folder, "acpi", "two"), { recursive: true });
    const names = (path: string): string[] => loadAcpiFolder(path).cases.map(({ name }) => name);
    expect(names(folder)).toEqual(["one", "two"]);
    expect(names(join(folder, "acpi"))).toEqual(["one", "two"]);
    expect(names(join(folder, "acpi", "two"))).toHaveLength(1);
  });

  test("without recordings, or none at all, is a problem", () => {
    expect(loadAcpiFolder(join(folder, "acpi")).problems).toMatchObject([
      { message: expect.stringContaining("no recorded answers here") },
    ]);
    expect(loadAcpiFolder(join(folder, "none")).problems).toMatchObject([
      { message: "no such folder" },
    ]);
  });
});

describe("recorded verdicts", () => {
  const option = "-object acpi-generic-initiator,id=gi0,pci-dev=dev0";
  const row = {
    name: "missing",
    cmdline: LINE.replace(",node=1", ""),
    accepted: false,
    rc: 1,
    stderr: `qemu-system-x86_64: ${option}: Parameter 'node' is missing`,
    crash: false,
  };

  function verdicts(...rows: readonly unknown[]): GoldenReport {
    rmSync(join(folder, "acpi"), { recursive: true });
    writeFileSync(join(folder, "qemu-errors.json"), JSON.stringify(rows));
    return replayGolden(loadAcpiFolder(folder));
  }

  test("pass with the same verdict about the same option and the same names", () => {
    const started = { ...row, name: "good", cmdline: LINE, accepted: true, stderr: "" };
    const gap = {
      ...row,
      cmdline: LINE.replace("nodeid=1", "nodeid=2"),
      stderr: "qemu-system-x86_64: numa: Node ID missing: 1",
    };
    expect(verdicts(row, started, gap)).toMatchObject({ passed: 3, failed: 0, problems: [] });
  });

  test.each([
    ["verdict", { accepted: true }],
    ["verdict", { crash: true }],
    ["option", { stderr: row.stderr.replace("id=gi0", "id=gi1") }],
    ["named.pci-testdev", { stderr: row.stderr.replace("'node'", "'pci-testdev'") }],
    ["named.77", { stderr: "numa: Node ID missing: 77" }],
  ])("fail for another %s", (place, changes) => {
    expect(verdicts({ ...row, ...changes }).failures).toMatchObject([{ place }]);
  });

  test("that are not well formed are problems", () => {
    const { passed, problems } = verdicts(1, { name: "x" }, { ...row, accepted: 1 }, row);
    expect(passed).toBe(1);
    expect(problems.map(({ message }) => message)).toEqual([
      "row 0: must be an object",
      "row 1: needs the texts `name`, `cmdline` and `stderr`",
      "row 2: missing: needs `accepted`",
    ]);
  });
});

describe("recorded orders", () => {
  test("are those of a hash table", () => {
    rmSync(join(folder, "acpi"), { recursive: true });
    const created = ["gi0", "gi1", "gi2", "gi3", "gi4", "gi5", "gi6", "gi7", "m0", "m1"];
    const order = ["gi5", "gi4", "gi3", "gi2", "gi1", "gi7", "gi0", "gi6"];
    const good = { n: 1, objects_created_in_order: created, srat_order: order };
    const wrong = { ...good, n: 2, srat_order: order.toReversed() };
    writeFileSync(join(folder, "gi-order.json"), JSON.stringify([good, wrong, { n: 3 }]));
    const report = replayGolden(loadAcpiFolder(folder));
    expect(report).toMatchObject({
      passed: 1,
      failures: [{ case: "order 2", place: "[0]" }],
      problems: [{ code: "E_CONFORMANCE_CASE" }],
    });
  });
});

const shared = process.env["FAULTLINE_FIXTURES"];

test.skipIf(shared === undefined)("every answer of the shared folder is ours", () => {
  const report = replayGolden(loadAcpiFolder(join(shared ?? "", "platform")));
  expect(report.failures).toEqual([]);
  expect(report.passed).toBeGreaterThan(0);
});
