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
  type RunOptions,
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
import type { ExpectationReport } from "../expect/judge.ts";
import { judge } from "../expect/judge.ts";
import { RepeatedOutcome } from "../repeat-step.ts";
import { countersOf, stackOf } from "../running-device.ts";
import type { ScenarioDocument } from "../schema/scenario-schema.ts";
import { sharedCpus, useOf } from "./shared-cpus.ts";
import { createScenarioMachine, DEFAULT_SEED, type ScenarioMachine } from "../scenario-machine.ts";
import { parseTimePs } from "../schema/fields.ts";
import { stepFacts } from "../step-facts.ts";
import type { Mismatch } from "../step-report.ts";
import type { StepWindow } from "./fault-samples.ts";
import { performStep } from "./perform-step.ts";
import { RunNumbers } from "./run-numbers.ts";
import { type CountedOutcome, StepCounting } from "./step-counting.ts";
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
  /** Events of the simulation: the same number is the same point of the same run. */
  readonly nrEvents: number;
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
  /** Null where nothing is expected of the whole, or not at these prices. */
  private readonly numbers: RunNumbers | null;
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
      this.numbers?.add(chunk);
      sink?.(chunk);
    };
    this.stage = createStage(planned, this.seed, {
      records: { sink: watch },
      ...(traffic === undefined ? {} : { traffic }),
      record,
    });
    const { plan, keepsDrivers, hasOwnPrices } = planned;
    const isExpected = keepsDrivers && hasOwnPrices && plan.expectations.length > 0;
    this.numbers = isExpected
      ? new RunNumbers(plan.expectations, plan.steps, this.stage.machine.deviceNames)
      : null;
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
      nrEvents: timed.sim.nrEvents,
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
    return this.run(maxEvents === undefined ? {} : { maxEvents });
  }

  /**
   * Goes on up to an instant; what is due at it still happens.
   * @param untilPs not before the instant at which it is.
   * @returns whether the run is over.
   */
  advanceTo(untilPs: number): boolean {
    return this.run({ untilPs });
  }

  private run(slice: RunOptions): boolean {
    if (this.isOver) return true;
    const { sim } = this.stage.timed;
    try {
      const { ended } = sim.run(slice);
      this.isOver = ended === "done";
    } catch (error) {
      // What the run cannot get over: who waits for what that nobody will end, or too long a time.
      if (!(error instanceof ActorDeadlockError || error instanceof LimitError)) throw error;
      this.stuck = error.message;
      this.isOver = true;
    }
    return this.isOver;
  }

  /**
   * What has come of it; of a run that is not over, of the part that has happened. Its records are
   * flushed for that: a run that goes on afterwards has another digest in the end.
   */
  result(): TimedScenarioResult {
    const { stage, script, stuck, planned, seed } = this;
    const { timed, machine } = stage;
    timed.records.flush();
    this.atEnd?.(machine);
    script.reports.sort((a, b) => a.index - b.index);
    const { plan, keepsDrivers, profileOf, cpuProfile } = planned;
    const counters = countersOf(machine);
    const vmstat = machine.world.vmEvents.byName();
    const expectations = this.expectations({ counters, vmstat });
    const isMet =
      script.reports.every(({ mismatches }) => mismatches.length === 0) &&
      (this.numbers === null || ownExpectations(plan, expectations).every(({ isMet: met }) => met));
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
      expectations,
      simulatedPs: timed.sim.nowPs,
      ...(timed.cpus === null ? {} : { cpus: useOf(timed.cpus) }),
      counters,
      vmstat,
      nrFaults: timed.records.nrFaults,
      shareAssumed: shareAssumed(timed.originPs),
      digest: this.digest.hex(),
    };
  }

  /** What the whole run came to, beside what is expected of it. */
  private expectations(
    counts: Pick<TimedScenarioResult, "counters" | "vmstat">,
  ): ExpectationReport[] {
    const { numbers, script, planned, stage } = this;
    const { windows } = script;
    const { nowPs: simulatedPs } = stage.timed.sim;
    const values = numbers?.values({ windows, simulatedPs, ...counts }) ?? [];
    return values.flatMap((value, at) => {
      const expectation = planned.plan.expectations[at];
      return expectation === undefined ? [] : [judge(expectation, [value])];
    });
  }
}

/** With repetitions, what is expected of their median is nothing that one of them misses. */
function ownExpectations(
  { document }: TimedPlan["plan"],
  expectations: readonly ExpectationReport[],
): readonly ExpectationReport[] {
  if (document.repetitions === 1) return expectations;
  return expectations.filter(({ over }) => over === "each");
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
        cpus: sharedCpus(plan, cpuProfile, sim),
        ...(system === null ? {} : { machine: system.machine }),
      });
      return timed;
    },
    plan.plugins,
  );
  invariant(timed !== null, "a machine was made without its host");
  const devices = timedDevices(machine, timed, sheets, plan.document.machine.devices);
  return { machine, timed, devices, profileOf, daemons: plan.document.machine.daemons ?? {} };
}

function timedDevices(
  machine: ScenarioMachine,
  timed: TimedWorld,
  sheets: readonly PriceSheet[],
  own: ScenarioDocument["machine"]["devices"],
): Map<string, TimedDevice> {
  const devices = new Map<string, TimedDevice>();
  for (const [number, name] of machine.deviceNames.entries()) {
    const stack = stackOf(machine.devices[number]);
    if (stack === null) continue;
    const { cpu = null } = own.find((device) => device.name === name) ?? {};
    devices.set(name, new TimedDevice(timed, stack, sheets[number] ?? timed.cpuSheet, cpu));
  }
  return devices;
}

/** The actor that goes through the steps. */
class Script {
  readonly reports: TimedStepReport[] = [];
  /** By the index of a step that has ended. */
  readonly windows = new Map<number, StepWindow>();
  private readonly stage: TimedStage;
  private readonly planned: TimedPlan;
  private background: Actor[] = [];
  /** What happens again and again, and the signal that ends it. */
  private repeated: Actor[] = [];
  private allElse = new Signal("the end of all else", { isOneShot: true });
  private readonly counting: StepCounting;

  constructor(stage: TimedStage, planned: TimedPlan) {
    this.stage = stage;
    this.planned = planned;
    this.counting = new StepCounting(stage.machine.world);
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
    const pid = this.pidOf(planned);
    const counted = this.counting.begin(planned);
    const all = new RepeatedOutcome();
    const firstPs =
      "first" in step && step.first !== undefined ? parseTimePs(step.first) : periodPs;
    for (let n = 0, nextPs = beganPs; n < times; n++) {
      nextPs = Math.max(nextPs + (n === 0 ? firstPs : periodPs), sim.nowPs);
      if (Number.isFinite(times)) yield nextPs - sim.nowPs;
      else if (allElse.isFired) break;
      else if ((yield self.within(nextPs - sim.nowPs, allElse.wait(self))) !== WAIT_TIMED_OUT)
        break;
      // A process that has exited does nothing any more.
      if (!this.stage.machine.processes.has(planned.process)) break;
      all.add(yield* performStep(this.stage, self, planned));
    }
    this.report(planned, { ...all.outcome, ...this.counting.end(counted) }, beganPs, pid);
  }

  private *step(self: Actor, planned: PlannedStep): ActorBody<void> {
    const { step } = planned;
    const { sim } = this.stage.timed;
    if ("delay" in step && step.delay !== undefined) yield parseTimePs(step.delay);
    const beganPs = sim.nowPs;
    const pid = this.pidOf(planned);
    if (step.do === "wait") yield* this.waitForBackground(self);
    const counted = this.counting.begin(planned);
    const outcome = yield* performStep(this.stage, self, planned);
    this.report(planned, { ...outcome, ...this.counting.end(counted) }, beganPs, pid);
  }

  private pidOf({ process }: PlannedStep): number | null {
    return this.stage.machine.processes.get(process)?.task.pid ?? null;
  }

  private report(
    planned: PlannedStep,
    outcome: CountedOutcome,
    beganPs: number,
    pid: number | null,
  ): void {
    const endPs = this.stage.timed.sim.nowPs;
    const tookPs = endPs - beganPs;
    this.windows.set(planned.index, { beganPs, endPs, pid });
    const { keepsDrivers, hasOwnPrices } = this.planned;
    const mismatches = [
      ...(keepsDrivers ? this.mismatches(planned, outcome) : []),
      ...(hasOwnPrices ? checkTime(planned, tookPs) : []),
    ];
    this.reports.push({ ...stepFacts(planned, outcome), beganPs, tookPs, mismatches });
  }

  /** Lanes side by side fault more, and spend more, than one access after the other. */
  private mismatches(planned: PlannedStep, outcome: CountedOutcome): Mismatch[] {
    const { machine } = this.stage;
    const { step } = planned;
    if (step.do === "check") return checkPages(machine, planned);
    if (step.do === "check_counters") return checkCounters(machine, step);
    const { overlapped } = outcome;
    const isCounted = this.planned.hasOwnPrices && overlapped === null;
    const missed = checkOutcome(planned, outcome).filter(({ what }) => {
      if (what.startsWith("vmstat ")) return isCounted;
      return what !== "faults" && !what.startsWith("effort ");
    });
    const isUnknown = this.planned.hasOwnPrices && overlapped !== null;
    return isUnknown ? [...missed, ...uncounted(planned, overlapped)] : missed;
  }
}

/** What several steps count together is nobody's: what one expects of it must not pass unseen. */
function uncounted({ step }: PlannedStep, overlapped: PlannedStep): Mismatch[] {
  const expect = "expect" in step ? step.expect : undefined;
  const actual = `unknown, as "${describeStep(overlapped)}" ran meanwhile`;
  return Object.entries(expect?.vmstat ?? {}).map(([name, wanted]) => {
    return { what: `vmstat ${name}`, expected: String(wanted), actual };
  });
}

/** What a step's time misses of its bounds. */
function checkTime({ step }: PlannedStep, tookPs: number): Mismatch[] {
  const expect = "expect" in step ? step.expect : undefined;
  const { took_at_least: least, took_at_most: most } = expect ?? {};
  const actual = formatPs(tookPs);
  const missing = least === undefined ? 0 : parseTimePs(least) - tookPs;
  const excess = most === undefined ? 0 : tookPs - parseTimePs(most);
  const what = "time";
  return [
    ...(missing > 0
      ? [{ what, expected: `at least ${least}`, actual, by: `${formatPs(missing)} too little` }]
      : []),
    ...(excess > 0
      ? [{ what, expected: `at most ${most}`, actual, by: `${formatPs(excess)} too much` }]
      : []),
  ];
}

function shareAssumed(originPs: Float64Array): number {
  const total = originPs.reduce((sum, ps) => sum + ps, 0);
  const assumed = originPs[PRICE_ORIGINS.indexOf("assumed")] ?? 0;
  return total === 0 ? 0 : assumed / total;
}
