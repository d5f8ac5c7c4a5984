import { readFileSync } from "node:fs";
import { SourceText } from "@faultline/diagnostics";
import { parseTraceCsv, TRACE_KINDS, type TraceImport } from "@faultline/platform";
import { fitProfile, loadMeasurements, type Residual, shippedProfile } from "@faultline/profiles";
import { loadScenario } from "@faultline/scenario";
import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import type { CommandContext } from "../command-context.ts";
import { addImportCommand } from "../commands/import.ts";
import { addRunCommand } from "../commands/run.ts";
import { type Ran, runCommand } from "../testing/run-command.ts";
import { traceMeasurements } from "./trace-measurements.ts";
import { traceScenario } from "./trace-scenario.ts";

const folder = new URL("../../../../scenarios/traces/", import.meta.url);
const names = ["kfd-smi.txt", "xe-stats.txt", "nvprof.txt", "nsys-faults.csv", "page-faults.txt"];
const files = Object.fromEntries(
  names.map((name) => [name, readFileSync(new URL(name, folder), "utf8")]),
);

function runWith(more: Readonly<Record<string, string>>, ...argv: string[]): Promise<Ran> {
  const add = (program: Command, context: CommandContext): void => {
    addImportCommand(program, context);
    addRunCommand(program, context);
  };
  return runCommand(add, argv, { ...files, ...more });
}

function run(...argv: string[]): Promise<Ran> {
  return runWith({}, "import", ...argv);
}

function readText(kind: string, text: string): TraceImport {
  const found = TRACE_KINDS.find(({ name }) => name === kind);
  if (found === undefined) throw new Error(`no kind ${kind}`);
  return found.read(text, "t");
}

function residuals(yaml: string): readonly Residual[] {
  const { document, diagnostics } = loadMeasurements(yaml, "m.yaml");
  expect(diagnostics).toEqual([]);
  return document === null ? [] : fitProfile(document).residuals;
}

describe("a trace as a scenario", () => {
  test("has a process for each, a device for each GPU, and accesses beside it", async () => {
    const { code, out, written } = await run("amdkfd-smi", "kfd-smi.txt", "-o", "dir/r.yaml");
    expect([code, out, [...written.keys()]]).toEqual([0, "", ["dir/r.yaml", "dir/r.csv"]]);
    const yaml = written.get("dir/r.yaml") ?? "";
    const csv = new SourceText("r.csv", written.get("dir/r.csv") ?? "");
    const { plan, diagnostics } = loadScenario(yaml, "dir/r.yaml", () => csv);
    expect(diagnostics).toEqual([]);
    expect(plan?.document.machine.devices.map(({ name }) => name)).toEqual([
      "gpu-1ea0",
      "gpu-2bd1",
    ]);
    expect(plan?.steps.map(({ step }) => step.do)).toEqual([
      "mmap",
      "write",
      "workload",
      "workload",
      "workload",
      "wait",
    ]);
    expect(plan?.steps[2]?.nrPages).toBe(3 * 512);
  });

  test("that runs tells again of the faults that it replays", async () => {
    const { written } = await run("amdkfd-smi", "kfd-smi.txt", "-o", "r.yaml");
    const all = Object.fromEntries(written);
    const ran = await runWith(all, "run", "r.yaml", "--smi", "again.txt");
    expect(ran.code).toBe(0);
    const before = readText("amdkfd-smi", files["kfd-smi.txt"] ?? "").accesses;
    const again = readText("amdkfd-smi", ran.written.get("again.txt") ?? "");
    expect(again.diagnostics).toEqual([]);
    const fromFirst = (accesses: TraceImport["accesses"]): unknown[] =>
      (accesses ?? []).map(({ address, access, sizeBytes }) => {
        return [address - (accesses?.[0]?.address ?? 0), access, sizeBytes];
      });
    expect(fromFirst(again.accesses)).toEqual(fromFirst(before));
  });

  test("of threads runs them side by side in one process", async () => {
    const { written } = await run("page-faults", "page-faults.txt", "-o", "p.yaml");
    const yaml = written.get("p.yaml") ?? "";
    expect(yaml.match(/process: app/g)).toHaveLength(3);
    expect(yaml).toContain("profile: host-cpu");
    const { code } = await runWith(Object.fromEntries(written), "run", "p.yaml");
    expect(code).toBe(0);
  });

  test("is refused where it has more pages than scenarios may", () => {
    const access = { timeNs: 0, who: "1/2", access: "read", sizeBytes: 1 } as const;
    const far = [
      { ...access, address: 0, sizeBytes: 2 ** 34 },
      { ...access, address: 2 ** 40, sizeBytes: 1 },
    ];
    const options = { title: "t", csv: "t.csv", profile: "host-cpu", notes: [] };
    expect(traceScenario(far, options)).toEqual({
      problem:
        "too large for a scenario: 1 processes of 4194305 pages, of at most 4194304 together",
    });
  });

  test("is refused where it is longer than a simulation can be", async () => {
    const long = "7 1 -7 @10(1) R\n7 30000000000000 -7 @11(1) R\n";
    const { code, err } = await runWith({ "l.txt": long }, "import", "amdkfd-smi", "l.txt");
    expect(code).toBe(2);
    expect(err).toContain("too long to be replayed: 8.3 hours, of at most 2.5 hours");
  });

  test("needs a name, and addresses", async () => {
    const nameless = await run("amdkfd-smi", "kfd-smi.txt", "--as", "scenario");
    expect([nameless.code, nameless.err]).toEqual([2, expect.stringContaining("-o FILE.yaml")]);
    const without = await run("xe-stats", "xe-stats.txt", "--as", "scenario", "-o", "x.yaml");
    expect([without.code, without.written.size]).toEqual([2, 0]);
    expect(without.err).toContain("no addresses in the file");
  });
});

describe("a trace as accesses", () => {
  test("is what workloads replay", async () => {
    const { code, out } = await run("unified-memory", "nsys-faults.csv");
    expect(code).toBe(0);
    const { trace, names: who } = parseTraceCsv(new SourceText("t.csv", out), 4096);
    expect([who, [...trace.pages]]).toEqual([
      ["app/0", "app/1"],
      [0, 1, 0],
    ]);
  });

  test("as data comes with its facts and times", async () => {
    const { out } = await run("amdkfd-smi", "kfd-smi.txt", "--json");
    expect(JSON.parse(out)).toMatchObject({
      nrAccesses: 5,
      facts: { faults: 4 },
      times: [{ work: "migrate" }, { work: "migrate" }, { work: "fault" }],
    });
  });

  test("that can only be looked at can be looked at", async () => {
    const study = "Benchmark,Time_ms,Faults_Detected\nSTREAM,1.5,32\n";
    const { code, out } = await runWith(
      { "s.csv": study },
      "import",
      "unified-memory",
      "s.csv",
      "--json",
    );
    expect([code, JSON.parse(out)]).toMatchObject([0, { facts: { totalFaults: 32 } }]);
    expect((await runWith({ "s.csv": study }, "import", "unified-memory", "s.csv")).code).toBe(2);
  });

  test("that is something else is bad input, at its place", async () => {
    const { code, err } = await run("amdkfd-smi", "xe-stats.txt");
    expect(code).toBe(2);
    expect(err).toContain("xe-stats.txt:1:1 error E_TRACE_LINE: not an event of amdkfd");
    expect((await run("lackey", "nowhere.txt")).code).toBe(2);
    const unknown = await run("amdkfd-smi", "kfd-smi.txt", "--profile", "amd-mi250");
    expect([unknown.code, unknown.out]).toEqual([2, ""]);
  });
});

describe("a trace as measurements", () => {
  test("fits every stage that counters of xe are about", async () => {
    const { code, out } = await run("xe-stats", "xe-stats.txt");
    expect(code).toBe(0);
    const found = residuals(out);
    expect(
      found.map(({ field, residualPercent }) => [field, Math.abs(residualPercent) < 0.01]),
    ).toEqual([
      ["costs.range_fault.per_folio", true],
      ["costs.map.per_folio", true],
      ["costs.invalidate.per_flush", true],
      ["costs.copy.to_device.bandwidth", true],
      ["costs.unmap.per_folio", true],
      ["costs.resolve.per_fault", true],
    ]);
  });

  test("counts a stage by what the profile counts it by", async () => {
    const { out } = await run("xe-stats", "xe-stats.txt", "--profile", "intel-xe-svm-nothp");
    expect(out).toContain("field: costs.range_fault.per_page");
  });

  test("is only compared where others leave nothing of a time", () => {
    const base = shippedProfile("amd-mi250x-xnack-svm");
    if (base === null) throw new Error("no profile");
    const times = [{ samplesUs: [9, 10, 11], totalUs: 30, count: 3, what: "too short" }].map(
      (one) => ({ ...one, work: "migrate", path: "to_device", sizeBytes: 2 ** 21 }) as const,
    );
    const { document, notes } = traceMeasurements(times, base, {
      id: "i",
      title: "t",
      source: "s",
    });
    expect(document?.measurements[0]?.field).toBeUndefined();
    expect(notes).toEqual([
      "costs.unmap.per_page shares its time with what is assumed: costs.dma_map.per_page",
      "costs.unmap.per_page is only checked: the other numbers leave nothing of its time",
    ]);
  });

  test("shares a time among what is assumed, where one number cannot take it all", async () => {
    const quick = (files["kfd-smi.txt"] ?? "").replaceAll(
      /^(\w) 100(\d+) /gm,
      (_, id, ns: string) => {
        return `${String(id)} ${10 ** 9 + Math.floor(Number(ns) / 5)} `;
      },
    );
    const { out } = await runWith(
      { "q.txt": quick },
      "import",
      "amdkfd-smi",
      "q.txt",
      "--as",
      "measurements",
    );
    const [migrate, , fault] = residuals(out);
    expect(migrate).toMatchObject({
      field: "costs.unmap.per_page + costs.dma_map.per_page",
      median: 156,
    });
    expect(Math.abs(migrate?.residualPercent ?? 1)).toBeLessThan(0.1);
    expect(fault?.field).toContain("costs.range_fault.per_page");
  });

  test("needs times", async () => {
    const { code, err } = await run("page-faults", "page-faults.txt", "--as", "measurements");
    expect(code).toBe(2);
    expect(err).toContain("no times that a profile could be fitted to");
  });
});

const GPUS = `version: 1
title: Two GPUs
machine: { devices: [{ name: gpu0 }, { name: gpu1 }] }
steps:
  - { do: mmap, name: heap, pages: 1024 }
  - { do: write, at: heap }
  - { do: device_write, device: gpu0, at: heap, value: 1 }
  - { do: device_read, device: gpu1, at: heap, pages: 512 }
  - { do: write, at: heap, pages: 1 }
`;

describe("what drivers have written", () => {
  test("is read as amdkfd's events, and gives the prices back that made it", async () => {
    const { code, written } = await runWith(
      { "g.yaml": GPUS },
      "run",
      "g.yaml",
      "--profile",
      "amd-mi250x-xnack-svm",
      "--smi",
      "events.txt",
    );
    expect(code).toBe(0);
    const events = written.get("events.txt") ?? "";
    const { diagnostics, facts, accesses } = readText("amdkfd-smi", events);
    expect([diagnostics, facts["unpaired"]]).toEqual([[], 0]);
    expect(accesses?.length).toBeGreaterThan(2);
    const imported = await runWith(
      { "e.txt": events },
      "import",
      "amdkfd-smi",
      "e.txt",
      "--as",
      "measurements",
    );
    const [first] = residuals(imported.out);
    expect(first?.field).toBe("costs.unmap.per_page");
    // Events tell whole nanoseconds.
    expect(Math.abs((first?.before ?? 0) - (first?.median ?? 0))).toBeLessThan(0.001);
  });

  test("is read as xe's counters, of each card", async () => {
    const { written } = await runWith(
      { "g.yaml": GPUS },
      "run",
      "g.yaml",
      "--profile",
      "intel-xe-svm-thp",
      "--xe-stats",
      "stats.txt",
    );
    const text = written.get("stats.txt") ?? "";
    expect(text).toMatch(/^==> gpu0\/gt0\/stats <==\nsvm_pagefault_count: \d+\n/);
    const { diagnostics, facts, times } = readText("xe-stats", text);
    expect([diagnostics, facts["gts"]]).toEqual([[], 2]);
    expect(times.map(({ what }) => what)).toContain("svm_2M_migrate_us");
  });

  test("is there without a clock too, but says no time", async () => {
    const steps = GPUS.replaceAll(/\{ name: (gpu\d) \}/g, "{ name: $1, stack: amdkfd }").replace(
      "machine: { ",
      "machine: { file: m.yaml, ",
    );
    const machine = readFileSync(new URL("../machines/switch-box.yaml", folder), "utf8");
    const { err, written } = await runWith(
      { "g.yaml": steps, "m.yaml": machine },
      "run",
      "g.yaml",
      "--smi",
      "events.txt",
    );
    expect(err).toBe("");
    expect(written.get("events.txt")).toMatch(/^7 0 -\d+ @/m);
  });

  test("is refused of drivers that are not there, and of several runs", async () => {
    const none = await runWith({ "g.yaml": GPUS }, "run", "g.yaml", "--smi", "e.txt", "--json");
    expect(none.code).toBe(2);
    expect(none.err).toContain("--smi: no device is driven by amdkfd");
    expect(JSON.parse(none.out)).toMatchObject({ diagnostics: [{ code: "E_OPTION_INVALID" }] });
    const two = await runWith({ "g.yaml": GPUS }, "run", "g.yaml", "g.yaml", "--xe-stats", "s.txt");
    expect([two.code, two.out]).toEqual([2, ""]);
    expect(two.err).toContain("--xe-stats is about one run");
  });
});
