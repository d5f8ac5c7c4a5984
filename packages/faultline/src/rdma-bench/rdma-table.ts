// The RDMA benchmark as tables: what a round takes, by machine and design, and below it where the
// bytes went and why pages migrated.
import type { TrafficWay } from "@faultline/sim";
import { benchTable, mibCell, NO_NUMBER, reasonLines, timeCell } from "../bench-texts.ts";
import { faultsOf, touchedBytes } from "../rounds/run-rounds.ts";
import { RDMA_DESIGNS, RDMA_MACHINES, RDMA_NIC, type RdmaCell } from "./rdma-cell.ts";
import type { RdmaResult } from "./run-rdma-cell.ts";

/** A cell with its result, or why there is none. */
export interface RdmaEntry {
  readonly cell: RdmaCell;
  readonly result: RdmaResult | string;
}

type Row = readonly (string | number)[];

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
  const notes = reasonLines(
    entries.flatMap(({ cell, result }) => {
      const note = typeof result === "string" ? result : brokenOff(result);
      return note === null ? [] : [[cell.gpu.name, note] as const];
    }),
  );
  return benchTable(head, rows, { isMarkdown, nrWords: 2 }) + (notes === "" ? "" : `\n${notes}`);
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

/** Everything about the cells of one GPU and size. */
export function rdmaDetails(entries: readonly RdmaEntry[], isMarkdown: boolean): string {
  const done = entries.flatMap(({ cell, result }) => {
    return typeof result === "string" ? [] : [{ cell, result }];
  });
  if (done.length === 0) return "";
  const reasons = [...new Set(done.flatMap(({ result }) => result.migratesBecause ?? []))];
  const rows = done.map(({ cell, result }): Row => {
    const note = result.migratesBecause === null ? "" : reasons.indexOf(result.migratesBecause) + 1;
    const gpu = faultsOf(result, cell.machine.gpu);
    const nic = faultsOf(result, RDMA_NIC);
    return [
      cell.machine.name,
      cell.design.name,
      ...[result.firstPs, result.p50Ps, result.p99Ps].map(timeCell),
      gpu.nrFaults,
      timeCell(gpu.p50Ps),
      nic.nrFaults,
      timeCell(nic.p50Ps),
      mibCell(result.copiedBytes),
      ...WAYS.map((way) => mibCell(touchedBytes(result, RDMA_NIC, way))),
      note,
    ];
  });
  const list = reasons.map((reason, n) => `${n + 1}. ${reason}\n`).join("");
  return `${benchTable(DETAIL_HEAD, rows, { isMarkdown, nrWords: 2 })}\n${list}`;
}

function roundText(entry: RdmaEntry | undefined): string {
  if (entry === undefined || typeof entry.result === "string") return NO_NUMBER;
  const { result, p50Ps } = entry.result;
  return result === "ok" ? timeCell(p50Ps) : result;
}

function brokenOff({ result }: RdmaResult): string | null {
  return result === "ok" ? null : `an access ends with ${result}, and the round with it`;
}
