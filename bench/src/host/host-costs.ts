// What this machine's kernel needs for the operations that `npm run bench` times.
import { median } from "d3-array";
import { HostKernel } from "./host-kernel.ts";
import { OPERATIONS } from "./host-programs.ts";

/** Cost of each operation in ns, by benchmark name, and a note when there is none. */
export interface HostCosts {
  readonly note: string;
  readonly costs: ReadonlyMap<string, number>;
}

const ROUNDS = 9;

/** Runs every operation some times, in turns; without a compiler the note says so. */
export function measureHost(): HostCosts {
  const host = HostKernel.build();
  if (typeof host === "string") return { note: `host: skipped, ${host}`, costs: new Map() };
  try {
    const rounds = Array.from({ length: ROUNDS }, () => host.run(OPERATIONS));
    const costs = OPERATIONS.flatMap(({ name, nrUnits }, n): [string, number][] => {
      const times = rounds.flatMap((answers) => {
        const answer = answers[n];
        return answer === undefined || answer.isSkipped ? [] : [answer.wallNs / nrUnits];
      });
      return times.length === 0 ? [] : [[name, median(times) ?? 0]];
    });
    return { note: "", costs: new Map(costs) };
  } finally {
    host.remove();
  }
}
