// A scenario with `repetitions` as text: the steps of the first one, what went wrong in others, and
// every number over all of them.
import { counted, formatExpectations, type ResultStyle, verdictText } from "@faultline/scenario";
import { formatPs } from "@faultline/sim";
import { plainTable } from "../plain-table.ts";
import { kindName } from "../fault-kind-name.ts";
import { explainHint, headLine, stepLines } from "../timed-text.ts";
import { PERCENTILES } from "../uncertainty/sample-runs.ts";
import type { RepeatedKind, RepeatedRuns, Spread } from "./repeated-runs.ts";

/**
 * Everything about the repetitions.
 * @param isOwn whether the scenario names its profiles itself: then nobody else has to.
 */
export function repeatedText(repeated: RepeatedRuns, style: ResultStyle, isOwn: boolean): string {
  const { result, runs, kinds, simulatedPs } = repeated;
  const [first] = result.runs;
  if (first === undefined) return "";
  const stuck = result.runs.flatMap(({ stuck: why, seed }) =>
    why === null ? [] : [style.bad(`stuck with seed ${seed}: ${why}`)],
  );
  const seeds = result.runs.map(({ seed }) => seed).join(", ");
  return [
    style.strong(first.title),
    style.dim(headLine(first)),
    style.dim(`${counted(runs.length, "repetition")}, seeds ${seeds}`),
    "",
    ...first.steps.flatMap((step) => stepLines(first.file, step, style)),
    ...otherMisses(repeated, style),
    ...formatExpectations(result.expectations, style),
    "",
    ...(kinds.length === 0 ? [] : [faultTable(kinds)]),
    simulatedLine(simulatedPs),
    ...(kinds.length === 0 ? [] : [style.dim(explainHint(first.file, isOwn))]),
    ...stuck,
    ...(result.isPartial ? [style.bad("stopped: these are partial results")] : []),
    first.isChecked
      ? verdictText({ ...result, steps: result.runs.flatMap(({ steps }) => steps) }, style)
      : "not checked: the profile chose other drivers than the scenario has",
    "",
  ].join("\n");
}

/** Steps of other repetitions that miss what is expected of them. */
function otherMisses({ result }: RepeatedRuns, style: ResultStyle): string[] {
  return result.runs.slice(1).flatMap(({ file, seed, steps }, at) => {
    const wrong = steps.filter(({ mismatches }) => mismatches.length > 0);
    if (wrong.length === 0) return [];
    const head = style.bad(`repetition ${at + 2}, seed ${seed}`);
    return ["", head, ...wrong.flatMap((step) => stepLines(file, step, style))];
  });
}

const HEAD = ["faults", "over repetitions", "count", "p50", "p90", "p99", "max"];
const ROWS = ["min", "median", "max", "90 % from", "90 % to"];

function faultTable(kinds: readonly RepeatedKind[]): string {
  const rows = kinds.flatMap((kind) => {
    const counts = spreadTexts(kind.nrFaults, String);
    const times = PERCENTILES.map((key) => spreadTexts(kind[key], formatPs));
    return ROWS.map((row, at) => {
      const cells = times.map((texts) => texts[at] ?? "");
      return [at === 0 ? kindName(kind) : "", row, counts[at] ?? "", ...cells];
    });
  });
  const left = "left" as const;
  return plainTable(HEAD, rows, [left, left, ...HEAD.slice(2).map(() => "right" as const)]);
}

function spreadTexts(
  { min, median, max, low, high }: Spread,
  text: (value: number) => string,
): string[] {
  return [min, median, max, low, high].map(text);
}

function simulatedLine(spread: Spread): string {
  const [min, median, max, low, high] = spreadTexts(spread, formatPs);
  return `${min} to ${max} simulated, median ${median}, 90 % from ${low} to ${high}`;
}
