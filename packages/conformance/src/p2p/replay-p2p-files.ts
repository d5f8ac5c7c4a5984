// Loads a machine file and an answer file, joins them by id, and replays every machine.
import { isDeepStrictEqual } from "node:util";
import type { Diagnostic } from "@faultline/diagnostics";
import { problemAt } from "../input-line.ts";
import { counting } from "../json-shape.ts";
import { loadFile } from "../load-files.ts";
import type { P2pDifference } from "./p2p-difference.ts";
import type { RecordedAnswers, RecordedMachine } from "./p2p-record.ts";
import { type P2pReport, P2pReportBuilder } from "./p2p-report.ts";
import { checkAnswersFit, parseAnswers, parseMachine } from "./parse-p2p.ts";
import { type CompareAnswer, replayP2pMachine } from "./replay-p2p-machine.ts";

/** A machine with what its kernel answered. */
export interface AnsweredMachine {
  readonly machine: RecordedMachine;
  readonly answers: RecordedAnswers;
}

/** What two files hold. */
export interface P2pFiles {
  /** Sound machines that have sound answers, in the order of the machine file. */
  readonly answered: readonly AnsweredMachine[];
  readonly unansweredMachines: number;
  readonly unmatchedAnswers: number;
  /** Everything wrong with both files. A line with an error is left out of `answered`. */
  readonly problems: readonly Diagnostic[];
}

/** How to replay. */
export interface P2pReplayOptions {
  /** Called after every machine with the number done and to do. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Replays one machine. @defaultValue the simulated kernel */
  readonly replay?: typeof replayP2pMachine;
}

/** Reads and joins both files; they may end in .gz or .br. */
export function loadP2pFiles(machinesPath: string, answersPath: string): P2pFiles {
  const problems: Diagnostic[] = [];
  const machines = loadFile(machinesPath, "E_CONFORMANCE_CASE", parseMachine, problems);
  const answers = loadFile(answersPath, "E_CONFORMANCE_RECORD", parseAnswers, problems);
  const answered: AnsweredMachine[] = [];
  let matches = 0;
  for (const [id, { value: machine }] of machines) {
    const entry = answers.get(id);
    if (entry === undefined) continue;
    matches++;
    const counter = counting((message, severity) =>
      problems.push(problemAt(entry.line, "E_CONFORMANCE_JOIN", `${id}: ${message}`, severity)),
    );
    checkAnswersFit(machine, entry.value, counter.report);
    if (counter.errors === 0) answered.push({ machine, answers: entry.value });
  }
  const [first] = answers.values();
  if (matches === 0 && first !== undefined && machines.size > 0) {
    const message = `no answers belong to any machine of ${machinesPath}`;
    problems.push(problemAt(first.line, "E_CONFORMANCE_JOIN", message));
  }
  return {
    answered,
    unansweredMachines: machines.size - matches,
    unmatchedAnswers: answers.size - matches,
    problems,
  };
}

/** Reads, joins and replays two files. */
export function replayP2pFiles(
  machinesPath: string,
  answersPath: string,
  options: P2pReplayOptions = {},
): P2pReport {
  return replayP2p(loadP2pFiles(machinesPath, answersPath), options);
}

/** Replays what loadP2pFiles() read. */
export function replayP2p(files: P2pFiles, options: P2pReplayOptions = {}): P2pReport {
  const { onProgress, replay = replayP2pMachine } = options;
  const { answered, problems, unansweredMachines, unmatchedAnswers } = files;
  const builder = new P2pReportBuilder();
  answered.forEach(({ machine, answers }, at) => {
    builder.addMachine(machine.group, firstDifference(machine, answers, builder, replay));
    onProgress?.(at + 1, answered.length);
  });
  return builder.build({ problems, unansweredMachines, unmatchedAnswers });
}

function firstDifference(
  machine: RecordedMachine,
  answers: RecordedAnswers,
  builder: P2pReportBuilder,
  replay: typeof replayP2pMachine,
): P2pDifference | null {
  const { id, group } = machine;
  let found: P2pDifference | null = null;
  const compare: CompareAnswer = (question, about, expected, actual) => {
    const agrees = isDeepStrictEqual(expected, actual);
    builder.addAnswer(question, agrees);
    if (agrees || found !== null) return;
    const texts = { expected: show(expected), actual: show(actual) };
    found = { machine: id, group, question, about: about(), ...texts };
  };
  try {
    replay(machine, answers, compare);
  } catch (error) {
    const actual = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const texts = { about: "", expected: "an answer", actual };
    found ??= { machine: id, group, question: "exception", ...texts };
  }
  return found;
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? "nothing";
}
