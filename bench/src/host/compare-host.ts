// One program on both sides, in turns: the host's kernel, the simulator, and so on. What slows the
// machine down meanwhile then slows both.
import type { HostKernel } from "./host-kernel.ts";
import type { HostProgram, ProgramUnit } from "./host-program.ts";
import { ProgramSimulator } from "./simulated-program.ts";
import { type Spread, spreadOf } from "./spread.ts";

/** Times of both sides, in ns for each unit, and how many times longer the host takes. */
export type HostComparison =
  | {
      readonly name: string;
      readonly what: string;
      readonly unit: ProgramUnit;
      readonly isSkipped: false;
      readonly hostNs: Spread;
      readonly simulatorNs: Spread;
      /** Quartiles of the ratios round by round. */
      readonly ratio: Spread;
    }
  | {
      readonly name: string;
      readonly what: string;
      readonly unit: ProgramUnit;
      readonly isSkipped: true;
      readonly reason: string;
    };

/** Rounds before the first one that counts: until then the simulator's code is not compiled. */
const WARMUP_ROUNDS = 4;

/** Runs a program some times on both sides. */
export function compareHost(
  host: HostKernel,
  program: HostProgram,
  nrRounds: number,
): HostComparison {
  const { name, what, unit, nrUnits } = program;
  const simulator = new ProgramSimulator();
  const rounds: { readonly hostNs: number; readonly simulatorNs: number }[] = [];
  for (let round = -WARMUP_ROUNDS; round < nrRounds; round++) {
    const [answer] = host.run([program]);
    if (answer === undefined || answer.isSkipped) {
      return { name, what, unit, isSkipped: true, reason: answer?.reason ?? "no answer" };
    }
    const { wallNs } = simulator.run(program);
    if (round < 0) continue;
    rounds.push({ hostNs: answer.wallNs / nrUnits, simulatorNs: wallNs / nrUnits });
  }
  return {
    name,
    what,
    unit,
    isSkipped: false,
    hostNs: spreadOf(rounds.map(({ hostNs }) => hostNs)),
    simulatorNs: spreadOf(rounds.map(({ simulatorNs }) => simulatorNs)),
    ratio: spreadOf(rounds.map(({ hostNs, simulatorNs }) => hostNs / simulatorNs)),
  };
}
