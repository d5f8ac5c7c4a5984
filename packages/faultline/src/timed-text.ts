// A run under a clock as text: its steps with their times, then its faults.
import type { FaultKind } from "@faultline/report";
import {
  answerText,
  counted,
  formatExpectations,
  missText,
  type ResultStyle,
  type TimedScenarioResult,
  type TimedStepReport,
  verdictText,
} from "@faultline/scenario";
import { ACTIVITY_NAMES, formatPs } from "@faultline/sim";
import { kindName } from "./fault-kind-name.ts";
import { plainTable } from "./plain-table.ts";
import type { TimedRun } from "./timed-run.ts";

/**
 * Everything about a run.
 * @param isOwn whether the scenario names its profiles itself: then nobody else has to.
 */
export function timedText({ result, kinds }: TimedRun, style: ResultStyle, isOwn = true): string {
  const { steps, isChecked, expectations, stuck } = result;
  return [
    style.strong(result.title),
    style.dim(headLine(result)),
    "",
    ...steps.flatMap((step) => stepLines(result.file, step, style)),
    ...formatExpectations(expectations, style),
    "",
    ...faultTables(kinds),
    ...cpuTable(result),
    endLine(result),
    ...(result.nrFaults === 0 ? [] : [style.dim(explainHint(result.file, isOwn))]),
    ...(stuck === null ? [] : [style.bad(`stuck: ${stuck}`)]),
    ...(result.isPartial ? [style.bad("stopped: these are partial results")] : []),
    isChecked
      ? verdictText(result, style)
      : "not checked: the profile chose other drivers than the scenario has",
    "",
  ].join("\n");
}

/** Faults by kind, then what their time was spent on; empty without faults. */
function faultTables(kinds: readonly FaultKind[]): string[] {
  if (kinds.length === 0) return [];
  const rows = kinds.map((kind) => [kindName(kind), kind.nrFaults, ...times(kind)]);
  const head = ["faults", "count", "p50", "p90", "p99", "max"];
  const names = ACTIVITY_NAMES.filter((name) => kinds.some(({ shares }) => name in shares));
  const shares = kinds.map((kind) => [
    kindName(kind),
    ...names.map((name) => shareText(kind.shares[name])),
  ]);
  return [
    plainTable(head, rows, ["left", ...head.slice(1).map(() => "right" as const)]),
    plainTable(["% of time", ...names], shares, ["left", ...names.map(() => "right" as const)]),
  ];
}

/** What shared CPUs did; empty where everybody has one of his own. */
function cpuTable({ cpus = [] }: TimedScenarioResult): string[] {
  if (cpus.length === 0) return [];
  const rows = cpus.map(({ cpu, workedPs, nrInterrupts, interruptPs, stolenPs }) => {
    return [cpu, formatPs(workedPs), nrInterrupts, formatPs(interruptPs), formatPs(stolenPs)];
  });
  const head = ["CPU", "worked", "interrupts", "they took", "of it from work"];
  return [plainTable(head, rows, ["left", ...head.slice(1).map(() => "right" as const)])];
}

/** A share of 0 to 1 in percent; nothing for none. */
export function shareText(share: number | undefined): string {
  if (share === undefined) return "";
  const percent = share * 100;
  return percent < 0.05 ? "0.0" : percent.toFixed(1);
}

function times({ p50Ps, p90Ps, p99Ps, maxPs }: FaultKind): string[] {
  return [p50Ps, p90Ps, p99Ps, maxPs].map(formatPs);
}

/** File, kernel, profiles and drivers of a run. */
export function headLine({ file, kernel, seed, cpuProfile, devices }: TimedScenarioResult): string {
  const priced = devices.map(({ name, driver, profile }) => {
    return `${name} ${driver}${profile === null || profile === cpuProfile ? "" : ` ${profile}`}`;
  });
  return [`${file}, kernel ${kernel}`, `profile ${cpuProfile}`, `seed ${seed}`, ...priced].join(
    ", ",
  );
}

/** A step with its times, and what it misses. */
export function stepLines(file: string, step: TimedStepReport, style: ResultStyle): string[] {
  const paint = step.mismatches.length === 0 ? style.good : style.bad;
  const number = String(step.index + 1).padStart(2);
  const text = style.strong(`${number}  ${step.text}`);
  const answer = paint(`→ ${answerText(step)}`);
  const when = style.dim(`at ${formatPs(step.beganPs)}, took ${formatPs(step.tookPs)}`);
  return [
    `${text}  ${answer}  ${when}`,
    ...step.mismatches.map((miss) => style.bad(`      ${missText(file, step, miss)}`)),
  ];
}

/** Where one finds out more. */
export function explainHint(file: string, isOwn: boolean): string {
  const same = isOwn ? "" : " with the same --profile";
  return `why: faultline explain ${file} --slowest, or --page PLACE${same}`;
}

function endLine(result: TimedScenarioResult): string {
  const { simulatedPs, nrFaults, shareAssumed: assumed, digest } = result;
  const faults = counted(nrFaults, "fault");
  return (
    `${formatPs(simulatedPs)} simulated, ${faults}, digest ${digest}\n` +
    `${shareText(assumed)} % of the priced time rests on assumed numbers`
  );
}
