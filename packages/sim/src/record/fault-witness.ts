// Everything that is known about one fault: what each price was charged for, which rules decided,
// and who held what it waited for. A fault has a witness only where somebody wants it explained.
import { EFFORT_KIND_NAMES, type Recorder, STAGE_COPY, STAGE_NAMES } from "@faultline/core";
import {
  type CopyPath,
  EFFORT_BASIS_NAMES,
  STAGE_BASIS_NAMES,
  transferParts,
} from "@faultline/profiles";
import type { Sim } from "../actor/sim.ts";
import type { PriceSheet } from "../price/price-sheet.ts";
import { waitName, type WaitName } from "../wait/wait-kinds.ts";
import type { FinishedWait } from "../wait/waitable.ts";
import type { StageName } from "./activities.ts";
import type { StageClock } from "./stage-clock.ts";

/** A price that was charged, with all that was charged of it in one stage. */
export interface ChargedPrice {
  readonly stage: StageName;
  /** The id of the profile that has it. */
  readonly profile: string;
  /** Its path in the profile: `costs.map.per_page`. */
  readonly path: string;
  /** How often; for a rate, bytes. */
  units: number;
  ps: number;
}

/** A rule that decided, for neighbouring pages of one address space. */
export interface WitnessedDecision {
  /** DECISION_RULES of `@faultline/stacks` has its sentence. */
  readonly rule: string;
  readonly timePs: number;
  readonly mmId: number;
  readonly page: number;
  nrPages: number;
  /** How often it was applied. */
  count: number;
}

/** A wait for what another had. */
export interface WitnessedWait {
  readonly kind: WaitName | "idle";
  /** `mmap-lock of mm 1`. */
  readonly object: string;
  /** Who held it when the wait began; null where that is nobody's or not known. */
  readonly holder: string | null;
  readonly startPs: number;
  readonly waitedPs: number;
}

/** A fault that begins. */
export interface BegunFault {
  readonly startPs: number;
  /** The number of its device, or CPU_DEVICE. */
  readonly device: number;
  readonly process: number;
  readonly page: number;
  /** ACCESS_*. */
  readonly access: number;
  /** How often this access has faulted before. */
  readonly attempt: number;
  /** The CPU of a CPU's fault. */
  readonly cpu: number;
}

/** Decides which faults get a witness, and is told of the ends of all. */
export interface FaultProbe {
  /** A fault begins. */
  begin(fault: BegunFault): FaultWitness | null;
  /**
   * A fault has ended, and its row is the last one of the records.
   * @param clock holds its witness, if it has one.
   * @param rc what the driver or the access returned.
   */
  end(fault: BegunFault, clock: StageClock, rc: number): void;
}

/** The record of one fault. */
export class FaultWitness {
  readonly prices: ChargedPrice[] = [];
  readonly decisions: WitnessedDecision[] = [];
  readonly waits: WitnessedWait[] = [];
  private readonly byPath = new Map<string, ChargedPrice>();

  /** A stage was charged by one of its bases. */
  chargeStage({ table }: PriceSheet, stage: number, basis: number, units: number): void {
    const ps = (table.stagePs[stage * STAGE_BASIS_NAMES.length + basis] as number) * units;
    const path = `costs.${STAGE_NAMES[stage]}.${STAGE_BASIS_NAMES[basis]}`;
    this.charge(table.profile, stage, path, units, ps);
  }

  /** Effort of the kernel was charged, as part of a stage. */
  chargeEffort(
    { table }: PriceSheet,
    stage: number,
    kind: number,
    basis: number,
    units: number,
  ): void {
    const ps = (table.effortPs[kind * EFFORT_BASIS_NAMES.length + basis] as number) * units;
    const path = `effort.${EFFORT_KIND_NAMES[kind]}.${EFFORT_BASIS_NAMES[basis]}`;
    this.charge(table.profile, stage, path, units, ps);
  }

  /** A transfer of a copy engine was charged. */
  chargeCopy({ table }: PriceSheet, path: CopyPath, nrBytes: number, nrJobs: number): void {
    for (const { part, units, ps } of transferParts(table, path, nrBytes, nrJobs)) {
      this.charge(table.profile, STAGE_COPY, `costs.copy.${path}.${part}`, units, ps);
    }
  }

  /** A rule has decided. */
  decide(rule: string, timePs: number, mmId: number, page: number, nrPages: number): void {
    const last = this.decisions.at(-1);
    const isNext = last !== undefined && last.page + last.nrPages === page;
    if (isNext && last.rule === rule && last.mmId === mmId) {
      last.nrPages += nrPages;
      last.count++;
    } else {
      this.decisions.push({ rule, timePs, mmId, page, nrPages, count: 1 });
    }
  }

  /** A wait for something has ended. */
  wait({ waiter, waitable, kind, holder, endPs, waitedPs }: FinishedWait): void {
    this.waits.push({
      kind: waitName(kind) as WitnessedWait["kind"],
      object: waitable.label(waiter),
      holder: holder?.name ?? null,
      startPs: endPs - waitedPs,
      waitedPs,
    });
  }

  private charge(profile: string, stage: number, path: string, units: number, ps: number): void {
    if (ps === 0) return;
    const key = `${stage} ${profile} ${path}`;
    const known = this.byPath.get(key);
    if (known !== undefined) {
      known.units += units;
      known.ps += ps;
      return;
    }
    const charged = { stage: STAGE_NAMES[stage] as StageName, profile, path, units, ps };
    this.byPath.set(key, charged);
    this.prices.push(charged);
  }
}

/** Hands decisions and waits of a simulation to the witnesses of the faults they are part of. */
export class WitnessRecorder implements Recorder {
  private readonly sim: Sim;

  /** Begins to listen; there is one listener per simulation. */
  constructor(sim: Sim) {
    this.sim = sim;
    sim.onWait = (wait) => {
      if (wait.waitedPs > 0) wait.waiter.stages?.witness?.wait(wait);
    };
  }

  note(rule: string, mmId: number, page: number, nrPages: number): void {
    const { sim } = this;
    sim.current?.stages?.witness?.decide(rule, sim.nowPs, mmId, page, nrPages);
  }
}
