// The scenarios of `faultline run`, one after another or in several workers at once. Each comes
// back in the order of the files, and none depends on who ran it.
import { availableParallelism } from "node:os";
import { ownProfiles, type ProfileChoice, type ScenarioPlan } from "@faultline/scenario";
import type { CommandContext } from "../command-context.ts";
import { type Progress, startProgress } from "../progress.ts";
import { runJobs } from "../workers/run-jobs.ts";
import { crashedFile, crashOf, errorOf } from "./crash.ts";
import { type FileRun, type FileRunOptions, type FileRunWatch, runFile } from "./run-file.ts";
import { sentChoice } from "../workers/sent-choice.ts";
import { type FileRunAnswer, RUN_FILE_JOB } from "./run-file-job.ts";

/** Scenarios without a clock that take about as long as a worker needs to start. */
const UNTIMED_PER_WORKER = 16;

/** What is run, and how. */
export interface FilesRun {
  readonly plans: readonly ScenarioPlan[];
  /** Null where scenarios name their profiles themselves. */
  readonly choice: ProfileChoice | null;
  readonly options: FileRunOptions;
  /** What only this process can look at: then there are no workers. */
  readonly watch?: FileRunWatch | undefined;
  /** @defaultValue as many as are of use */
  readonly nrWorkers?: number | undefined;
}

/** Takes each result, in the order of the files. */
export type TakeFile = (run: FileRun, index: number) => void;

/** Runs all scenarios; after one that the user has stopped, none follows. */
export async function runFiles(
  context: CommandContext,
  files: FilesRun,
  take: TakeFile,
): Promise<void> {
  const { plans, choice, options, watch } = files;
  const nrWorkers = Math.min(files.nrWorkers ?? usefulWorkers(plans, choice), plans.length);
  if (nrWorkers > 1 && watch === undefined) {
    await new ParallelFiles(context, files, take).run(nrWorkers);
    return;
  }
  for (const [index, plan] of plans.entries()) {
    let run: FileRun | null;
    try {
      run = await runFile(context, plan, choice, options, watch);
    } catch (error) {
      run = crashedFile(plan, crashOf(error), options);
      context.noteBug(error, plan.file);
    }
    if (run === null) continue;
    take(run, index);
    if (run.isPartial) return;
  }
}

/** A worker for each scenario under a clock, and for some of those without. */
function usefulWorkers(plans: readonly ScenarioPlan[], choice: ProfileChoice | null): number {
  const nrTimed = plans.filter(({ document }) => (choice ?? ownProfiles(document)) !== null).length;
  const nrOther = Math.floor((plans.length - nrTimed) / UNTIMED_PER_WORKER);
  return Math.max(1, Math.min(availableParallelism(), nrTimed + nrOther));
}

/** Scenarios in workers: results wait for those before them. */
class ParallelFiles {
  private readonly context: CommandContext;
  private readonly files: FilesRun;
  private readonly take: TakeFile;
  private readonly answers: FileRunAnswer[] = [];
  private readonly stop: Int32Array<SharedArrayBuffer>;
  private readonly progress: Progress;
  private nrDone = 0;
  private nrTaken = 0;
  /** Whether one that was taken was stopped: then those behind it are not shown. */
  private isCut = false;

  constructor(context: CommandContext, files: FilesRun, take: TakeFile) {
    this.context = context;
    this.files = files;
    this.take = take;
    this.stop = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    this.progress = startProgress(context.io, "files");
  }

  async run(nrWorkers: number): Promise<void> {
    const { context, files, stop } = this;
    const { plans, options } = files;
    const choice = files.choice === null ? null : sentChoice(files.choice);
    const release = context.io.onInterrupt(() => void Atomics.store(stop, 0, 1));
    const inputs = plans.map((plan) => ({ plan, choice, options, stop: stop.buffer }));
    this.showProgress();
    await runJobs(RUN_FILE_JOB, inputs, {
      nrWorkers,
      onResult: (answer, index) => {
        this.add(answer, index);
        return Atomics.load(stop, 0) === 0;
      },
      // A worker that died: its memory was full, or its thread was ended.
      onError: (error): FileRunAnswer => ({
        run: null,
        crash: crashOf(error),
        err: "",
        outcome: "ok",
      }),
    });
    release();
    this.progress.end();
    if (this.nrTaken === plans.length && !this.isCut) return;
    context.io.writeErr(`stopped after ${this.nrTaken} of ${plans.length} files\n`);
    context.note("expectation-failed");
  }

  private add(answer: FileRunAnswer, index: number): void {
    this.answers[index] = answer;
    this.nrDone++;
    this.progress.end();
    for (let next = this.answers[this.nrTaken]; next !== undefined && !this.isCut; ) {
      this.takeNext(next);
      next = this.answers[this.nrTaken];
    }
    this.showProgress();
  }

  private takeNext({ run, crash, err, outcome }: FileRunAnswer): void {
    const { context, files } = this;
    const index = this.nrTaken++;
    const plan = files.plans[index];
    if (err !== "") context.io.writeErr(err);
    context.note(outcome);
    if (crash !== null && plan !== undefined) {
      context.noteBug(errorOf(crash), plan.file);
      this.take(crashedFile(plan, crash, files.options), index);
    }
    if (run === null) return;
    this.isCut = run.isPartial;
    this.take(run, index);
  }

  private showProgress(): void {
    this.progress.show(`${this.nrDone} of ${this.files.plans.length}`);
  }
}
