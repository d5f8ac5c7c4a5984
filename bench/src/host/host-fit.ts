// From measured primitives to a profile of the host, and what lies beside it. The form of the fit
// is this file, and no composite is in it; docs/host.md says when it was fixed and changed.
//
// A profile prices kinds of kernel effort. Three costs have no kind of their own: what a fork and
// the end of a process take besides their pages, what both of them do for the folio behind an
// entry, and a write that takes a page over in place. They are remainders: what a primitive takes
// longer than its effort is priced, for each step and for each unit.
import {
  type MeasurementsDocument,
  type PricedOperation,
  priceOperation,
  type PriceTable,
} from "@faultline/profiles";
import type { EffortCounts, SimulatedProgram } from "./simulated-program.ts";

/** Microseconds of a primitive, one for each round, and what it spends in the simulator. */
export interface PrimitiveSamples {
  readonly name: string;
  readonly what: string;
  readonly samplesUs: readonly number[];
  readonly simulated: SimulatedProgram;
}

/** A price, the primitive whose time gives it, and a price that shares what is left of that. */
type FitStep = readonly [field: string, primitive: string, share?: string];

/**
 * In the order in which prices are fitted: each takes those before it for granted. What is taken
 * for granted has to be the least that a unit costs, or it leaves nothing for what comes after it.
 * An entry is cheapest where one folio has many in a row, and looking at one where it is empty and
 * its table goes. What an entry costs elsewhere is in the price of what it comes with: a fault, a
 * folio, a fork.
 */
export const FIT_ORDER: readonly FitStep[] = [
  ["effort.folio_free.per_huge_unit", "munmap/thp-2m"],
  // No munmap() looks through a whole table without giving it back.
  ["effort.pte_walk.per_unit", "munmap/sparse-zero-page", "effort.table_free.per_unit"],
  ["effort.pte_set.per_unit", "munmap/thp-entries"],
  ["effort.fault_entry.per_unit", "fault/zero-page-read"],
  ["effort.page_zero.per_unit", "fault/thp-2m"],
  ["effort.folio_alloc.per_unit", "fault/first-touch-4k"],
  ["effort.table_alloc.per_unit", "fault/sparse"],
  ["effort.page_copy.per_unit", "cow/copy"],
  ["effort.folio_free.per_unit", "munmap/per-page"],
  ["effort.split.per_huge_unit", "thp/split"],
];

/** What a host states of pages that the profile it extends states of bytes. */
const REPLACED: Readonly<Record<string, readonly string[]>> = {
  "fault/first-touch-4k": ["effort.page_zero.per_item"],
  "fault/thp-2m": ["effort.page_zero.bandwidth"],
  "cow/copy": ["effort.page_copy.bandwidth"],
};

/** The measurements that `faultline profiles fit` reads. */
export function hostMeasurements(
  host: string,
  primitives: readonly PrimitiveSamples[],
): MeasurementsDocument {
  const known = new Map(primitives.map((one) => [one.name, one]));
  const fitted = FIT_ORDER.flatMap(([field, name, share]) => {
    const one = known.get(name);
    if (one === undefined) return [];
    const shared = share === undefined ? {} : { share: [share] };
    return [{ ...measurementOf(one), field, ...shared, may_vanish: true }];
  });
  const isFitted = (name: string): boolean => FIT_ORDER.some(([, other]) => other === name);
  const isRest = (name: string): boolean => REMAINDERS.some(({ from }) => from.includes(name));
  const checks = primitives.filter(({ name }) => !isFitted(name) && !isRest(name));
  return {
    version: 1,
    id: "host",
    title: "This host, fitted to primitives",
    extends: "host-cpu",
    hardware: host,
    source: "npm run bench:predict",
    without: primitives.flatMap(({ name }) => REPLACED[name] ?? []),
    measurements: [...fitted, ...checks.map(measurementOf)],
  };
}

function measurementOf({ name, what, samplesUs, simulated }: PrimitiveSamples) {
  return {
    what: `${name}: ${what}`,
    operation: operationOf(simulated.all),
    unit: "us" as const,
    samples: samplesUs.map((us) => Number(us.toFixed(3))),
  };
}

/** Effort as an operation of a profile. */
export function operationOf({ effort, hugeEffort }: EffortCounts): PricedOperation {
  const none = { faults: 0, batches: 0, ranges: 0, first_ranges: 0, folios: 0, pages: 0 };
  return { ...none, flushes: 0, copies: [], effort, huge_effort: hugeEffort, secondary_flushes: 0 };
}

/** What the prices of a table say of effort, in us. */
function pricedUs(table: PriceTable, counts: EffortCounts): number {
  return priceOperation(table, operationOf(counts)).totalPs / 1e6;
}

/** What of a step the profile has no price for. */
interface RemainderRule {
  /** The word of the step. */
  readonly word: string;
  readonly what: string;
  /** The primitive of one step with hardly a unit, where there is one; that of many units. */
  readonly from: readonly [one: string | null, many: string];
  readonly unit: string;
  readonly unitsOf: (counts: EffortCounts) => number;
}

const walked = ({ effort }: EffortCounts): number => effort["pte_walk"] ?? 0;

/** Faults that allocate nothing. */
function reused({ effort, hugeEffort }: EffortCounts): number {
  const faults = effort["fault_entry"] ?? 0;
  return Math.max(0, faults - (effort["folio_alloc"] ?? 0) - (hugeEffort["folio_alloc"] ?? 0));
}

const REMAINDERS: readonly RemainderRule[] = [
  {
    word: "fork",
    what: "a new process, and the folios of the entries that it copies",
    from: ["fork/one-page", "fork/per-page"],
    unit: "entry",
    unitsOf: walked,
  },
  {
    word: "end",
    what: "a process's first run and end, and the folios that it lets go",
    from: ["exit/one-page", "exit/per-page"],
    unit: "entry",
    unitsOf: walked,
  },
  {
    word: "write",
    what: "a write fault that takes a page over",
    from: [null, "cow/reuse"],
    unit: "fault",
    unitsOf: reused,
  },
];

/** A remainder with its numbers, in us. */
export interface Remainder {
  readonly word: string;
  readonly what: string;
  readonly unit: string;
  readonly perStepUs: number;
  readonly perUnitUs: number;
}

/** Fits the remainders to primitives, given the prices of everything else. */
export function fitRemainders(
  table: PriceTable,
  primitives: readonly PrimitiveSamples[],
  middle: (samplesUs: readonly number[]) => number,
): Remainder[] {
  const restOf = (name: string): { restUs: number; counts: EffortCounts } | null => {
    const one = primitives.find((other) => other.name === name);
    if (one === undefined) return null;
    const counts = one.simulated.all;
    return { restUs: middle(one.samplesUs) - pricedUs(table, counts), counts };
  };
  return REMAINDERS.flatMap(({ word, what, from: [one, many], unit, unitsOf }) => {
    const [small, large] = [one === null ? null : restOf(one), restOf(many)];
    if (large === null || (one !== null && small === null)) return [];
    const perStepUs = small?.restUs ?? 0;
    const perUnitUs = (large.restUs - perStepUs) / unitsOf(large.counts);
    return [{ word, what, unit, perStepUs, perUnitUs }];
  });
}

/** What a program comes to: the priced effort of all its steps, and their remainders. */
export function predictedUs(
  table: PriceTable,
  remainders: readonly Remainder[],
  { all, byStep, nrSteps }: SimulatedProgram,
): { readonly pricedUs: number; readonly remainderUs: number } {
  const parts = remainders.map(({ word, perStepUs, perUnitUs }) => {
    const rule = REMAINDERS.find((one) => one.word === word);
    const counts = byStep.get(word);
    if (rule === undefined || counts === undefined) return 0;
    return perStepUs * (nrSteps.get(word) ?? 0) + perUnitUs * rule.unitsOf(counts);
  });
  return { pricedUs: pricedUs(table, all), remainderUs: parts.reduce((sum, one) => sum + one, 0) };
}
