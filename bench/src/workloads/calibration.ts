// A loop whose cost says how fast the machine is today: dependent reads of a table that misses the
// caches about as often as page tables and frames do.
import type { Workload } from "../workload.ts";

const SIZE = 2 ** 20;
const STEPS = 2 ** 16;

/** `calibration/loop` */
export function calibrationLoop(): Workload {
  const next = new Uint32Array(SIZE);
  for (let i = 0; i < SIZE; i++) next[i] = (Math.imul(i, 1664525) + 1013904223) & (SIZE - 1);
  let at = 0;
  return {
    name: "calibration/loop",
    unit: "ns/op",
    nrUnits: STEPS,
    nrBatches: 64,
    run: () => {
      for (let i = 0; i < STEPS; i++) at = next[at] as number;
      if (at < 0) throw new Error("the table holds no negative number");
    },
  };
}
