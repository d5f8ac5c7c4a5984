// Counters of Intel's xe as debugfs `gt*/stats` prints them: `name: value`, a line each. Those of
// shared virtual memory come by the size class of the chunk that faulted: 4K, 64K and 2M.
import { SourceText } from "@faultline/diagnostics";
import { type MeasuredTimes, refusedTrace, type TraceImport } from "../trace-import.ts";
import { TraceProblems } from "../trace-problems.ts";

/** Size classes, with the bytes of their chunks. */
const SIZE_CLASSES = { "4K": 2 ** 12, "64K": 2 ** 16, "2M": 2 ** 21 } as const;

type SizeClass = keyof typeof SIZE_CLASSES;

type Counters = ReadonlyMap<string, number>;

const LINE = /^\s*([A-Za-z][A-Za-z0-9_]*):\s*([0-9]+)\s*$/u;
/** What `head` and `tail` put before each of several files, and a line of the reader's own. */
const HEAD = /^(?:==> .* <==|#.*)$/u;

/** Reads counters; those of several files, with their names in between, are added up. */
export function importGtStats(text: string, file: string): TraceImport {
  const source = new SourceText(file, text);
  const problems = new TraceProblems(source);
  const { counters, nrFiles } = readCounters(source, problems);
  if (counters.size === 0 && !problems.hasErrors) {
    const hint = "the file is what `cat /sys/kernel/debug/dri/*/gt*/stats` prints";
    problems.report(1, "no counters", { hint });
  }
  if (problems.hasErrors) return refusedTrace(problems.sorted());
  const classes = Object.keys(SIZE_CLASSES) as SizeClass[];
  const times = [
    ...classes.flatMap((size) => timesOfClass(counters, size)),
    ...copiesOfAllSizes(counters),
    ...flushes(counters),
  ];
  return {
    accesses: null,
    times,
    facts: {
      counters: Object.fromEntries(counters),
      gts: nrFiles,
      faults: counters.get("svm_pagefault_count") ?? 0,
    },
    accessNotes: [],
    notes: [
      "counters are sums: how far single faults are from the mean is not in the file",
      ...(times.length === 0 ? ["no counter of a time is above 0: nothing to fit"] : []),
    ],
    diagnostics: problems.sorted(),
  };
}

function readCounters(
  source: SourceText,
  problems: TraceProblems,
): { readonly counters: Counters; readonly nrFiles: number } {
  const counters = new Map<string, number>();
  let inFile = new Set<string>();
  let nrFiles = 0;
  for (let line = 1; line <= source.nrLines; line++) {
    const text = source.lineText(line);
    if (text.trim() === "") continue;
    if (HEAD.test(text)) {
      inFile = new Set();
      continue;
    }
    const [, name, digits = ""] = LINE.exec(text) ?? [];
    if (name === undefined) {
      problems.report(line, "not a counter", { hint: "lines are like `svm_2M_bind_us: 1530`" });
    } else if (Number(digits) > Number.MAX_SAFE_INTEGER) {
      const at = text.indexOf(digits);
      problems.report(line, `out of range: ${digits}`, {}, at, at + digits.length);
    } else if (inFile.has(name)) {
      const hint = "counters of several GTs need a line like `==> gt1/stats <==` between them";
      problems.report(line, `counter twice: ${name}`, { hint });
    } else {
      if (inFile.size === 0) nrFiles++;
      inFile.add(name);
      counters.set(name, (counters.get(name) ?? 0) + Number(digits));
    }
  }
  return { counters, nrFiles };
}

/** The stages of faults of one size class, as far as they were counted. */
function timesOfClass(counters: Counters, size: SizeClass): MeasuredTimes[] {
  const counted = (name: string): number => counters.get(`svm_${size}_${name}`) ?? 0;
  const sizeBytes = SIZE_CLASSES[size];
  const nrFaults = counted("pagefault_count");
  // What a fault finds in place already is neither collected nor bound.
  const nrServed = nrFaults - counted("valid_pagefault_count");
  const nrMigrated = counted("migrate_count");
  const [toDevice, toSystem] = (["device_copy", "cpu_copy"] as const).map((copy) => {
    return Math.round((counted(`${copy}_kb`) * 1024) / sizeBytes);
  });
  const one = (
    name: string,
    work: MeasuredTimes["work"],
    count: number,
    path: MeasuredTimes["path"] = null,
  ): MeasuredTimes[] => {
    const totalUs = counted(name);
    if (totalUs === 0 || count <= 0) return [];
    return [{ what: `svm_${size}_${name}`, work, sizeBytes, path, samplesUs: [], totalUs, count }];
  };
  return [
    ...one("get_pages_us", "collect", nrServed),
    ...one("bind_us", "bind", nrServed),
    ...one("device_copy_us", "copy", toDevice ?? 0, "to_device"),
    ...one("cpu_copy_us", "copy", toSystem ?? 0, "to_system"),
    ...one("migrate_us", "migrate", nrMigrated, "to_device"),
    // With other migrations than one for each fault nobody knows what the mean is the mean of.
    ...one("pagefault_us", "fault", nrMigrated === nrFaults ? nrFaults : 0, "to_device"),
  ];
}

/** Kernels that count bytes of all sizes together have no `svm_2M_device_copy_kb` and its like. */
function copiesOfAllSizes(counters: Counters): MeasuredTimes[] {
  const paths = { device_copy: "to_device", cpu_copy: "to_system" } as const;
  return Object.entries(paths).flatMap(([name, path]): MeasuredTimes[] => {
    const totalUs = counters.get(`svm_${name}_us`) ?? 0;
    const sizeBytes = (counters.get(`svm_${name}_kb`) ?? 0) * 1024;
    if (totalUs === 0 || sizeBytes === 0) return [];
    const what = `svm_${name}_us, all of it as one transfer`;
    return [{ what, work: "copy", sizeBytes, path, samplesUs: [], totalUs, count: 1 }];
  });
}

function flushes(counters: Counters): MeasuredTimes[] {
  const totalUs = counters.get("svm_tlb_inval_us") ?? 0;
  const count = counters.get("svm_tlb_inval_count") ?? 0;
  if (totalUs === 0 || count === 0) return [];
  const facts = { work: "flush", sizeBytes: 0, path: null, samplesUs: [] } as const;
  return [{ ...facts, what: "svm_tlb_inval_us", totalUs, count }];
}
