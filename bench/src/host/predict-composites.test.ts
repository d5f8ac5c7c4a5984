// The fit on a host that is made up: its prices are known, so what comes out can be compared.
import { loadMeasurements, loadProfile, type PriceTable, priceTable } from "@faultline/profiles";
import { writeYaml } from "@faultline/diagnostics";
import { describe, expect, test } from "vitest";
import {
  FIT_ORDER,
  fitRemainders,
  hostMeasurements,
  operationOf,
  predictedUs,
  type PrimitiveSamples,
  type Remainder,
} from "./host-fit.ts";
import type { HostProgram } from "./host-program.ts";
import { COMPOSITES, PRIMITIVES } from "./host-programs.ts";
import { predictComposites } from "./predict-composites.ts";
import { ProgramSimulator, type SimulatedProgram } from "./simulated-program.ts";

/** Prices in us by the field of the fit: those of a host that is made up. */
const PRICES: Readonly<Record<string, number>> = {
  "effort.pte_walk.per_unit": 0.002,
  "effort.pte_set.per_unit": 0.02,
  "effort.fault_entry.per_unit": 0.5,
  "effort.page_zero.per_unit": 0.1,
  "effort.folio_alloc.per_unit": 0.3,
  "effort.table_alloc.per_unit": 0.9,
  "effort.page_copy.per_unit": 0.6,
  "effort.folio_free.per_unit": 0.15,
  "effort.table_free.per_unit": 0.1,
  "effort.folio_free.per_huge_unit": 4,
  "effort.split.per_huge_unit": 6,
};
const REMAINDERS: readonly Remainder[] = [
  { word: "fork", what: "", unit: "entry", perStepUs: 80, perUnitUs: 0.05 },
  { word: "end", what: "", unit: "entry", perStepUs: 60, perUnitUs: 0.04 },
  { word: "write", what: "", unit: "fault", perStepUs: 0, perUnitUs: 0.2 },
];

const simulator = new ProgramSimulator();
const simulated = new Map(
  [...PRIMITIVES, ...COMPOSITES].map((program) => [program.name, simulator.run(program)]),
);

/** The prices of the made-up host. */
function madeUpTable(): PriceTable {
  const effort: Record<string, Record<string, object>> = {};
  for (const [path, value] of Object.entries(PRICES)) {
    const [, kind = "", basis = ""] = path.split(".");
    effort[kind] = {
      ...effort[kind],
      [basis]: { kind: "measured", value, unit: "us", source: "made up" },
    };
  }
  const without = ["page_zero.per_item", "page_zero.bandwidth", "page_copy.bandwidth"];
  const text = writeYaml({
    version: 1,
    id: "made-up",
    title: "A host that is made up",
    extends: "host-cpu",
    without: without.map((path) => `effort.${path}`),
    effort,
  });
  const { profile, diagnostics } = loadProfile(text, "made-up.yaml");
  if (profile === null) throw new Error(diagnostics[0]?.message);
  return priceTable(profile);
}

const madeUp = madeUpTable();

/** What the made-up host takes for a program, in us. */
function timeOf(program: SimulatedProgram): number {
  const { pricedUs, remainderUs } = predictedUs(madeUp, REMAINDERS, program);
  return pricedUs + remainderUs;
}

function samplesOf(program: HostProgram, change: (us: number) => number[]): PrimitiveSamples {
  const { name, what } = program;
  const run = simulated.get(name);
  if (run === undefined) throw new Error(`not simulated: ${name}`);
  return { name, what, simulated: run, samplesUs: change(timeOf(run)) };
}

const exactly = (us: number): number[] => [us, us, us];

describe("the fit of a host", () => {
  test("predicts composites of a host whose prices it has found, whatever they are", () => {
    const primitives = PRIMITIVES.map((program) => samplesOf(program, exactly));
    const composites = COMPOSITES.map((program) => samplesOf(program, exactly));
    const { predictions, residuals, remainders } = predictComposites("", primitives, composites);
    expect(predictions.map(({ name }) => name)).toEqual(COMPOSITES.map(({ name }) => name));
    for (const { errorPercent, roundsPercent } of predictions) {
      expect(Math.abs(errorPercent)).toBeLessThan(2);
      expect(roundsPercent.high - roundsPercent.low).toBeCloseTo(0, 6);
    }
    const fitted = residuals.filter(({ field }) => field !== null);
    expect(fitted.map(({ field }) => field)).toEqual(
      FIT_ORDER.map(([field, , share]) => (share === undefined ? field : `${field} + ${share}`)),
    );
    for (const { residualPercent } of fitted) expect(Math.abs(residualPercent)).toBeLessThan(5);
    for (const [n, { word, perStepUs, perUnitUs }] of remainders.entries()) {
      expect([word, Math.round(perStepUs / 10)]).toEqual([
        REMAINDERS[n]?.word,
        Math.round((REMAINDERS[n]?.perStepUs ?? 0) / 10),
      ]);
      expect(perUnitUs).toBeCloseTo(REMAINDERS[n]?.perUnitUs ?? 0, 1);
    }
  });

  test("is wrong where the host has a cost that no primitive shows, and says how much", () => {
    const primitives = PRIMITIVES.map((program) => samplesOf(program, exactly));
    const composites = COMPOSITES.map((program) => samplesOf(program, (us) => exactly(us * 1.5)));
    const { predictions } = predictComposites("", primitives, composites);
    for (const { errorPercent } of predictions) {
      expect(errorPercent).toBeGreaterThan(-36);
      expect(errorPercent).toBeLessThan(-31);
    }
  });

  test("goes by medians: one slow round changes nothing", () => {
    const primitives = PRIMITIVES.map((program) =>
      samplesOf(program, (us) => [us, us, us, 40 * us, us]),
    );
    const composites = COMPOSITES.map((program) =>
      samplesOf(program, (us) => [us, us, us, us, 9 * us]),
    );
    const { predictions } = predictComposites("", primitives, composites);
    for (const { errorPercent } of predictions) expect(Math.abs(errorPercent)).toBeLessThan(2);
  });

  test("does without huge pages where a host has none", () => {
    const small = ({ needs }: HostProgram): boolean => needs === undefined;
    const primitives = PRIMITIVES.filter(small).map((program) => samplesOf(program, exactly));
    const composites = COMPOSITES.filter(small).map((program) => samplesOf(program, exactly));
    const { predictions } = predictComposites("", primitives, composites);
    expect(predictions).toHaveLength(2);
    for (const { errorPercent } of predictions) expect(Math.abs(errorPercent)).toBeLessThan(2);
  });

  test("writes measurements that `profiles fit` reads, and no composite is in them", () => {
    const primitives = PRIMITIVES.map((program) => samplesOf(program, exactly));
    const text = writeYaml(hostMeasurements("a host", primitives));
    const { document, diagnostics } = loadMeasurements(text, "host.yaml");
    expect(diagnostics).toEqual([]);
    expect(document?.measurements.filter(({ field }) => field !== undefined)).toHaveLength(
      FIT_ORDER.length,
    );
    for (const { name } of COMPOSITES) expect(text).not.toContain(name);
  });

  test("has no remainder where its primitives were skipped", () => {
    expect(fitRemainders(madeUp, [], () => 0)).toEqual([]);
    expect(operationOf({ effort: { lock: 1 }, hugeEffort: {} })).toMatchObject({
      effort: { lock: 1 },
      faults: 0,
    });
  });
});
