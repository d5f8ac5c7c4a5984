// The command lines of `npm run bench` and `npm run bench:scale`.
import { parseArgs } from "node:util";
import { type ArgumentProblem, problem, withoutException } from "./argument-problem.ts";
import { SCALE_AXES } from "./scale/scale-axes.ts";
import type { ScaleAxis } from "./scale/scale-axis.ts";
import { SUITE, type SuiteEntry } from "./suite.ts";

/** What `npm run bench` shall do; `only` is how it starts itself for one benchmark. */
export type BenchOptions =
  | { readonly kind: "help" }
  | ArgumentProblem
  | { readonly kind: "one"; readonly entry: SuiteEntry }
  | {
      readonly kind: "all";
      readonly chosen: readonly SuiteEntry[];
      readonly json: boolean;
      readonly withHost: boolean;
    };

/** What `npm run bench:scale` shall do; `only` is how it starts itself for one line. */
export type ScaleOptions =
  | { readonly kind: "help" }
  | ArgumentProblem
  | { readonly kind: "populate"; readonly nrGib: number; readonly json: boolean }
  | { readonly kind: "one"; readonly axis: ScaleAxis; readonly full: boolean }
  | {
      readonly kind: "study";
      readonly chosen: readonly ScaleAxis[];
      readonly full: boolean;
      readonly json: boolean;
    };

const MAX_GIB = 16_384;

/** Reads the arguments after the program's name. */
export function readBenchOptions(args: readonly string[]): BenchOptions {
  return withoutException(() => {
    const { values } = parseArgs({
      args: [...args],
      options: {
        json: { type: "boolean", default: false },
        filter: { type: "string", default: "" },
        "no-host": { type: "boolean", default: false },
        only: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) return { kind: "help" };
    if (values.only !== undefined) {
      const entry = SUITE.find(({ name }) => name === values.only);
      return entry ? { kind: "one", entry } : problem(`no benchmark ${values.only}`);
    }
    const chosen = choose(values.filter);
    if (chosen.length === 0) {
      const names = SUITE.map(({ name }) => `  ${name}`).join("\n");
      return problem(`no benchmark's name contains ${values.filter}; there are\n${names}`);
    }
    return { kind: "all", chosen, json: values.json, withHost: !values["no-host"] };
  });
}

/** Reads the arguments after the program's name. */
export function readScaleOptions(args: readonly string[]): ScaleOptions {
  return withoutException(() => {
    const { values } = parseArgs({
      args: [...args],
      options: {
        gib: { type: "string" },
        json: { type: "boolean", default: false },
        full: { type: "boolean", default: false },
        filter: { type: "string", default: "" },
        only: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) return { kind: "help" };
    const { gib, json, full, filter, only } = values;
    if (gib !== undefined) return readGib(gib, json, full || filter !== "");
    if (only !== undefined) {
      const axis = SCALE_AXES.find(({ name }) => name === only);
      return axis ? { kind: "one", axis, full } : problem(`no line ${only}`);
    }
    const chosen = SCALE_AXES.filter(({ name }) => name.includes(filter));
    if (chosen.length > 0) return { kind: "study", chosen, full, json };
    const names = SCALE_AXES.map(({ name }) => `  ${name}`).join("\n");
    return problem(`no line's name contains ${filter}; there are\n${names}`);
  });
}

function readGib(gib: string, json: boolean, hasMore: boolean): ScaleOptions {
  if (hasMore) return problem("--gib populates one address space: no --full and no --filter");
  const nrGib = /^\d{1,5}$/.test(gib) ? Number(gib) : 0;
  if (nrGib >= 1 && nrGib <= MAX_GIB) return { kind: "populate", nrGib, json };
  return problem(`--gib must be a whole number from 1 to ${MAX_GIB}, not ${gib}`);
}

/** The calibration loop is always among them: without it the others mean little. */
function choose(filter: string): readonly SuiteEntry[] {
  const matches = SUITE.filter(({ name }) => name.includes(filter));
  const [calibration] = SUITE;
  if (calibration === undefined || matches.length === 0 || matches.includes(calibration)) {
    return matches;
  }
  return [calibration, ...matches];
}
