// The benchmark of designs as a table: a row for each design, what a round takes, who faults how
// often, and which way the bytes went.
import type { TrafficWay } from "@faultline/sim";
import { benchTable, mibCell, timeCell } from "../bench-texts.ts";
import { faultsOf, type RoundsResult, touchedBytes } from "../rounds/run-rounds.ts";
import { CONSUMER, DESIGN_NIC, type DesignCell, PRODUCER } from "./design-cell.ts";

/** A cell with its result. */
export interface DesignEntry {
  readonly cell: DesignCell;
  readonly result: RoundsResult;
}

const HEAD = [
  "design",
  "mean round",
  "p50",
  "p99",
  "GPU A faults",
  "GPU B",
  "NIC",
  "copied MiB",
  "GPU to GPU",
  "B reads local",
  "by link",
  "over PCIe",
  "in RAM",
  "NIC over PCIe",
  "in RAM",
];

/** The cells of one machine and driver. */
export function designTable(entries: readonly DesignEntry[], isMarkdown: boolean): string {
  const rows = entries.map(({ cell, result }) => [
    cell.design.name,
    result.result === "ok" ? timeCell(result.meanPs) : result.result,
    ...[result.p50Ps, result.p99Ps].map(timeCell),
    ...[PRODUCER, CONSUMER, DESIGN_NIC].map((name) => faultsOf(result, name).nrFaults),
    mibCell(result.copiedBytes),
    mibCell(result.peerCopiedBytes),
    mibCell(touchedBytes(result, CONSUMER, "local")),
    mibCell(touchedBytes(result, CONSUMER, "interconnect")),
    mibCell(overPcie(result, CONSUMER)),
    mibCell(touchedBytes(result, CONSUMER, "system")),
    mibCell(overPcie(result, DESIGN_NIC)),
    mibCell(touchedBytes(result, DESIGN_NIC, "system")),
  ]);
  return benchTable(HEAD, rows, { isMarkdown, nrWords: 1 });
}

const PCIE_WAYS: readonly TrafficWay[] = ["bus-address", "host-bridge"];

function overPcie(result: RoundsResult, device: string): number {
  return PCIE_WAYS.reduce((sum, way) => sum + touchedBytes(result, device, way), 0);
}
