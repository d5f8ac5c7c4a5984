// Runs a scenario whose steps are rounds of one program, and takes what a round costs and which way
// its data goes.
import { invariant } from "@faultline/core";
import { FaultLog, percentile, takeOne } from "@faultline/report";
import {
  loadScenario,
  type ProfileChoice,
  runTimedScenario,
  timedPlan,
  type TimedScenarioResult,
} from "@faultline/scenario";
import { Traffic, TRAFFIC_WAYS, type TrafficWay } from "@faultline/sim";
import { referencedMachines } from "../machines/referenced-machines.ts";

/** What is run. */
export interface RoundsSpec {
  /** A scenario in which the same steps come again and again. */
  readonly scenario: string;
  readonly choice: ProfileChoice;
  readonly seed: number;
  /** Steps before the first round, and of a round. */
  readonly nrBefore: number;
  readonly nrPerRound: number;
}

/** Faults of one device, in all rounds. */
export interface RoundFaults {
  readonly nrFaults: number;
  /** Null where there are too few faults to say. */
  readonly p50Ps: number | null;
  readonly p99Ps: number | null;
}

/** What came of it. */
export interface RoundsResult {
  /** `ok`, or why an access was not served. */
  readonly result: string;
  /** All rounds, the mean. */
  readonly meanPs: number;
  /** The first round, and percentiles of the others. */
  readonly firstPs: number;
  readonly p50Ps: number | null;
  readonly p99Ps: number | null;
  /** By device, those with faults. */
  readonly faults: Readonly<Record<string, RoundFaults>>;
  /** Copied between a device and system memory, and from device to device, in all rounds. */
  readonly copiedBytes: number;
  readonly peerCopiedBytes: number;
  /** What devices have read and written in all rounds, by device and by how it was reached. */
  readonly touchedBytes: Readonly<Record<string, Readonly<Record<TrafficWay, number>>>>;
  /** 0 to 1: what of the priced time of the run rests on assumed numbers. */
  readonly shareAssumed: number;
  readonly digest: string;
}

const PAGE_BYTES = 4096;
const NO_FAULTS: RoundFaults = { nrFaults: 0, p50Ps: null, p99Ps: null };

/** Runs it; the same scenario and seed give the same result. */
export function runRounds(spec: RoundsSpec): RoundsResult {
  const { plan, diagnostics } = loadScenario(spec.scenario, "<bench>", referencedMachines);
  invariant(plan !== null, `a cell is no scenario: ${diagnostics[0]?.message ?? ""}`);
  const planned = timedPlan(plan, spec.choice);
  const names = planned.plan.machine?.devices.map(({ name }) => name) ?? [];
  const log = new FaultLog((device) => names[device] ?? "");
  const traffic = new Traffic();
  const sink = log.add.bind(log);
  const run = runTimedScenario(planned, { seed: spec.seed, sink, traffic });
  const rounds = roundsOf(run, spec);
  const [firstPs = 0, ...others] = rounds;
  const sorted = others.toSorted((a, b) => a - b);
  return {
    result: run.steps.find(({ result }) => result !== "ok")?.result ?? run.stuck ?? "ok",
    meanPs: takeOne(rounds, "mean"),
    firstPs,
    p50Ps: percentile(sorted, 50),
    p99Ps: percentile(sorted, 99),
    faults: faultsByDevice(log, names),
    copiedBytes: copiedBytes(traffic, (nrEnds) => nrEnds === 1),
    peerCopiedBytes: copiedBytes(traffic, (nrEnds) => nrEnds === 2),
    touchedBytes: bytesByDevice(traffic, names),
    shareAssumed: run.shareAssumed,
    digest: run.digest,
  };
}

/** The faults of a device; none where it has none. */
export function faultsOf({ faults }: RoundsResult, device: string): RoundFaults {
  return faults[device] ?? NO_FAULTS;
}

/** What a device has touched by one way. */
export function touchedBytes(
  { touchedBytes: bytes }: RoundsResult,
  device: string,
  way: TrafficWay,
): number {
  return bytes[device]?.[way] ?? 0;
}

function roundsOf({ steps }: TimedScenarioResult, { nrBefore, nrPerRound }: RoundsSpec): number[] {
  const times = steps.slice(nrBefore).map(({ tookPs }) => tookPs);
  const rounds: number[] = [];
  for (let n = 0; n < times.length; n += nrPerRound) {
    rounds.push(takeOne(times.slice(n, n + nrPerRound), "sum"));
  }
  return rounds;
}

function faultsByDevice(log: FaultLog, names: readonly string[]): Record<string, RoundFaults> {
  const all = names.map((device) => {
    const sorted = log.latenciesPs({ device });
    const nrFaults = sorted.length;
    return [
      device,
      { nrFaults, p50Ps: percentile(sorted, 50), p99Ps: percentile(sorted, 99) },
    ] as const;
  });
  return Object.fromEntries(all.filter(([, { nrFaults }]) => nrFaults > 0));
}

/** What was copied where so many of the two ends are devices. */
function copiedBytes(traffic: Traffic, isMeant: (nrEnds: number) => boolean): number {
  const meant = traffic.copied().filter(({ from, to }) => {
    return isMeant(Number(from !== null) + Number(to !== null));
  });
  return takeOne(
    meant.map(({ nrPages }) => nrPages * PAGE_BYTES),
    "sum",
  );
}

function bytesByDevice(
  traffic: Traffic,
  names: readonly string[],
): Record<string, Record<TrafficWay, number>> {
  const all: Record<string, Record<TrafficWay, number>> = {};
  for (const { device, way, nrPages } of traffic.touched()) {
    const name = names[device] ?? "";
    all[name] ??= noBytes();
    all[name][way] += nrPages * PAGE_BYTES;
  }
  return all;
}

function noBytes(): Record<TrafficWay, number> {
  return Object.fromEntries(TRAFFIC_WAYS.map((way) => [way, 0])) as Record<TrafficWay, number>;
}
