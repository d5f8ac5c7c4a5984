// The tables of a report.
import { ACTIVITY_NAMES, formatPs } from "@faultline/sim";
import { percentText, sizeText } from "../chart/units.ts";
import type { Interval } from "../faults/central-interval.ts";
import type { FaultKind } from "../faults/fault-summary.ts";
import { type Cell, htmlTable } from "./html.ts";
import type { ReportRun } from "./report-run.ts";
import { kindLabel, waysOf } from "./run-figures.ts";

/** Runs side by side: drivers, time, faults, and how much of it rests on assumed numbers. */
export function runsTable(runs: readonly ReportRun[]): string {
  const [first] = runs;
  const head = [
    "profile",
    "drivers",
    n("simulated"),
    n("ratio"),
    n("faults"),
    n("assumed"),
    "digest",
  ];
  const rows = runs.map(({ run, devices, simulatedPs, nrFaults, shareAssumed, digest }) => [
    run.profile,
    driversText(devices),
    n(formatPs(simulatedPs)),
    n(ratioText(simulatedPs, first?.simulatedPs)),
    n(String(nrFaults)),
    n(percentText(shareAssumed)),
    digest,
  ]);
  return htmlTable("Runs; “assumed” is the share of the priced time without a source", head, rows);
}

/** Percentiles of every kind of faults of every run. */
export function percentilesTable(runs: readonly ReportRun[]): string {
  const hasIntervals = runs.some(({ uncertainty }) => uncertainty !== null);
  const head = ["faults", "profile", n("count"), n("p50"), n("p90"), n("p99"), n("max"), n("mean")];
  const rows = eachKind(runs).flatMap(([one, kind]) => {
    const { nrFaults, p50Ps, p90Ps, p99Ps, maxPs, meanPs } = kind;
    const name = [kindLabel(kind), one.run.profile];
    const exact = [p50Ps, p90Ps, p99Ps, maxPs, meanPs].map((ps) => n(formatPs(ps)));
    const found = one.uncertainty?.kinds.find(
      ({ device, access }) => device === kind.device && access === kind.access,
    );
    if (found === undefined) return [[...name, n(String(nrFaults)), ...exact]];
    const ranges = [found.p50Ps, found.p90Ps, found.p99Ps, found.maxPs].map((range) => {
      return n(rangeText(range));
    });
    return [
      [...name, n(String(nrFaults)), ...exact],
      ["", "90 % of samples", n(""), ...ranges, n("")],
    ];
  });
  const what = hasIntervals ? " and what the ranges of prices leave open" : "";
  return htmlTable(`Latency${what}`, head, rows);
}

/** What the time of faults was spent on, in percent. */
export function sharesTable(runs: readonly ReportRun[]): string {
  const kinds = eachKind(runs);
  const names = ACTIVITY_NAMES.filter((name) => kinds.some(([, { shares }]) => name in shares));
  const rows = kinds.map(([one, kind]) => [
    kindLabel(kind),
    one.run.profile,
    ...names.map((name) =>
      n(kind.shares[name] === undefined ? "" : percentText(kind.shares[name])),
    ),
  ]);
  return htmlTable(
    "Share of the time by stage and wait",
    ["faults", "profile", ...names.map(n)],
    rows,
  );
}

/** Bytes by the places that they were copied between. */
export function waysTable(runs: readonly ReportRun[]): string {
  const rows = runs.flatMap((one) =>
    waysOf(one).map(({ name, bytes, startsPs }) => [
      one.run.profile,
      name,
      n(sizeText(bytes)),
      n(String(bytes)),
      n(String(startsPs.length)),
    ]),
  );
  if (rows.length === 0) return "";
  const head = ["profile", "way", n("copied"), n("bytes"), n("copies")];
  return htmlTable("Bytes by path", head, rows);
}

/** What the drivers of a run have counted, under their own names; a column for each device. */
export function countersTable({ run, counters }: ReportRun): string {
  const devices = Object.entries(counters).filter(([, all]) =>
    Object.values(all).some((value) => value !== 0),
  );
  if (devices.length === 0) return "";
  const names = [...new Set(devices.flatMap(([, all]) => Object.keys(all)))];
  const rows = names.flatMap((name) => {
    const values = devices.map(([, all]) => all[name] ?? 0);
    return values.every((value) => value === 0) ? [] : [[name, ...values.map(countCell)]];
  });
  const head = ["counter", ...devices.map(([device]) => n(device))];
  return htmlTable(`Counters of the drivers, ${run.profile}`, head, rows);
}

function countCell(value: number): Cell {
  return n(value === 0 ? "" : String(value));
}

/** The steps of a run, with what is expected of them and not met. */
export function stepsTable({ run, steps }: ReportRun): string {
  const rows = steps.map(({ number, line, text, result, beganPs, tookPs, mismatches }) => [
    n(String(number)),
    n(String(line)),
    text,
    result,
    n(formatPs(beganPs)),
    n(formatPs(tookPs)),
    mismatches.join("; "),
  ]);
  const head = [n("step"), n("line"), "what", "result", n("began"), n("took"), "expected, not met"];
  return htmlTable(`Steps, ${run.profile}`, head, rows);
}

/** What is expected of the whole run; empty where nothing is. */
export function expectationsTable({ run, expectations }: ReportRun): string {
  if (expectations.length === 0) return "";
  const rows = expectations.map(({ what, expected, found, isMet, by }) => {
    return [what, expected, found, isMet ? "met" : (by ?? "not met")];
  });
  const head = ["number", "expected", "found", ""];
  return htmlTable(`Expected of the whole run, ${run.profile}`, head, rows);
}

/** `uvm gpu0 gpu1, odp nic0`. */
function driversText(devices: ReportRun["devices"]): string {
  const drivers = [...new Set(devices.map(({ driver }) => driver))];
  const named = drivers.map((driver) => {
    const names = devices.filter((device) => device.driver === driver).map(({ name }) => name);
    return `${driver} ${names.join(" ")}`;
  });
  return named.join(", ");
}

function rangeText({ low, high }: Interval): string {
  const [from, to] = [formatPs(Math.round(low)), formatPs(Math.round(high))];
  return from === to ? from : `${from} – ${to}`;
}

function n(text: string): Cell {
  return { number: text };
}

function eachKind(runs: readonly ReportRun[]): (readonly [ReportRun, FaultKind])[] {
  const all = runs.flatMap((one) => one.kinds.map((kind) => [one, kind] as const));
  const names = [...new Set(all.map(([, kind]) => kindLabel(kind)))];
  return names.flatMap((name) => all.filter(([, kind]) => kindLabel(kind) === name));
}

function ratioText(ps: number, first: number | undefined): string {
  return first === undefined || first === 0 ? "" : (ps / first).toFixed(2);
}
