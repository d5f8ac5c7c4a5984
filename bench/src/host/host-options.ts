// The command lines of `npm run bench:vs-host` and `npm run bench:predict`.
import { parseArgs } from "node:util";
import { type ArgumentProblem, problem, withoutException } from "../argument-problem.ts";

/** What is to be done; `one` is how `bench:vs-host` starts itself for one program. */
export type HostOptions =
  | { readonly kind: "help" }
  | ArgumentProblem
  | {
      readonly kind: "run";
      readonly rounds: number;
      readonly json: boolean;
      /** A file for the measurements; null where nobody asked for one. */
      readonly measurements: string | null;
    }
  | {
      readonly kind: "one";
      readonly rounds: number;
      readonly name: string;
      readonly hostPath: string;
    };

/** Rounds without --rounds: enough for quartiles, and done in a minute. */
const ROUNDS = 15;
const [FEWEST_ROUNDS, MOST_ROUNDS] = [3, 1000];

/** Reads the arguments after the program's name. */
export function readHostOptions(args: readonly string[]): HostOptions {
  return withoutException((): HostOptions => {
    const { values } = parseArgs({
      args: [...args],
      options: {
        json: { type: "boolean", default: false },
        rounds: { type: "string", default: String(ROUNDS) },
        measurements: { type: "string" },
        only: { type: "string" },
        host: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) return { kind: "help" };
    const rounds = /^\d{1,4}$/.test(values.rounds) ? Number(values.rounds) : 0;
    if (rounds < FEWEST_ROUNDS || rounds > MOST_ROUNDS) {
      const range = `a whole number from ${FEWEST_ROUNDS} to ${MOST_ROUNDS}`;
      return problem(`--rounds must be ${range}, not ${values.rounds}`);
    }
    const { only, host, json, measurements = null } = values;
    if (only === undefined) return { kind: "run", rounds, json, measurements };
    if (host === undefined) return problem("--only needs --host");
    return { kind: "one", rounds, name: only, hostPath: host };
  });
}
