// One fault of a run under a clock, with everything that is known about it. Runs record nothing
// unless they are asked, so the run is made twice: once to learn which fault the number means, and
// once more, up to its end, with a witness. Both are the same run.
import type { Profile } from "@faultline/profiles";
import {
  ACCESS_NAMES,
  ACTIVITY_NAMES,
  type BegunFault,
  type ChargedPrice,
  CPU_DEVICE,
  type FaultChunk,
  FaultWitness,
  NR_STAGES,
  type StageClock,
  type WitnessedWait,
  WitnessRecorder,
} from "@faultline/sim";
import { placeName } from "../decision-recorder.ts";
import type { PlannedMapping, PlannedStep } from "../plan.ts";
import { processOf, whoOf } from "./fault-names.ts";
import { type PageFacts, pageFacts } from "./page-facts.ts";
import { TimedScenarioRun } from "./run-timed-scenario.ts";
import type { TimedPlan } from "./timed-plan.ts";
import type { TimedScenarioResult } from "./timed-result.ts";
import type { TimedStage } from "./timed-stage.ts";

/** A stage or a wait of a fault. */
export interface StorySlice {
  readonly kind: "stage" | "wait";
  readonly activity: string;
  /** Since the fault began. */
  readonly atPs: number;
  readonly durationPs: number;
}

/** A price that a fault was charged, with where it is from. */
export interface StoryPrice extends Readonly<ChargedPrice> {
  /** `measured`, `published`, `fitted`, `assumed`, … */
  readonly kind: string;
  readonly confidence: string;
  /** Who gives it, or why it was assumed. */
  readonly source: string;
}

/** A rule that decided something in a fault. */
export interface StoryDecision {
  readonly rule: string;
  /** Since the fault began. */
  readonly atPs: number;
  /** `heap+3`; null where the pages are in no named mapping. */
  readonly at: string | null;
  readonly nrPages: number;
  readonly count: number;
}

/** Another fault that ended while this one lasted. */
export interface StoryNeighbour {
  readonly number: number;
  readonly who: string;
  readonly at: string | null;
  /** Since this fault began; negative where it began before. */
  readonly fromPs: number;
  readonly toPs: number;
}

/** What one of a run's faults was about. */
export interface FaultStory {
  /** 0 the first that ended, as in tables of faults. */
  readonly number: number;
  readonly nrFaults: number;
  readonly process: string;
  /** `gpu0`, or `cpu 1`. */
  readonly who: string;
  /** The driver of the device; null for a CPU. */
  readonly driver: string | null;
  readonly access: string;
  readonly page: number;
  readonly at: string | null;
  readonly startPs: number;
  readonly latencyPs: number;
  /** 0, or what the fault failed with. */
  readonly rc: number;
  /** How often the same access had faulted before. */
  readonly attempt: number;
  /** The step that was under way, as far as that is known. */
  readonly step: { readonly number: number; readonly line: number; readonly text: string } | null;
  readonly before: PageFacts;
  readonly after: PageFacts;
  readonly slices: readonly StorySlice[];
  readonly prices: readonly StoryPrice[];
  /** Waits whose object is known. */
  readonly waits: readonly WitnessedWait[];
  readonly decisions: readonly StoryDecision[];
  /** In the order in which they ended; at most {@link MAX_NEIGHBOURS}, the last ones. */
  readonly neighbours: readonly StoryNeighbour[];
  readonly nrNeighbours: number;
}

/** A story, or how many faults there are where the number is none of them. */
export type ExplainedFault =
  | { readonly story: FaultStory; readonly nrFaults: number }
  | { readonly story: null; readonly nrFaults: number };

/** Neighbours that are kept. */
export const MAX_NEIGHBOURS = 32;

/** Events between two looks whether the fault has ended. */
const SLICE_EVENTS = 256;

/** A row of the records. */
type FaultRow = Pick<BegunFault, "startPs" | "device" | "process" | "page" | "access">;

/**
 * Explains a fault.
 * @param number 0 the first that ended.
 * @param seed of everything random. @defaultValue the scenario's
 */
export function explainFault(planned: TimedPlan, number: number, seed?: number): ExplainedFault {
  const seeded = seed === undefined ? {} : { seed };
  const search: { row: FaultRow | null; nrSeen: number } = { row: null, nrSeen: 0 };
  const first = new TimedScenarioRun(planned, {
    ...seeded,
    sink: (chunk) => {
      const at = number - search.nrSeen;
      if (at >= 0 && at < chunk.nrRows) search.row = rowOf(chunk, at);
      search.nrSeen += chunk.nrRows;
    },
  });
  first.advance();
  const result = first.result();
  const { nrFaults } = result;
  const { row } = search;
  if (row === null) return { story: null, nrFaults };
  const watch = new StoryProbe(planned, number, row);
  const second = new TimedScenarioRun(planned, {
    ...seeded,
    atStart: (stage) => watch.attach(stage),
  });
  while (watch.story === null && !second.advance(SLICE_EVENTS));
  const { story } = watch;
  if (story === null) return { story: null, nrFaults };
  return { story: { ...story, nrFaults, step: stepOf(planned, result, row) }, nrFaults };
}

function rowOf({ timePs, device, process, page, access }: FaultChunk, at: number): FaultRow {
  return {
    startPs: timePs[at] as number,
    device: device[at] as number,
    process: process[at] as number,
    page: page[at] as number,
    access: access[at] as number,
  };
}

/** The step that a fault is part of: one that lasted then, of its device, over its page. */
function stepOf(
  { plan }: TimedPlan,
  { steps, devices }: TimedScenarioResult,
  { startPs, page, device }: FaultRow,
): FaultStory["step"] {
  const name = devices.find(({ index }) => index === device)?.name;
  const lasted = steps.filter(({ beganPs, tookPs }) => {
    return beganPs <= startPs && startPs <= beganPs + tookPs;
  });
  const fits = ({ step, start, nrPages }: PlannedStep): boolean => {
    const own = "device" in step ? step.device : undefined;
    return start <= page && page < start + nrPages && own === name;
  };
  const meant = lasted.filter(({ index }) => fits(plan.steps[index] as PlannedStep));
  const step = meant.at(-1) ?? lasted.at(-1);
  return step === undefined ? null : { number: step.index + 1, line: step.line, text: step.text };
}

/** What is kept of a fault that may be the one. */
interface Candidate {
  readonly witness: FaultWitness;
  readonly before: PageFacts;
}

/** Watches every fault that begins like the one that is wanted, until that one has ended. */
class StoryProbe {
  story: FaultStory | null = null;
  private readonly planned: TimedPlan;
  private readonly number: number;
  private readonly wanted: FaultRow;
  private readonly mappings: readonly PlannedMapping[];
  private readonly candidates = new Map<BegunFault, Candidate>();
  private readonly neighbours: StoryNeighbour[] = [];
  private nrNeighbours = 0;
  private stage: TimedStage | null = null;

  constructor(planned: TimedPlan, number: number, wanted: FaultRow) {
    this.planned = planned;
    this.number = number;
    this.wanted = wanted;
    this.mappings = planned.plan.steps.flatMap(({ step, mapping }) => {
      return step.do === "mmap" && mapping !== null ? [mapping] : [];
    });
  }

  /** Listens to a run. */
  attach(stage: TimedStage): void {
    this.stage = stage;
    const { timed } = stage;
    timed.world.recorder = new WitnessRecorder(timed.sim);
    timed.probe = this;
  }

  begin(fault: BegunFault): FaultWitness | null {
    const { stage, wanted } = this;
    const keys = ["startPs", "device", "process", "page", "access"] as const;
    if (stage === null || !keys.every((key) => fault[key] === wanted[key])) return null;
    const process = processOf(stage.machine, fault.process);
    if (process === null) return null;
    const before = pageFacts(stage.machine, process, fault.page, fault.startPs);
    const witness = new FaultWitness();
    // `fault` is the very object that `end` is told of.
    this.candidates.set(fault, { witness, before });
    return witness;
  }

  end(fault: BegunFault, clock: StageClock, rc: number): void {
    const { stage } = this;
    if (stage === null || this.story !== null || this.candidates.size === 0) return;
    const number = stage.timed.records.nrFaults - 1;
    const candidate = this.candidates.get(fault);
    if (number === this.number && candidate !== undefined) {
      this.story = this.tell(stage, fault, candidate, clock, rc);
      stage.timed.probe = null;
    } else {
      this.candidates.delete(fault);
      this.meet(stage, fault, number);
    }
  }

  private meet({ machine, timed }: TimedStage, fault: BegunFault, number: number): void {
    this.nrNeighbours++;
    this.neighbours.push({
      number,
      who: whoOf(machine, fault),
      at: this.placeOf(fault.page),
      fromPs: fault.startPs - this.wanted.startPs,
      toPs: timed.sim.nowPs - this.wanted.startPs,
    });
    if (this.neighbours.length > MAX_NEIGHBOURS) this.neighbours.shift();
  }

  private tell(
    { machine, timed }: TimedStage,
    fault: BegunFault,
    { witness, before }: Candidate,
    clock: StageClock,
    rc: number,
  ): FaultStory {
    const { startPs, page, access, attempt, device } = fault;
    const { neighbours, nrNeighbours, number } = this;
    const process = processOf(machine, fault.process);
    return {
      number,
      nrFaults: 0,
      process: process?.name ?? `pid ${fault.process}`,
      who: whoOf(machine, fault),
      driver: device === CPU_DEVICE ? null : (machine.devices[device]?.driver ?? null),
      access: ACCESS_NAMES[access] ?? "read",
      page,
      at: this.placeOf(page),
      startPs,
      latencyPs: clock.breakdown.totalPs(),
      rc,
      attempt,
      step: null,
      before,
      // A process that has exited meanwhile has no page any more.
      after:
        process === null
          ? { timePs: timed.sim.nowPs, cpu: "nothing", folio: null, devices: [] }
          : pageFacts(machine, process, page, timed.sim.nowPs),
      slices: slicesOf(clock),
      prices: witness.prices.map((price) => this.sourced(price)),
      waits: witness.waits,
      decisions: witness.decisions.map(({ rule, timePs, page: first, mmId, nrPages, count }) => ({
        rule,
        atPs: timePs - startPs,
        at: mmId === 0 ? null : this.placeOf(first),
        nrPages,
        count,
      })),
      neighbours,
      nrNeighbours,
    };
  }

  private placeOf(page: number): string | null {
    return placeName({ mappings: () => this.mappings }, page);
  }

  private sourced(price: ChargedPrice): StoryPrice {
    const { cpuProfile, bareProfile, profileOf } = this.planned;
    const all: readonly Profile[] = [cpuProfile, bareProfile, ...profileOf.values()];
    const fields = all.find(({ id }) => id === price.profile)?.fields;
    const field =
      fields?.get(price.path) ??
      fields?.get(price.path.replace(/points$/, "points.0.time")) ??
      fields?.get(price.path.replace(/per_unit$/, "bandwidth"));
    const { kind = "unpriced", confidence = "", citation = "", why = "" } = field ?? {};
    return { ...price, kind, confidence, source: citation === "" ? why : citation };
  }
}

function slicesOf({ slices }: StageClock): StorySlice[] {
  let atPs = 0;
  return (slices?.activities ?? []).map((activity, i) => {
    const durationPs = slices?.durationsPs[i] ?? 0;
    const kind = activity < NR_STAGES ? "stage" : "wait";
    const slice = { kind, activity: ACTIVITY_NAMES[activity] ?? "", atPs, durationPs } as const;
    atPs += durationPs;
    return slice;
  });
}
