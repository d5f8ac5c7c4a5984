// The rate of a copy out of the time of an operation that copies: what other prices leave of the
// time, for the bytes of the path.
import type { PricedOperation } from "./operation-schema.ts";
import { parseSizeBytes } from "./operation-counts.ts";
import { priceOperation } from "./price.ts";
import { PRICE_ORIGINS, type PriceTable, setPrice } from "./price-table.ts";
import { COPY_PATHS, type CopyPath } from "./vocabulary.ts";

/** The path whose rate a number of a profile is; null for other numbers. */
export function pathOfRate(field: string): CopyPath | null {
  return COPY_PATHS.find((path) => field === `costs.copy.${path}.bandwidth`) ?? null;
}

/** The numbers that are rates of copies. */
export function rateFields(): string[] {
  return COPY_PATHS.map((path) => `costs.copy.${path}.bandwidth`);
}

/** Bytes that an operation copies on a path. */
export function bytesOnPath({ copies }: PricedOperation, path: CopyPath): number {
  const own = copies.filter((copy) => copy.path === path);
  return own.reduce((sum, { size }) => sum + parseSizeBytes(size), 0);
}

/**
 * Bytes per second that an operation's time leaves; they take their place in the table.
 * @returns a text that says why there are none.
 */
export function fitRate(
  table: PriceTable,
  path: CopyPath,
  operation: PricedOperation,
  totalPs: number,
): number | string {
  if (table.copies[path].sizesBytes.length > 0) return "has times of sizes in place of a rate";
  const field = `costs.copy.${path}.bandwidth`;
  const origin = PRICE_ORIGINS.indexOf("fitted");
  setPrice(table, field, 0, origin);
  const restPs = totalPs - priceOperation(table, operation).totalPs;
  if (restPs <= 0) return `nothing is left: ${totalPs - restPs} ps of ${totalPs} ps`;
  const bytesPerSecond = Math.round((bytesOnPath(operation, path) * 1e12) / restPs);
  setPrice(table, field, bytesPerSecond, origin);
  return bytesPerSecond;
}
