// Intervals as text.
import type { Interval } from "@faultline/report";
import { formatPs } from "@faultline/sim";
import { plainTable } from "../plain-table.ts";
import { kindName } from "../fault-kind-name.ts";
import { PERCENTILES, type Uncertainty } from "./sample-runs.ts";

const HEAD = ["90 % of the samples", "p50", "p90", "p99", "max"];

/** The intervals of every kind of faults, then of the whole run. */
export function uncertaintyText({ nrSamples, simulatedPs, kinds }: Uncertainty): string {
  const rows = kinds.map((kind) => [
    kindName(kind),
    ...PERCENTILES.map((key) => intervalText(kind[key])),
  ]);
  const aligns = HEAD.map((_, at) => (at === 0 ? ("left" as const) : ("right" as const)));
  const table = rows.length === 0 ? "" : `${plainTable(HEAD, rows, aligns)}\n`;
  return `${table}${intervalText(simulatedPs)} simulated in 90 % of ${nrSamples} samples\n`;
}

/** `1.2 us to 3 us`; one number where both ends are the same. */
export function intervalText({ low, high }: Interval): string {
  const [from, to] = [formatPs(Math.round(low)), formatPs(Math.round(high))];
  return from === to ? from : `${from} to ${to}`;
}
