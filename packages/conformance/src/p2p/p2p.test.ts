// The recorded machines that come with this package, replayed on the simulated kernel; and how a
// replay tells that something differs, or that its files are not sound.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { P2P_RECORDING } from "./p2p-recording.ts";
import type { RecordedAnswers, RecordedMachine } from "./p2p-record.ts";
import { formatP2pReport, type P2pReport } from "./p2p-report.ts";
import { parseAnswers, parseMachine } from "./parse-p2p.ts";
import { type AnsweredMachine, loadP2pFiles, replayP2p } from "./replay-p2p-files.ts";
import { replayP2pMachine } from "./replay-p2p-machine.ts";

const files = loadP2pFiles(P2P_RECORDING.machinesPath, P2P_RECORDING.answersPath);

function find(id: string): AnsweredMachine {
  const found = files.answered.find(({ machine }) => machine.id === id);
  if (found === undefined) throw new Error(`no machine ${id}`);
  return found;
}

/** Replays one machine whose record or answers were changed. */
function replayChanged(
  id: string,
  change: (copy: { machine: RecordedMachine; answers: RecordedAnswers }) => void,
): P2pReport {
  const copy = structuredClone(find(id));
  change(copy);
  const rest = { unansweredMachines: 0, unmatchedAnswers: 0, problems: [] };
  return replayP2p({ answered: [copy], ...rest });
}

describe("the recording", () => {
  test("is sound and complete", () => {
    expect(files).toMatchObject({ problems: [], unansweredMachines: 0, unmatchedAnswers: 0 });
    expect(files.answered).toHaveLength(174);
  });

  test("is answered by the simulated kernel as by the recorded one", () => {
    const progress: number[] = [];
    const report = replayP2p(files, { onProgress: (done) => progress.push(done) });
    expect(report.failures, formatP2pReport(report)).toEqual([]);
    expect([report.passed, report.failed]).toEqual([174, 0]);
    expect(report.answers.passed).toBeGreaterThan(400_000);
    expect(Object.keys(report.questions)).toHaveLength(20);
    expect(progress).toHaveLength(174);
  });
});

describe("a machine fails", () => {
  test("with its first difference, while its other answers are counted", () => {
    const report = replayChanged("row06_Zen", ({ answers }) => {
      const [first = [], ...others] = answers.dist;
      const dist = [[0, 77, ...first.slice(2)], ...others];
      Object.assign(answers, { dist, many: answers.many.map((row) => ({ ...row, d: 99 })) });
    });
    expect(report).toMatchObject({ passed: 0, failed: 1, groups: { row: { failed: 1 } } });
    expect(report.questions.distance?.failed).toBe(1);
    expect(report.questions.many?.failed).toBeGreaterThan(0);
    expect(report.failures).toMatchObject([{ machine: "row06_Zen", question: "distance" }]);
    const text = formatP2pReport(report);
    expect(text).toContain("row06_Zen distance of 00:00.0 for ");
    expect(text).toMatch(/: expected 77, got \d+$/m);
    expect(text.trimEnd().split("\n").at(-1)).toBe("0 passed, 1 failed");
  });

  test("when the machine's facts do not fit its answers", () => {
    const report = replayChanged("acs_amd-on_none", ({ machine }) => {
      Object.assign(machine, { iommu: "none" });
    });
    expect(report.questions.acs?.failed).toBeGreaterThan(0);
    expect(report.failed).toBe(1);
  });

  test("when the simulator breaks", () => {
    const replay: typeof replayP2pMachine = () => {
      throw new Error("broken");
    };
    const one = { ...files, answered: files.answered.slice(0, 2) };
    const report = replayP2p(one, { replay });
    expect(report.failures).toMatchObject([
      { question: "exception", actual: "Error: broken" },
      { question: "exception" },
    ]);
    expect(formatP2pReport(report, 1)).toContain("... and 1 more failing machines");
  });
});

describe("files", () => {
  const folder = mkdtempSync(join(tmpdir(), "faultline-p2p-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  function write(name: string, ...values: readonly unknown[]): string {
    const path = join(folder, name);
    writeFileSync(path, values.map((value) => `${JSON.stringify(value)}\n`).join(""));
    return path;
  }

  test("that do not belong together are a problem, extra lines are not", () => {
    const { machine, answers } = find("row06_Zen");
    const machines = write("machines.jsonl", machine, { ...machine, id: "other" });
    const stray = write("stray.jsonl", { ...answers, id: "nobody" });
    expect(loadP2pFiles(machines, stray).problems).toMatchObject([{ code: "E_CONFORMANCE_JOIN" }]);
    const good = write("answers.jsonl", answers, { ...answers, id: "nobody" });
    const loaded = loadP2pFiles(machines, good);
    expect(loaded).toMatchObject({ unansweredMachines: 1, unmatchedAnswers: 1, problems: [] });
    expect(loaded.answered).toHaveLength(1);
    const text = formatP2pReport(replayP2p(loaded));
    expect(text).toContain("machines without answers: 1\nanswers without a machine: 1\n");
  });

  test("with answers about functions that do not exist are a problem", () => {
    const { machine, answers } = find("row06_Zen");
    const size = machine.functions.length;
    const machines = write("machines.jsonl", machine);
    const wrong = { ...answers, nearest: [{ c: 0, seen: [0] }], dist: [] };
    const { problems, answered } = loadP2pFiles(machines, write("answers.jsonl", wrong));
    expect(answered).toEqual([]);
    expect(problems.map(({ message }) => message)).toEqual([
      `row06_Zen: \`dist\` must have ${size} rows of ${size}`,
      "row06_Zen: `nearest` names function 0, which is no provider",
    ]);
  });
});

describe("a malformed line", () => {
  function messages(parse: typeof parseMachine | typeof parseAnswers, json: unknown): string[] {
    const found: string[] = [];
    expect(parse(json, (message) => found.push(message))).toBeNull();
    return found;
  }

  function changedMachine(change: (machine: Record<string, unknown>) => void): unknown {
    const copy = structuredClone(find("row06_Zen").machine) as unknown as Record<string, unknown>;
    change(copy);
    return copy;
  }

  test("is told every mistake with its place", () => {
    const machine = changedMachine((copy) => {
      copy["iommu"] = "maybe";
      (copy["cpu"] as Record<string, unknown>)["family"] = "six";
      (copy["functions"] as Record<string, unknown>[])[1] = { path: "x" };
    });
    const found = messages(parseMachine, machine);
    expect(found[0]).toContain("`cpu.family` must be an integer");
    expect(found[1]).toContain("`iommu` must be one of none, intel-on");
    expect(found[2]).toContain("`functions[1].bdf` must be an address such as");
    expect(messages(parseAnswers, [])).toEqual(["the line must be an object"]);
    expect(messages(parseAnswers, { id: "x" })[0]).toBe("`dist` must be a list, not nothing");
  });

  test.each([
    ["above itself", { upstream: 1 }, "it is above itself"],
    ["below nothing", { upstream: 99 }, "there is no function 99 above it"],
    ["on no root bus", { root: "0000:99" }, "no host bridge has the root bus 0000:99"],
  ])("that has a function %s is refused", (_, fields, message) => {
    const machine = changedMachine((copy) => {
      const functions = copy["functions"] as Record<string, unknown>[];
      Object.assign(functions[1] ?? {}, fields);
    });
    expect(messages(parseMachine, machine).join("\n")).toContain(message);
  });

  test("that has two functions at one address is refused", () => {
    const machine = changedMachine((copy) => {
      const functions = copy["functions"] as Record<string, unknown>[];
      Object.assign(functions[1] ?? {}, { bdf: functions[0]?.["bdf"] });
    });
    expect(messages(parseMachine, machine)).toEqual(["two functions have one `bdf`"]);
  });
});
