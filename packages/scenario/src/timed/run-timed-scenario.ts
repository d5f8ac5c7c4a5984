// Running a plan under a clock: its steps happen at simulated times, one after another unless they
// are said to go on in the background.
import { invariant } from "@faultline/core";
import { PRICE_ORIGINS, priceTable, type Profile } from "@faultline/profiles";
import {
  type Actor,
  type ActorBody,
  ActorDeadlockError,
  type FaultChunk,
  formatPs,
  LimitError,
  PriceSheet,
  RecordDigest,
  type RunRecord,
  Signal,
  Sim,
  TimedDevice,
  TimedWorld,
  type TimedWorldSpec,
  type Traffic,
  WAIT_TIMED_OUT,
} from "@faultline/sim";
import { checkCounters, checkOutcome, checkPages } from "../check-pages.ts";
import { describeStep } from "../describe-step.ts";
import type { PlannedStep } from "../plan.ts";
import { RepeatedOutcome } from "../repeat-step.ts";
import { stackOf } from "../running-device.ts";
import { createScenarioMachine, DEFAULT_SEED, type ScenarioMachine } from "../scenario-machine.ts";
import { parseTimePs } from "../schema/fields.ts";
import { stepFacts } from "../step-facts.ts";
import type { StepOutcome } from "../step-outcome.ts";
import type { Mismatch } from "../step-report.ts";
import { performStep } from "./perform-step.ts";
import type { TimedPlan } from "./timed-plan.ts";
import type { TimedScenarioResult, TimedStepReport } from "./timed-result.ts";
import type { TimedStage } from "./timed-stage.ts";

/** How a plan is run under a clock. */
export interface TimedOptions {
  /** Of everything random. @defaultValue the scenario's */
  readonly seed?: number;
  /** Takes the records of the faults, up to 4096 at a time; the chunk is used again afterwards. */
  readonly sink?: (chunk: FaultChunk) => void;
  /** Counts which way data goes. */
  readonly traffic?: Traffic;
  /** Remembers what else happens. @defaultValue nothing is remembered */
  readonly record?: RunRecord | undefined;
  /** Looks at everything before anything happens. */
  readonly atStart?: (stage: TimedStage) => void;
  /** Looks at the machine when everything is over. */
  readonly atEnd?: (machine: ScenarioMachine) => void;
}

/** How far a run is. */
export interface TimedProgress {
  readonly simulatedPs: number;
  readonly nrFaults: number;
  /** Steps that have ended, of those that there are. */
  readonly nrStepsDone: number;
  readonly nrSteps: number;
}

/** Runs a plan; the same plan, profiles and seed give the same result. */
export function runTimedScenario(
  planned: TimedPlan,
  options: TimedOptions = {},
): TimedScenarioResult {
  const run = new TimedScenarioRun(planned, options);
  run.advance();
  return run.result();
}

/** A run in slices, for whoever shows how far it is or may stop it before its end. */
export class TimedScenarioRun {
  private readonly planned: TimedPlan;
  private readonly seed: number;
  private readonly digest = new RecordDigest();
  private readonly stage: TimedStage;
  private readonly script: Script;
  private readonly atEnd: TimedOptions["atEnd"];
  private stuck: string | null = null;
  private isOver = false;

  /** Nothing has happened yet. */
  constructor(planned: TimedPlan, options: TimedOptions = {}) {
    const { seed, sink, traffic, record, atStart, atEnd } = options;
    this.planned = planned;
    this.seed = seed ?? planned.plan.document.seed ?? DEFAULT_SEED;
    this.atEnd = atEnd;
    const watch = (chunk: FaultChunk): void => {
      this.digest.add(chunk);
      sink?.(chunk);
    };
    this.stage = createStage(planned, this.seed, {
      records: { sink: watch },
      ...(traffic === undefined ? {} : { traffic }),
      record,
    });
    atStart?.(this.stage);
    this.script = new Script(this.stage, planned);
    this.stage.timed.sim.spawn("the scenario", (self) => this.script.run(self));
  }

  /** How far it is. */
  get progress(): TimedProgress {
    const { timed } = this.stage;
    return {
      simulatedPs: timed.sim.nowPs,
      nrFaults: timed.records.nrFaults,
      nrStepsDone: this.script.reports.length,
      nrSteps: this.planned.plan.steps.length,
    };
  }

  /**
   * Goes on.
   * @param maxEvents events of the simulation at most. @defaultValue up to the end
   * @returns whether the run is over.
   */
  advance(maxEvents?: number): boolean {
    const { sim } = this.stage.timed;
    try {
      const { ended } = sim.run(maxEvents === undefined ? {} : { maxEvents });
      this.isOver = ended === "done";
    } catch (error) {
      // What the run cannot get over: who waits for what that nobody will end, or too long a time.
      if (!(error instanceof ActorDeadlockError || error instanceof LimitError)) throw error;
      this.stuck = error.message;
      this.isOver = true;
    }
    return this.isOver;
  }

  /** What has come of it; of a run that is not over, of the part that has happened. */
  result(): TimedScenarioResult {
    const { stage, script, stuck, planned, seed } = this;
    const { timed, machine } = stage;
    timed.records.flush();
    this.atEnd?.(machine);
    script.reports.sort((a, b) => a.index - b.index);
    const { plan, keepsDrivers, profileOf, cpuProfile } = planned;
    const isMet = script.reports.every(({ mismatches }) => mismatches.length === 0);
    return {
      file: plan.file,
      title: plan.document.title,
      kernel: plan.document.kernel,
      seed,
      cpuProfile: cpuProfile.id,
      devices: machine.deviceNames.map((name, index) => ({
        name,
        driver: machine.devices[index]?.driver ?? "none",
        profile: profileOf.get(name)?.id ?? null,
        index,
      })),
      passed: stuck === null && this.isOver && isMet,
      stuck,
      isPartial: !this.isOver,
      isChecked: keepsDrivers,
      steps: script.reports,
      simulatedPs: timed.sim.nowPs,
      counters: countersOf(machine),
      nrFaults: timed.records.nrFaults,
      shareAssumed: shareAssumed(timed.effort.originPs),
      digest: this.digest.hex(),
    };
  }
}

function countersOf(machine: ScenarioMachine): TimedScenarioResult["counters"] {
  return Object.fromEntries(
    machine.deviceNames.map((name, i) => {
      return [name, Object.fromEntries(stackOf(machine.devices[i])?.counters?.() ?? [])];
    }),
  );
}

/** The world of a plan with its clock, its drivers and their prices. */
function createStage(
  { plan, cpuProfile, bareProfile, profileOf }: TimedPlan,
  seed: number,
  watched: Pick<TimedWorldSpec, "records" | "traffic" | "record">,
): TimedStage {
  const sim = new Sim({ seed });
  let timed: TimedWorld | null = null;
  const sheets: PriceSheet[] = [];
  const machine = createScenarioMachine(
    { ...plan.document, seed },
    plan.machine,
    (world, system) => {
      const pageBytes = 2 ** world.geometry.pageShift;
      const sheetOf = (profile: Profile): PriceSheet =>
        new PriceSheet(priceTable(profile, pageBytes));
      const cpuSheet = sheetOf(cpuProfile);
      for (const { name, index } of system?.machine.devices ?? []) {
        sheets[index] = sheetOf(profileOf.get(name) ?? bareProfile);
      }
      timed = new TimedWorld({
        sim,
        world,
        cpuSheet,
        deviceSheets: sheets,
        ...watched,
        ...(system === null ? {} : { machine: system.machine }),
      });
      return timed;
    },
  );
  invariant(timed !== null, "a machine was made without its host");
  return { machine, timed, devices: timedDevices(machine, timed, sheets), profileOf };
}

function timedDevices(
  machine: ScenarioMachine,
  timed: TimedWorld,
  sheets: readonly PriceSheet[],
): Map<string, TimedDevice> {
  const devices = new Map<string, TimedDevice>();
  for (const [number, name] of machine.deviceNames.entries()) {
    const stack = stackOf(machine.devices[number]);
    if (stack === null) continue;
    devices.set(name, new TimedDevice(timed, stack, sheets[number] ?? timed.cpuSheet));
  }
  return devices;
}

/** The actor that goes through the steps. */
class Script {
  readonly reports: TimedStepReport[] = [];
  private readonly stage: TimedStage;
  private readonly planned: TimedPlan;
  private background: Actor[] = [];
  /** What happens again and again, and the signal that ends it. */
  private repeated: Actor[] = [];
  private allElse = new Signal("the end of all else", { isOneShot: true });

  constructor(stage: TimedStage, planned: TimedPlan) {
    this.stage = stage;
    this.planned = planned;
  }

  *run(self: Actor): ActorBody<void> {
    const { sim } = this.stage.timed;
    for (const planned of this.planned.plan.steps) {
      const { step } = planned;
      if ("every" in step && step.every !== undefined) {
        this.startRepeated(planned, step.every, step.times);
      } else if ("background" in step && step.background === true) {
        const name = describeStep(planned);
        this.background.push(sim.spawn(name, (other) => this.step(other, planned)));
      } else {
        yield* this.step(self, planned);
      }
    }
    yield* this.waitForBackground(self);
  }

  private *waitForBackground(self: Actor): ActorBody<void> {
    const { background } = this;
    this.background = [];
    for (const actor of background) yield self.join(actor);
    this.allElse.fire();
    const { repeated } = this;
    this.repeated = [];
    for (const actor of repeated) yield self.join(actor);
    this.allElse = new Signal("the end of all else", { isOneShot: true });
  }

  private startRepeated(planned: PlannedStep, every: string, times: number | undefined): void {
    const { sim } = this.stage.timed;
    const periodPs = parseTimePs(every);
    const name = describeStep(planned);
    const actor = sim.spawn(name, (self) => this.repeat(self, planned, periodPs, times));
    // What has a number of times keeps others going; what has none goes on while others do.
    if (times === undefined) this.repeated.push(actor);
    else this.background.push(actor);
  }

  /** A step once in every period, or as soon as it can where it takes longer than that. */
  private *repeat(
    self: Actor,
    planned: PlannedStep,
    periodPs: number,
    times = Number.POSITIVE_INFINITY,
  ): ActorBody<void> {
    const { sim } = this.stage.timed;
    const { allElse } = this;
    const { step } = planned;
    if ("delay" in step && step.delay !== undefined) yield parseTimePs(step.delay);
    const beganPs = sim.nowPs;
    const all = new RepeatedOutcome();
    for (let n = 0, nextPs = beganPs; n < times; n++) {
      nextPs = Math.max(nextPs + periodPs, sim.nowPs);
      if (Number.isFinite(times)) yield nextPs - sim.nowPs;
      else if (allElse.isFired) break;
      else if ((yield self.within(nextPs - sim.nowPs, allElse.wait(self))) !== WAIT_TIMED_OUT)
        break;
      // A process that has exited does nothing any more.
      if (!this.stage.machine.processes.has(planned.process)) break;
      all.add(yield* performStep(this.stage, self, planned));
    }
    this.report(planned, all.outcome, beganPs);
  }

  private *step(self: Actor, planned: PlannedStep): ActorBody<void> {
    const { step } = planned;
    const { sim } = this.stage.timed;
    if ("delay" in step && step.delay !== undefined) yield parseTimePs(step.delay);
    const beganPs = sim.nowPs;
    if (step.do === "wait") yield* this.waitForBackground(self);
    this.report(planned, yield* performStep(this.stage, self, planned), beganPs);
  }

  private report(planned: PlannedStep, outcome: StepOutcome, beganPs: number): void {
    const tookPs = this.stage.timed.sim.nowPs - beganPs;
    const { keepsDrivers, hasOwnPrices } = this.planned;
    const mismatches = [
      ...(keepsDrivers ? this.mismatches(planned, outcome) : []),
      ...(hasOwnPrices ? checkTime(planned, tookPs) : []),
    ];
    this.reports.push({ ...stepFacts(planned, outcome), beganPs, tookPs, mismatches });
  }

  /** Steps that overlap have no effort of their own, and lanes side by side fault more often. */
  private mismatches(planned: PlannedStep, outcome: StepOutcome): Mismatch[] {
    const { machine } = this.stage;
    const { step } = planned;
    if (step.do === "check") return checkPages(machine, planned);
    if (step.do === "check_counters") return checkCounters(machine, step);
    return checkOutcome(planned, outcome).filter(({ what }) => {
      return what !== "faults" && !what.startsWith("effort ");
    });
  }
}

/** What a step's time misses of its bounds. */
function checkTime({ step }: PlannedStep, tookPs: number): Mismatch[] {
  const expect = "expect" in step ? step.expect : undefined;
  const { took_at_least: least, took_at_most: most } = expect ?? {};
  const actual = formatPs(tookPs);
  const isShort = least !== undefined && tookPs < parseTimePs(least);
  const isLong = most !== undefined && tookPs > parseTimePs(most);
  return [
    ...(isShort ? [{ what: "time", expected: `at least ${least}`, actual }] : []),
    ...(isLong ? [{ what: "time", expected: `at most ${most}`, actual }] : []),
  ];
}

function shareAssumed(originPs: Float64Array): number {
  const total = originPs.reduce((sum, ps) => sum + ps, 0);
  const assumed = originPs[PRICE_ORIGINS.indexOf("assumed")] ?? 0;
  return total === 0 ? 0 : assumed / total;
}
