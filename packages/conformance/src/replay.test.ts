import { describe, expect, it } from "vitest";
import type { ConformanceCase } from "./case.ts";
import type { Difference } from "./difference.ts";
import type { ProcessView } from "./kernel-under-test.ts";
import { MalformedRecordError } from "./malformed-record-error.ts";
import { parseCase } from "./parse-case.ts";
import { checkRecordFits, parseRecord } from "./parse-record.ts";
import type { ConformanceRecord } from "./record.ts";
import { type Bend, RecordedKernel } from "./recorded-kernel.ts";
import { type CaseResult, replayCase } from "./replay.ts";

const fail = (message: string): never => {
  throw new Error(message);
};

/** A case that shows every field of the format, made up but consistent. */
const json = {
  id: "every_field",
  cat: "made up",
  seed: 1,
  boot: "coh",
  W: 4,
  numa: 1,
  thp: 1,
  x: 1,
  ops: [
    ["open", 0, 0],
    ["mmap", 0, 0, 4, "rw", "p"],
    ["wr", 0, 1, 2],
    ["open", 0, 3],
    ["fork", 0, 1],
    ["dread", 0, 0, 1, 2],
    ["snap", 0, 0, 1, 2],
    ["move", 0, 1, 2, 1],
    ["khscan", 0],
    ["dwrite", 0, 0, 3, 1],
    ["close", 0, 0],
    ["exit", 1],
  ],
};

const recordJson = {
  id: "every_field",
  res: [
    {
      r: 0,
      st: { 0: { v: [], pm: ".4", s0: "ff*4", c: "0*4", k: ".4", h: ".4", n: ".4", u: ".4" } },
    },
    { r: 0, st: { 0: { v: [[0, 4, "rw-p"]], s0: "00*4" } } },
    {
      r: 0,
      t: "30001+2",
      st: { 0: { pm: ".P2.", s0: "00,02*2,00", c: "0+3,0", n: ".a2.", u: ".w2." } },
    },
    { r: 0, st: { 0: { s3: "00,02*2,00" } } },
    {
      r: 0,
      st: {
        0: { pm: ".p2.", s0: "00,01*2,00", s3: "00,01*2,00" },
        1: {
          v: [[0, 4, "rw-p"]],
          pm: ".p2.",
          c: "0+3,0",
          k: ".4",
          h: ".4",
          n: ".a2.",
          u: ".4",
        },
      },
    },
    { r: 0, cp: 2, fl: 1, t: "30001+2" },
    { r: 0, cp: 2, fl: 0, snap: "01*2" },
    { r: 2, mv: "-13*2" },
    { r: 0, kc: 0 },
    { e: "EFAULT" },
    { r: 0, st: { 0: { s0: null } } },
    { r: 0, st: { 0: { pm: ".P2.", s3: "00,01*2,00" } } },
  ],
  klog: ["a message"],
};

const theCase: ConformanceCase = parseCase(json, fail) ?? fail("no case");
const theRecord: ConformanceRecord = parseRecord(recordJson, fail) ?? fail("no record");

function replayBent(bend?: Bend): CaseResult {
  return replayCase(theCase, theRecord, () => new RecordedKernel(theCase, theRecord, bend));
}

function differenceOf(bend: Bend): Difference {
  const result = replayBent(bend);
  if (result.kind !== "failed") return fail(`not noticed: ${result.kind}`);
  return result.difference;
}

type MutableView = { -readonly [Field in keyof ProcessView]: ProcessView[Field] };

/** Bends the view of one process after an operation. */
function bendView(opIndex: number, of: number, change: (view: MutableView) => void): Bend {
  return {
    opIndex,
    view: (process, view) => {
      if (process === of && view !== null) change(view);
      return view;
    },
  };
}

describe("replayCase", () => {
  it("passes the recorded answers", () => {
    checkRecordFits(theCase, theRecord, fail);
    expect(replayBent()).toEqual({ kind: "passed" });
  });

  it.each<[string, number, Bend["outcome"]]>([
    ["r", 0, (o) => (o.r = 1)],
    ["r", 7, (o) => (o.r = 0)],
    ["e", 0, (o) => (o.e = "EINVAL")],
    ["e", 9, (o) => (o.e = "EPERM")],
    ["e", 9, (o) => delete o.e],
    ["cp", 5, (o) => (o.cp = 1)],
    ["cp", 5, (o) => delete o.cp],
    ["cp", 0, (o) => (o.cp = 1)],
    ["fl", 5, (o) => (o.fl = 0)],
    ["kc", 8, (o) => (o.kc = 1)],
    ["t", 2, (o) => (o.t = [0x30001, 0x30003])],
    ["t", 2, (o) => (o.t = [0x30001, "SM"])],
    ["t", 2, (o) => (o.t = [0x30001])],
    ["t", 2, (o) => delete o.t],
    ["t", 0, (o) => (o.t = [1])],
    ["snap", 6, (o) => (o.snap = Uint8Array.of(1, 2))],
    ["snap", 6, (o) => delete o.snap],
    ["mv", 7, (o) => (o.mv = [-13, -2])],
    ["mv", 7, (o) => delete o.mv],
  ])("notices a wrong `%s` of op %i", (field, opIndex, outcome) => {
    const bend: Bend = outcome ? { opIndex, outcome } : { opIndex };
    expect(differenceOf(bend)).toMatchObject({ field, opIndex, process: null });
  });

  it.each<[string, number, number, (view: MutableView) => void]>([
    ["v", 5, 0, (v) => (v.v = [[0, 3, "rw-p"]])],
    ["v", 5, 0, (v) => (v.v = [])],
    ["v", 5, 1, (v) => (v.v = [[0, 4, "r--p"]])],
    ["pm", 5, 0, (v) => (v.pm = ".pP.")],
    ["pm", 5, 1, (v) => (v.pm = ".pp")],
    ["s0", 5, 0, (v) => (v.snapshots = [Uint8Array.of(0, 1, 2, 0), undefined, undefined, null])],
    ["s0", 10, 0, (v) => (v.snapshots = [new Uint8Array(4), ...v.snapshots.slice(1)])],
    ["s0", 9, 0, (v) => (v.snapshots = [null, ...v.snapshots.slice(1)])],
    ["s0", 5, 1, (v) => (v.snapshots = [new Uint8Array(4)])],
    ["s1", 5, 0, (v) => (v.snapshots = v.snapshots.with(1, new Uint8Array(4)))],
    ["s2", 5, 0, (v) => (v.snapshots = v.snapshots.with(2, new Uint8Array(4)))],
    ["s3", 5, 0, (v) => (v.snapshots = v.snapshots.with(3, new Uint8Array(4)))],
    ["c", 5, 0, (v) => (v.c = [0, 7, 7, 0])],
    ["c", 5, 0, (v) => (v.c = [0, 0, 8, 0])],
    ["c", 5, 0, (v) => (v.c = [0, 7, 8])],
    ["c", 5, 0, (v) => (v.c = [5, 7, 8, 0])],
    ["k", 5, 1, (v) => (v.k = ".HT.")],
    ["h", 5, 0, (v) => (v.h = "H4")],
    ["n", 5, 0, (v) => (v.n = ".ab.")],
    ["n", 5, 0, (v) => delete v.n],
    ["u", 5, 0, (v) => (v.u = "....")],
    ["u", 5, 1, (v) => delete v.u],
  ])("notices a wrong `%s` after op %i of process %i", (field, opIndex, process, change) => {
    const bend = bendView(opIndex, process, change);
    expect(differenceOf(bend)).toMatchObject({ field, opIndex, process });
  });

  it("notices pages of two processes that should share memory and do not", () => {
    const bend = bendView(5, 1, (view) => (view.c = [0, 5000, 5001, 0]));
    expect(differenceOf(bend)).toMatchObject({
      field: "c",
      process: 1,
      pages: [1, 1],
      expected: "the memory of page 1 of process 0",
      actual: "memory of its own",
      whole: { expected: "0+3,0 | 0+3,0 | -", actual: "0+3,0 | 0,3+2,0 | -" },
    });
  });

  it("notices a process that should not exist, or should", () => {
    const gone: Bend = { opIndex: 5, view: (process, view) => (process === 1 ? null : view) };
    expect(differenceOf(gone)).toMatchObject({ field: "process", process: 1, actual: "dead" });
    const ghost: ProcessView = { v: [], pm: "....", c: [0, 0, 0, 0], snapshots: [] };
    const stays: Bend = { opIndex: 11, view: (process, view) => (process === 1 ? ghost : view) };
    expect(differenceOf(stays)).toMatchObject({ field: "process", process: 1, actual: "alive" });
  });

  it("cuts a difference to the first run of differing pages", () => {
    expect(differenceOf(bendView(2, 0, (view) => (view.pm = ".WW.")))).toMatchObject({
      caseId: "every_field",
      category: "made up",
      op: "wr 0 1 2",
      pages: [1, 2],
      expected: "P2",
      actual: "W2",
      whole: { expected: ".P2.", actual: ".W2." },
    });
  });

  it("counts the pages of an answer from the page the operation starts at", () => {
    const bend: Bend = { opIndex: 2, outcome: (outcome) => (outcome.t = [0x30001, 0]) };
    expect(differenceOf(bend)).toMatchObject({ pages: [2, 2] });
  });

  it("reports what a kernel throws as its answer", () => {
    const result = replayCase(theCase, theRecord, () => fail("cannot boot"));
    expect(result).toMatchObject({
      kind: "failed",
      difference: { field: "exception", opIndex: 0, actual: "Error: cannot boot" },
    });
  });

  it.each([
    ["kernel crashed", { id: "x", crash: 1, res: [] }],
    ["kernel hung", { id: "x", hang: 1, res: [] }],
    ["kernel hung", { ...theRecord, res: theRecord.res.with(3, { e: "HANG" }) }],
    ["nondeterministic", { ...theRecord, nondet: 1 }],
  ])("skips: %s", (reason, record: ConformanceRecord) => {
    const result = replayCase(theCase, record, () => fail("must not be created"));
    expect(result).toEqual({ kind: "skipped", reason });
  });

  it("skips races", () => {
    const race = parseCase(
      { ...json, ops: [["race", 0, "fork", 0, 0, 4, 700, 0]] },
      fail,
    ) as ConformanceCase;
    const record = { id: "x", res: [{ r: 0 }] };
    const result = replayCase(race, record, () => fail("must not be created"));
    expect(result).toEqual({ kind: "skipped", reason: "race" });
  });

  it("throws a typed error for a record that was never checked", () => {
    const broken = { ...theRecord, res: theRecord.res.slice(1) };
    const replay = (record: ConformanceRecord): CaseResult =>
      replayCase(theCase, record, () => new RecordedKernel(theCase, theRecord));
    expect(() => replay(broken)).toThrow(MalformedRecordError);
    const badText = { ...theRecord, res: theRecord.res.with(0, { r: 0, st: { 0: { pm: "4P" } } }) };
    expect(() => replay(badText)).toThrow("`pm` holds no such text: 4P");
    const ghost = { ...theRecord, res: theRecord.res.with(0, { r: 0, st: { 2: {} } }) };
    expect(() => replay(ghost)).toThrow("process 2, which does not exist");
  });
});
