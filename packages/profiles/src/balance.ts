// Numbers that are what is left of a published total: solved in the order in which they need each
// other, so that the prices of each operation sum up to its total whatever was assumed of the rest.
// A profile solves its own; what it inherits stays as it was for the machine of the total.
import { engineValue, type ProfileField } from "./field.ts";
import { figureNumber } from "./figures.ts";
import { priceOperation } from "./price.ts";
import { PRICE_ORIGINS, type PriceTable, setPrice, tableOf } from "./price-table.ts";
import type { Profile } from "./profile.ts";
import { fromEngine, toEngine, type Unit } from "./units.ts";

/** The page size at which totals were published. */
const PAGE_SIZE_BYTES = 4096;

/** Large enough that a division by a count stays exact, small enough to add up. */
const PROBE_PS = 1e6;

/** A number that cannot be what is left. */
export interface BalanceProblem {
  readonly path: string;
  readonly message: string;
}

/** Fields with every balance solved, and what could not be. */
export interface Balanced {
  readonly fields: ReadonlyMap<string, ProfileField>;
  readonly problems: readonly BalanceProblem[];
}

/** Solves the balances that a profile states itself. */
export function solveBalances(
  profile: Pick<Profile, "id" | "stack" | "document">,
  fields: ReadonlyMap<string, ProfileField>,
): Balanced {
  const solved = new Map(fields);
  const isOpen = ({ balance, statedIn }: ProfileField): boolean =>
    balance !== null && statedIn === profile.id;
  const open = new Map([...fields].filter(([, field]) => isOpen(field)));
  if (open.size === 0) return { fields, problems: [] };
  const certain = [...fields.values()].filter((field) => !isOpen(field));
  const table = tableOf(profile, certain, PAGE_SIZE_BYTES);
  const problems: BalanceProblem[] = [];
  while (open.size > 0) {
    const next = [...open.values()].find((field) => isReady(table, field, open));
    if (next === undefined) {
      for (const path of open.keys()) {
        problems.push({ path, message: "is what is left of a total that needs it in turn" });
      }
      break;
    }
    open.delete(next.path);
    const { field, problem } = solve(table, next);
    if (problem !== null) problems.push({ path: next.path, message: problem });
    solved.set(field.path, field);
    setPrice(table, field.path, engineValue(field) ?? 0, PRICE_ORIGINS.indexOf("fitted"));
  }
  return { fields: solved, problems };
}

/** Whether no other open balance is part of the field's operation. */
function isReady(
  table: PriceTable,
  field: ProfileField,
  open: ReadonlyMap<string, ProfileField>,
): boolean {
  return [...open.values()].every(
    (other) => other === field || coefficient(table, field, other.path) === 0,
  );
}

/** How often the operation of `field` pays the price at a path. */
function coefficient(table: PriceTable, { balance }: ProfileField, path: string): number {
  if (balance === null || balance === undefined) return 0;
  setPrice(table, path, PROBE_PS, PRICE_ORIGINS.indexOf("fitted"));
  const withIt = priceOperation(table, balance.operation).totalPs;
  setPrice(table, path, 0, PRICE_ORIGINS.indexOf("fitted"));
  return (withIt - priceOperation(table, balance.operation).totalPs) / PROBE_PS;
}

function solve(
  table: PriceTable,
  field: ProfileField,
): { field: ProfileField; problem: string | null } {
  const { balance, path } = field;
  const total = balance ? figureNumber(balance.total) : null;
  if (!balance || total === null || typeof total.value !== "number") {
    return { field, problem: "is what is left of something that is no number" };
  }
  const times = coefficient(table, field, path);
  if (times === 0) return { field, problem: "has no part in the operation whose rest it is" };
  const totalPs = toEngine(total.value, total.unit);
  const otherPs = priceOperation(table, balance.operation).totalPs;
  const restPs = Math.round((totalPs - otherPs) / times);
  const unit = bestUnit(Math.max(0, restPs));
  const solved = { ...field, value: fromEngine(Math.max(0, restPs), unit), unit };
  if (restPs >= 0) return { field: solved, problem: null };
  const inUnit = (ps: number): string => `${fromEngine(ps, total.unit)} ${total.unit}`;
  const problem = `nothing is left: ${inUnit(otherPs)} of ${inUnit(totalPs)} (${balance.total})`;
  return { field: solved, problem };
}

function bestUnit(ps: number): Unit {
  return ps >= 1e9 ? "ms" : ps >= 1e6 ? "us" : ps >= 1e3 ? "ns" : "ps";
}
