// The numbers that the samples of one measurement give; they take their place in the table of
// prices for the measurements that come after it.
import { fitRate, pathOfRate } from "./fit-rate.ts";
import type { MeasurementDocument } from "./measurement-schema.ts";
import type { PricedOperation } from "./operation-schema.ts";
import { priceOperation } from "./price.ts";
import { PRICE_ORIGINS, priceAt, type PriceTable, setPrice } from "./price-table.ts";
import { sampleSpread } from "./sample-spread.ts";
import { fromEngine, toEngine, type Unit } from "./units.ts";

/** The unit of rates that are fitted. */
const RATE_UNIT = "GB/s";

/** A number of a profile, in its unit. */
export interface FittedNumber {
  readonly field: string;
  readonly value: number;
  readonly unit: Unit;
}

/** @returns a text that says why there are none. */
export function fitNumbers(
  one: MeasurementDocument,
  table: PriceTable,
): readonly FittedNumber[] | string {
  const { field = "", share = [], operation, unit } = one;
  const { middle } = sampleSpread(one);
  const total = toEngine(middle, unit);
  if (operation === undefined) {
    set(table, field, total);
    return [{ field, value: middle, unit }];
  }
  const path = pathOfRate(field);
  if (path !== null) {
    const bytesPerSecond = fitRate(table, path, operation, total);
    if (typeof bytesPerSecond === "string") return bytesPerSecond;
    return [{ field, value: fromEngine(bytesPerSecond, RATE_UNIT), unit: RATE_UNIT }];
  }
  const fields = [field, ...share];
  const before = share.length === 0 ? [1e6] : fields.map((each) => priceAt(table, each));
  const mayVanish = one.may_vanish === true;
  const fitted = fitShares(table, operation, { fields, before, totalPs: total, mayVanish });
  if (typeof fitted === "number") {
    const other = `${fromEngine(fitted, unit)} ${unit} of ${middle} ${unit}`;
    return fitted === 0
      ? "has no part in the operation whose time was measured"
      : `nothing is left: ${other}`;
  }
  return fields.map((each, i) => ({ field: each, value: fromEngine(fitted[i] ?? 0, unit), unit }));
}

/**
 * Picoseconds of each field, in the proportion that they had before.
 * @returns 0 where none of them has a part in the operation, else what the others take of too
 * short a time.
 */
function fitShares(
  table: PriceTable,
  operation: PricedOperation,
  shares: {
    readonly fields: readonly string[];
    readonly before: readonly number[];
    readonly totalPs: number;
    readonly mayVanish: boolean;
  },
): readonly number[] | number {
  const { fields, before, totalPs, mayVanish } = shares;
  for (const field of fields) set(table, field, 0);
  const otherPs = priceOperation(table, operation).totalPs;
  for (const [i, field] of fields.entries()) set(table, field, before[i] ?? 0);
  const partPs = priceOperation(table, operation).totalPs - otherPs;
  if (partPs === 0) return 0;
  const restPs = mayVanish ? Math.max(0, totalPs - otherPs) : totalPs - otherPs;
  if (Math.round(restPs) < 0) return otherPs;
  const fitted = before.map((ps) => Math.round((ps * restPs) / partPs));
  for (const [i, field] of fields.entries()) set(table, field, fitted[i] ?? 0);
  return fitted;
}

function set(table: PriceTable, field: string, ps: number): void {
  setPrice(table, field, ps, PRICE_ORIGINS.indexOf("fitted"));
}
