// The RDMA benchmark as tables: what a round takes, by machine and design, and below it where the
// bytes went and why pages migrated.
import { formatPs, type TrafficWay } from "@faultline/sim";
import { markdownTable } from "../markdown-table.ts";
import { type Alignment, plainTable } from "../plain-table.ts";
import { RDMA_DESIGNS, RDMA_MACHINES, type RdmaCell } from "./rdma-cell.ts";
import type { RdmaFaults, RdmaResult } from "./run-rdma-cell.ts";

/** A cell with its result, or why there is none. */
export interface RdmaEntry {
  readonly cell: RdmaCell;
  readonly result: RdmaResult | string;
}

type Row = readonly (string | number)[];

/** What stands for a number that there is not. */
const NOT_DONE = "-";

/** The median of a round after the first: a row for each GPU and design, a column per machine. */
export function rdmaSummary(entries: readonly RdmaEntry[], isMarkdown: boolean): string {
  const machines = RDMA_MACHINES.filter((one) => entries.some(({ cell }) => cell.machine === one));
  const names = [...new Set(entries.map(({ cell }) => cell.gpu.name))];
  const rows = names.flatMap((name) => {
    const own = entries.filter(({ cell }) => cell.gpu.name === name);
    const designs = RDMA_DESIGNS.filter((one) => own.some(({ cell }) => cell.design === one));
    return designs.map((design): Row => {
      const at = machines.map((machine) =>
        roundText(own.find(({ cell }) => cell.machine === machine && cell.design === design)),
      );
      return [name, design.name, ...at];
    });
  });
  const head = ["p50 of a round", "design", ...machines.map(({ name }) => name)];
  return tableOf(isMarkdown)(head, rows, aligned(head, 2)) + notDone(entries);
}

/** Everything about the cells of one GPU and size. */
export function rdmaDetails(entries: readonly RdmaEntry[], isMarkdown: boolean): string {
  const done = entries.flatMap(({ cell, result }) => {
    return typeof result === "string" ? [] : [{ cell, result }];
  });
  if (done.length === 0) return "";
  const reasons = [...new Set(done.map(({ result }) => result.migratesBecause ?? ""))].filter(
    (reason) => reason !== "",
  );
  const rows = done.map(({ cell, result }): Row => {
    const note = result.migratesBecause === null ? "" : reasons.indexOf(result.migratesBecause) + 1;
    return [
      cell.machine.name,
      cell.design.name,
      ...[result.firstPs, result.p50Ps, result.p99Ps].map(timeText),
      ...faultTexts(result.gpu),
      ...faultTexts(result.nic),
      mib(result.copiedBytes),
      ...WAYS.map((way) => mib(result.nicBytes[way])),
      note,
    ];
  });
  const table = tableOf(isMarkdown)(DETAIL_HEAD, rows, aligned(DETAIL_HEAD, 2));
  const list = reasons.map((reason, n) => `${n + 1}. ${reason}\n`).join("");
  return `${table}\n${list}`;
}

const WAYS: readonly TrafficWay[] = ["system", "host-bridge", "bus-address"];

const DETAIL_HEAD = [
  "machine",
  "design",
  "first round",
  "p50",
  "p99",
  "GPU faults",
  "p50",
  "NIC faults",
  "p50",
  "copied MiB",
  "NIC in RAM",
  "host bridge",
  "bus address",
  "why",
];

function faultTexts({ nrFaults, p50Ps }: RdmaFaults): [number, string] {
  return [nrFaults, timeText(p50Ps)];
}

function timeText(ps: number | null): string {
  return ps === null ? NOT_DONE : formatPs(ps);
}

function mib(bytes: number): string {
  return bytes === 0 ? "" : (bytes / 2 ** 20).toFixed(1);
}

function roundText(entry: RdmaEntry | undefined): string {
  if (entry === undefined || typeof entry.result === "string") return NOT_DONE;
  const { result, p50Ps } = entry.result;
  return result === "ok" ? timeText(p50Ps) : result;
}

/** Why cells are missing, a line for each reason. */
function notDone(entries: readonly RdmaEntry[]): string {
  const reasons = new Map<string, Set<string>>();
  for (const { cell, result } of entries) {
    const reason = typeof result === "string" ? result : brokenOff(result);
    if (reason === null) continue;
    reasons.set(reason, (reasons.get(reason) ?? new Set()).add(cell.gpu.name));
  }
  const lines = [...reasons].map(([reason, names]) => `- ${[...names].join(", ")}: ${reason}\n`);
  return lines.length === 0 ? "" : `\n${lines.join("")}`;
}

function brokenOff({ result }: RdmaResult): string | null {
  return result === "ok" ? null : `an access ends with ${result}, and the rounds with it`;
}

function tableOf(isMarkdown: boolean): typeof plainTable {
  return isMarkdown ? markdownTable : plainTable;
}

function aligned(head: readonly string[], nrLeft: number): Alignment[] {
  return head.map((_, i) => (i < nrLeft ? "left" : "right"));
}
