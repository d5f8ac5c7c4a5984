// Runs a cell of the RDMA benchmark and takes its numbers.
import { invariant } from "@faultline/core";
import { FaultLog, percentile, takeOne } from "@faultline/report";
import { loadScenario, runTimedScenario, timedPlan } from "@faultline/scenario";
import { Traffic, TRAFFIC_WAYS, type TrafficWay } from "@faultline/sim";
import { referencedMachines } from "../machines/referenced-machines.ts";
import { fallbackReason } from "./fallback-reason.ts";
import {
  RDMA_NIC,
  type RdmaCell,
  rdmaChoice,
  rdmaScenario,
  STEPS_BEFORE,
  STEPS_OF_A_ROUND,
} from "./rdma-cell.ts";

/** The faults of one of the two, in all rounds. */
export interface RdmaFaults {
  readonly nrFaults: number;
  /** Null where there are too few faults to say. */
  readonly p50Ps: number | null;
  readonly p99Ps: number | null;
}

/** What a cell came to. */
export interface RdmaResult {
  /** `ok`, or why an access was not served. */
  readonly result: string;
  /** The first round, and percentiles of the others. */
  readonly firstPs: number;
  readonly p50Ps: number | null;
  readonly p99Ps: number | null;
  readonly gpu: RdmaFaults;
  readonly nic: RdmaFaults;
  /** Copied between the GPU and system memory, in all rounds. */
  readonly copiedBytes: number;
  /** What the NIC has read and written in all rounds, by how it reached it. */
  readonly nicBytes: Readonly<Record<TrafficWay, number>>;
  /** Why pages migrated when the NIC asked; null where they did not. */
  readonly migratesBecause: string | null;
  /** 0 to 1: what of the priced time of the run rests on assumed numbers. */
  readonly shareAssumed: number;
  readonly digest: string;
}

const PAGE_BYTES = 4096;

/** Runs a cell; the same cell and seed give the same result. */
export function runRdmaCell(cell: RdmaCell, seed: number): RdmaResult {
  const { plan, diagnostics } = loadScenario(rdmaScenario(cell), "<bench>", referencedMachines);
  invariant(plan !== null, `a cell is no scenario: ${diagnostics[0]?.message ?? ""}`);
  const planned = timedPlan(plan, rdmaChoice(cell));
  const names = planned.plan.machine?.devices.map(({ name }) => name) ?? [];
  const log = new FaultLog((device) => names[device] ?? "");
  const traffic = new Traffic();
  const run = runTimedScenario(planned, { seed, sink: (chunk) => log.add(chunk), traffic });
  const times = run.steps.slice(STEPS_BEFORE).map(({ tookPs }) => tookPs);
  const [firstPs = 0, ...others] = roundsOf(times);
  const sorted = others.toSorted((a, b) => a - b);
  const copied = traffic.copied().filter(({ from, to }) => from !== null || to !== null);
  return {
    result: run.steps.find(({ result }) => result !== "ok")?.result ?? run.stuck ?? "ok",
    firstPs,
    p50Ps: percentile(sorted, 50),
    p99Ps: percentile(sorted, 99),
    gpu: faultsOf(log, cell.machine.gpu),
    nic: faultsOf(log, RDMA_NIC),
    copiedBytes: takeOne(
      copied.map(({ nrPages }) => nrPages * PAGE_BYTES),
      "sum",
    ),
    nicBytes: bytesByWay(traffic, names.indexOf(RDMA_NIC)),
    migratesBecause: fallbackReason(cell),
    shareAssumed: run.shareAssumed,
    digest: run.digest,
  };
}

function roundsOf(times: readonly number[]): number[] {
  const rounds: number[] = [];
  for (let n = 0; n < times.length; n += STEPS_OF_A_ROUND) {
    rounds.push(takeOne(times.slice(n, n + STEPS_OF_A_ROUND), "sum"));
  }
  return rounds;
}

function faultsOf(log: FaultLog, device: string): RdmaFaults {
  const sorted = log.latenciesPs({ device });
  return {
    nrFaults: sorted.length,
    p50Ps: percentile(sorted, 50),
    p99Ps: percentile(sorted, 99),
  };
}

function bytesByWay(traffic: Traffic, device: number): Record<TrafficWay, number> {
  const touched = traffic.touched().filter((one) => one.device === device);
  const bytes = (way: TrafficWay): number => {
    return (touched.find((one) => one.way === way)?.nrPages ?? 0) * PAGE_BYTES;
  };
  return Object.fromEntries(TRAFFIC_WAYS.map((way) => [way, bytes(way)])) as ReturnType<
    typeof bytesByWay
  >;
}
