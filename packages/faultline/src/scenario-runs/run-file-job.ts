// One scenario of `faultline run` as a job of a worker: what it would have written to stderr and
// noted comes back with its result, so that nothing depends on who ran it.
import type { ScenarioPlan } from "@faultline/scenario";
import { CommandContext } from "../command-context.ts";
import type { CommandIo } from "../command-io.ts";
import type { CommandOutcome } from "../exit-code.ts";
import { type Job, jobModule } from "../workers/run-jobs.ts";
import { receivedChoice, type SentChoice } from "../workers/sent-choice.ts";
import { type Crash, crashOf } from "./crash.ts";
import { type FileRun, type FileRunOptions, runFile } from "./run-file.ts";

/** What a worker is given. */
export interface FileRunInput {
  readonly plan: ScenarioPlan;
  readonly choice: SentChoice | null;
  readonly options: FileRunOptions;
  /** One number, not 0 when the user wants an end. */
  readonly stop: SharedArrayBuffer;
}

/** What comes back. */
export interface FileRunAnswer {
  /** Null with `crash`, or when a profile is for no device of the scenario. */
  readonly run: FileRun | null;
  readonly crash: Crash | null;
  readonly err: string;
  readonly outcome: CommandOutcome;
}

/** How often a worker looks whether the user wants an end. */
const STOP_LOOK_MS = 20;

/** The job. */
export const RUN_FILE_JOB: Job<FileRunInput, FileRunAnswer> = {
  module: jobModule("run-file-job", import.meta.url),
  run: runFileJob,
};

/**
 * Runs a scenario; never throws.
 * @public workers call it by its name.
 */
export async function runFileJob(input: FileRunInput): Promise<FileRunAnswer> {
  let err = "";
  const context = new CommandContext(workerIo(input, (text) => (err += text)));
  try {
    const choice = input.choice === null ? null : receivedChoice(input.choice);
    const run = await runFile(context, input.plan, choice, input.options);
    return { run, crash: null, err, outcome: context.outcome };
  } catch (error) {
    return { run: null, crash: crashOf(error), err, outcome: context.outcome };
  }
}

/** A worker reads and writes no files, and nobody watches its streams. */
function workerIo({ options, stop }: FileRunInput, writeErr: (text: string) => void): CommandIo {
  const none = (): never => {
    throw new Error("a worker has no files");
  };
  const flag = new Int32Array(stop);
  return {
    writeOut: none,
    writeErr,
    outHasColours: options.hasColours,
    errHasColours: options.errHasColours,
    errIsTerminal: false,
    readFile: none,
    listFiles: none,
    onInterrupt: (wantsEnd) => {
      const timer = setInterval(() => {
        if (Atomics.load(flag, 0) !== 0) wantsEnd();
      }, STOP_LOOK_MS);
      return () => clearInterval(timer);
    },
    writeFile: none,
    removeFile: none,
    makeFolder: none,
  };
}
