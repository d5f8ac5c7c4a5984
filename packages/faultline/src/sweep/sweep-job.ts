// One point of a sweep as a job of a worker: the scenario with the point's values, run under a
// clock, as rows of a table, one for each kind of fault.
import { invariant } from "@faultline/core";
import { SourceText } from "@faultline/diagnostics";
import { FaultSummary, type NamedRow, type RowValue } from "@faultline/report";
import {
  DEFAULT_SEED,
  loadScenario,
  ownProfiles,
  parseOverrides,
  repetitionSeed,
  runTimedScenario,
  type ScenarioPlan,
  type TimedPlan,
  timedPlan,
} from "@faultline/scenario";
import { type Job, jobModule } from "../workers/run-jobs.ts";
import { receivedChoice, type SentChoice } from "../workers/sent-choice.ts";
import type { SweepPoint } from "./sweep-axes.ts";

/** The texts that a scenario is made of, by what asks for them. */
export interface SweepFiles {
  readonly file: string;
  readonly text: string;
  /** By `FROM PATH` of a reference: the file's name and its text. */
  readonly referenced: Readonly<Record<string, readonly [file: string, text: string]>>;
}

/** What a worker is given. */
export interface SweepInput {
  readonly files: SweepFiles;
  readonly point: SweepPoint;
  /** Null where the scenario names its profiles itself. */
  readonly choice: SentChoice | null;
  readonly seed: number | null;
  /** Columns that every row begins with. */
  readonly columns: NamedRow;
}

/** The option whose values a sweep's are. */
export const OVER = "--over";

/** What a reference is called among the files. */
export function referenceName(path: string, from: string): string {
  return `${from} ${path}`;
}

/** The job. */
export const SWEEP_JOB: Job<SweepInput, NamedRow[]> = {
  module: jobModule("sweep-job", import.meta.url),
  run: sweepJob,
};

/**
 * Runs one point, as often as its scenario says; the same point and seed give the same rows.
 * @public workers call it by its name.
 */
export function sweepJob({ files, point, choice, seed, columns }: SweepInput): NamedRow[] {
  const plan = planOf(files, point);
  const chosen = choice === null ? ownProfiles(plan.document) : receivedChoice(choice);
  invariant(chosen !== null, `a point without a profile: ${point.settings.join(" ")}`);
  const planned = timedPlan(plan, chosen);
  const { repetitions, seed: own = DEFAULT_SEED } = plan.document;
  const head = { ...columns, point: point.index, ...overColumns(point) };
  const rows: NamedRow[] = [];
  for (let n = 0; n < repetitions; n++) {
    const ofRun = rowsOfRun(planned, repetitionSeed(seed ?? own, n));
    rows.push(...ofRun.map((row) => ({ ...head, repetition: n + 1, ...row })));
  }
  return rows;
}

/** One run as a row for each kind of fault. */
function rowsOfRun(planned: TimedPlan, seed: number): NamedRow[] {
  const names = planned.plan.machine?.devices.map(({ name }) => name) ?? [];
  const summary = new FaultSummary((device) => names[device] ?? `device ${device}`);
  const run = runTimedScenario(planned, { seed, sink: (chunk) => summary.add(chunk) });
  const head: Record<string, RowValue> = {
    kernel: run.kernel,
    seed: run.seed,
    cpuProfile: run.cpuProfile,
    result: run.stuck ?? (run.passed ? "passed" : "failed"),
    simulatedPs: run.simulatedPs,
    faults: run.nrFaults,
    shareAssumed: run.shareAssumed,
    digest: run.digest,
  };
  const kinds = summary.kindsOfFaults();
  if (kinds.length === 0) return [{ ...head, ...NO_KIND }];
  return kinds.map(({ device, access, nrFaults, p50Ps, p90Ps, p99Ps, maxPs, meanPs }) => {
    return { ...head, device, access, nrFaults, p50Ps, p90Ps, p99Ps, maxPs, meanPs };
  });
}

const NO_KIND: NamedRow = {
  device: null,
  access: null,
  nrFaults: 0,
  p50Ps: null,
  p90Ps: null,
  p99Ps: null,
  maxPs: null,
  meanPs: null,
};

function planOf({ file, text, referenced }: SweepFiles, { settings }: SweepPoint): ScenarioPlan {
  const { overrides } = parseOverrides(settings, OVER);
  const read = (path: string, from: string): SourceText | null => {
    const found = referenced[referenceName(path, from)];
    return found === undefined ? null : new SourceText(...found);
  };
  const { plan, diagnostics } = loadScenario(text, file, read, { overrides });
  invariant(plan !== null, `a point that was good is not: ${diagnostics[0]?.message ?? ""}`);
  return plan;
}

/** `machine.swap=64MiB` is the column `over.machine.swap`. */
function overColumns({ settings }: SweepPoint): NamedRow {
  return Object.fromEntries(
    settings.map((setting) => {
      const equals = setting.indexOf("=");
      return [`over.${setting.slice(0, equals)}`, setting.slice(equals + 1)];
    }),
  );
}
