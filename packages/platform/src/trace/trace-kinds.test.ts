import { readFileSync } from "node:fs";
import { SourceText } from "@faultline/diagnostics";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MOST_TRACE_NS } from "./access-trace.ts";
import { parseTraceCsv } from "./parse-trace-csv.ts";
import { printTraceCsv } from "./print-trace-csv.ts";
import type { TraceImport } from "./trace-import.ts";
import { TRACE_KINDS } from "./trace-kinds.ts";

const folder = new URL("../../../../scenarios/traces/", import.meta.url);

function textOf(file: string): string {
  return readFileSync(new URL(file, folder), "utf8");
}

function readText(kind: string, text: string): TraceImport {
  const found = TRACE_KINDS.find(({ name }) => name === kind);
  if (found === undefined) throw new Error(`no kind ${kind}`);
  return found.read(text, "t");
}

/** `line:column severity message` of every problem. */
function problems(kind: string, text: string): string[] {
  return readText(kind, text).diagnostics.map(
    ({ line, column, severity, message }) => `${line}:${column} ${severity} ${message}`,
  );
}

const FILES = [
  ["lackey", "spmv.trace"],
  ["amdkfd-smi", "kfd-smi.txt"],
  ["page-faults", "page-faults.txt"],
  ["xe-stats", "xe-stats.txt"],
  ["unified-memory", "nvprof.txt"],
  ["unified-memory", "nsys.txt"],
  ["unified-memory", "nsys-faults.csv"],
] as const;

describe("every kind", () => {
  test.each(FILES)("%s reads %s without a word", (kind, file) => {
    const { accesses, times, diagnostics } = readText(kind, textOf(file));
    expect(diagnostics).toEqual([]);
    expect((accesses ?? []).length + times.length).toBeGreaterThan(0);
  });

  test.each(FILES)("%s gives accesses of %s that workloads can replay", (kind, file) => {
    const { accesses } = readText(kind, textOf(file));
    const csv = new SourceText("t.csv", printTraceCsv(accesses ?? []));
    const { trace, diagnostics } = parseTraceCsv(csv, 4096);
    expect(diagnostics).toEqual([]);
    expect(trace.pages.length).toBeGreaterThanOrEqual(accesses?.length ?? 0);
  });

  test.each(FILES)("%s reads %s, however broken, or says why not", (kind, file) => {
    const text = textOf(file).slice(0, 3000);
    const at = fc.nat({ max: text.length });
    const junk = fc.oneof(
      fc.string({ maxLength: 8 }),
      fc.constantFrom("\0", "\n", "-1", "9".repeat(30), "0x", "ä\r\n", ",", ":", '"'),
    );
    const mangled = fc.tuple(at, at, junk).map(([from, to, put]) => {
      return text.slice(0, Math.min(from, to)) + put + text.slice(Math.max(from, to));
    });
    const shuffled = fc.shuffledSubarray(text.split("\n")).map((lines) => lines.join("\n"));
    fc.assert(
      fc.property(fc.oneof(mangled, shuffled, fc.string()), (broken) => {
        const { accesses, times, diagnostics } = readText(kind, broken);
        const isRefused = diagnostics.some(({ severity }) => severity === "error");
        if (isRefused) expect([accesses, times]).toEqual([null, []]);
        for (const one of diagnostics) {
          expect(one.end).toBeLessThanOrEqual(broken.length);
          expect(one.line).toBeGreaterThan(0);
        }
        for (const { totalUs, count, sizeBytes } of times) {
          expect(Math.min(totalUs, sizeBytes)).toBeGreaterThanOrEqual(0);
          expect(count).toBeGreaterThan(0);
        }
        const csv = new SourceText("t.csv", printTraceCsv(accesses ?? []));
        // A digit more makes hours of seconds; such a trace is read, but cannot be replayed.
        const isTooLong = (accesses?.at(-1)?.timeNs ?? 0) > MOST_TRACE_NS;
        expect(parseTraceCsv(csv, 4096).diagnostics.length > 0).toBe(isTooLong);
      }),
      { numRuns: 300 },
    );
  });
});

describe("amdkfd's events", () => {
  test("become accesses of whom faulted, ranges where pages moved", () => {
    const { accesses } = readText("amdkfd-smi", textOf("kfd-smi.txt"));
    const range = { access: "write", sizeBytes: 0x200000 };
    expect(accesses?.slice(0, 2)).toMatchObject([
      { who: "6699/1ea0", timeNs: 0, address: 0x7f0000000000, ...range },
      { who: "6699/1ea0", timeNs: 1_296_750, address: 0x7f0000200000, ...range },
    ]);
    expect(accesses?.slice(3)).toMatchObject([
      { who: "6699/cpu", address: 0x7f0000000000, access: "read", sizeBytes: 1 },
      { who: "6699/2bd1", address: 0x7f0000010000, access: "read", sizeBytes: 1 },
    ]);
  });

  test("become times of faults and of migrations, by direction and size", () => {
    const { times, facts } = readText("amdkfd-smi", textOf("kfd-smi.txt"));
    expect(times).toMatchObject([
      { work: "migrate", path: "to_device", sizeBytes: 0x200000, samplesUs: [780, 754, 793] },
      { work: "migrate", path: "to_system", samplesUs: [585] },
      { work: "fault", path: "to_device", samplesUs: [910, 897, 916.5] },
    ]);
    expect(facts).toMatchObject({ faults: 4, migrations: 4, unpaired: 0 });
  });

  test("without their other half are counted, and told of", () => {
    const { facts, notes } = readText(
      "amdkfd-smi",
      "7 5 -7 @10(1) R\n6 9 -7 @10(2) 0->1 1 0\n7 6 -7 @10(1) R\n8 7 -7 @10(1) M",
    );
    expect(facts).toMatchObject({ faults: 1, unpaired: 2 });
    expect(notes.at(-1)).toContain("2 beginnings or ends have no other half");
  });

  test("are read where a kernel has put NULs among them", () => {
    const text = "a 3 -7 fc7d\0\na 4 -7 fc7d R\x008 5 -7 @10(1) U\n";
    expect(readText("amdkfd-smi", text).facts).toMatchObject({ events: 3 });
    expect(problems("amdkfd-smi", text)).toEqual([
      "1:12 warning NUL byte in an event",
      "2:14 warning NUL byte in an event",
    ]);
  });

  test("that are none are refused, each at its place", () => {
    expect(
      problems("amdkfd-smi", "hello\n1f 3 x\n7 5 -7 @10(1) X\n7 1 -7 @fffffffffff(1) R\n"),
    ).toEqual([
      "1:1 error not an event of amdkfd",
      "2:1 error unknown event: 1f",
      "3:1 error fields that PAGE_FAULT_START does not have: 5 -7 @10(1) X",
      "4:1 error out of range: page",
    ]);
    expect(problems("amdkfd-smi", "\n")).toEqual(["1:1 error no events"]);
  });
});

describe("page faults", () => {
  test("have who, where, when and how", () => {
    const { accesses, facts } = readText("page-faults", textOf("page-faults.txt"));
    expect(facts).toMatchObject({ events: 5, faults: 4, cpus: 2 });
    expect(accesses).toEqual([
      { timeNs: 0, who: "app-4711", address: 0x7f1200000000, access: "write", sizeBytes: 1 },
      { timeNs: 4000, who: "app-4711", address: 0x7f1200001010, access: "write", sizeBytes: 1 },
      { timeNs: 25_000, who: "<...>-4712", address: 0x7f1200001040, access: "read", sizeBytes: 1 },
      { timeNs: 50_000, who: "app-4711", address: 0x7f1200000008, access: "write", sizeBytes: 1 },
    ]);
  });

  test("of perf script come with their subsystem", () => {
    const line =
      "java 12/34 [003] 5.000001:  1 exceptions:page_fault_user:" +
      " address=0x1000 ip=0x2 error_code=0x4";
    expect(readText("page-faults", `${line}\n\t  29ebc main (/bin/x)\n`).accesses).toMatchObject([
      { who: "java-34", address: 4096, access: "read" },
    ]);
  });

  test("without addresses are counted, and a note says so", () => {
    const { accesses, notes } = readText(
      "page-faults",
      "perf 47118 [011] 51499.088689:   1 page-faults: \n\t   29ebc cmd (/usr/bin/perf)\n",
    );
    expect(accesses).toBeNull();
    expect(notes[0]).toContain("no addresses");
  });

  test("that are none are refused, each at its place", () => {
    const event = "a-1 [000] 1.000000: page_fault_user:";
    expect(problems("page-faults", `what\n${event} address=somewhere ip=0x1`)).toEqual([
      "1:1 error not an event of ftrace or perf script",
    ]);
    expect(problems("page-faults", `${event} address=f ip=0x1 error_code=0x4\n`)).toEqual([
      "1:38 error not a page fault's fields",
    ]);
    const kernel = `${event} address=0xffff888000000000 ip=0x1 error_code=0x4`;
    expect(problems("page-faults", kernel)[0]).toContain("warning an address of the kernel");
  });
});

describe("counters of xe", () => {
  test("become times of the stages that they count", () => {
    const { times } = readText("xe-stats", textOf("xe-stats.txt"));
    expect(times.map(({ what, work, totalUs, count }) => [what, work, totalUs / count])).toEqual([
      ["svm_2M_get_pages_us", "collect", 1.2],
      ["svm_2M_bind_us", "bind", 2.4],
      ["svm_2M_device_copy_us", "copy", 106],
      ["svm_2M_migrate_us", "migrate", 132],
      ["svm_2M_pagefault_us", "fault", 138],
      ["svm_tlb_inval_us", "flush", 12],
    ]);
  });

  test("of several GTs are added up where something stands between them", () => {
    const gts =
      "==> gt0/stats <==\nsvm_pagefault_count: 3\n==> gt1/stats <==\nsvm_pagefault_count: 4";
    expect(readText("xe-stats", gts).facts).toMatchObject({ faults: 7, gts: 2 });
    expect(problems("xe-stats", "a_count: 1\na_count: 2\nb\nc: 99999999999999999")).toEqual([
      "2:1 error counter twice: a_count",
      "3:1 error not a counter",
      "4:4 error out of range: 99999999999999999",
    ]);
  });

  test("of kernels that count bytes of all sizes together give their rate", () => {
    const { times } = readText("xe-stats", "svm_device_copy_us: 106\nsvm_device_copy_kb: 2048\n");
    expect(times).toMatchObject([
      { work: "copy", path: "to_device", sizeBytes: 2 ** 21, count: 1 },
    ]);
  });

  test("that are all 0 leave nothing to fit", () => {
    const { times, notes } = readText("xe-stats", "svm_2M_bind_us: 0\n");
    expect([times, notes.at(-1)]).toEqual([[], expect.stringContaining("nothing to fit")]);
  });
});

describe("unified memory", () => {
  test("of nvprof has transfers and groups, in the unit that agrees with itself", () => {
    const { times, facts } = readText("unified-memory", textOf("nvprof.txt"));
    expect(facts).toMatchObject({ device: "Model GPU (0)", unitBase: 1024, cpuPageFaults: 24 });
    expect(times).toMatchObject([
      { work: "copy", path: "to_device", sizeBytes: 65536, totalUs: 704, count: 64 },
      { work: "copy", path: "to_system", sizeBytes: 131072, totalUs: 240, count: 16 },
      { work: "batch", totalUs: 2400, count: 10 },
    ]);
  });

  test("of nsys is read for people and as CSV alike", () => {
    const printed = readText("unified-memory", textOf("nsys.txt"));
    const csv = readText(
      "unified-memory",
      [
        "Time (%),Total Time (ns),Count,Operation",
        "74.6,704000,64,[CUDA memcpy Unified Host-to-Device]",
        "25.4,240000,16,[CUDA memcpy Unified Device-to-Host]",
        "",
        "Total (MB),Count,Operation",
        "4.194,64,[CUDA memcpy Unified Host-to-Device]",
        "2.097,16,[CUDA memcpy Unified Device-to-Host]",
      ].join("\n"),
    );
    expect(printed.times).toMatchObject([
      { path: "to_device", sizeBytes: 65531, totalUs: 704, count: 64 },
      { path: "to_system", sizeBytes: 131063, totalUs: 240, count: 16 },
    ]);
    expect(csv.times).toEqual(printed.times);
  });

  test("of nsys has fault groups with their addresses", () => {
    const { accesses, times } = readText("unified-memory", textOf("nsys-faults.csv"));
    expect(accesses?.map(({ timeNs, who, access }) => [timeNs, who, access])).toEqual([
      [0, "app/0", "write"],
      [300_000, "app/0", "read"],
      [600_000, "app/1", "atomic"],
    ]);
    expect(times[0]?.samplesUs).toEqual([260, 211, 250]);
  });

  test("of a study that counted nothing says so", () => {
    const study = "Benchmark,Size_Arg,Faults_Detected_Nsys\nSTREAM,1,0\n";
    expect(problems("unified-memory", study)).toEqual([
      "1:1 warning no data: every count of faults is 0",
    ]);
  });

  test("that is none is refused, each row at its place", () => {
    expect(
      problems("unified-memory", 'Device "x"\n 1 2 3\n 5 4QB - - - 1s Host To Device'),
    ).toEqual(["2:1 error not a row of unified memory", "3:4 error neither size nor time: 4QB"]);
    expect(problems("unified-memory", "")).toEqual(["1:1 error no table of unified memory"]);
    expect(problems("unified-memory", "Benchmark,Time_ms\nA,fast\nB\n")).toEqual([
      "2:3 error Time_ms not a number: fast",
      "3:1 error 1 values for 2 columns",
    ]);
  });
});
