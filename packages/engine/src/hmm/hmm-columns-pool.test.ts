import { expect, test } from "vitest";
import { HmmColumnsPool } from "./hmm-columns-pool.ts";

test("columns that were given back are taken again, empty", () => {
  const pool = new HmmColumnsPool();
  const columns = pool.take(4);
  columns.flags.fill(9);
  columns.pfns.fill(9);
  pool.give(columns);
  const again = pool.take(4);
  expect(again).toBe(columns);
  expect([...again.flags, ...again.pfns]).toEqual(Array.from({ length: 8 }, () => 0));
});

test("columns in use and columns of another length are others", () => {
  const pool = new HmmColumnsPool();
  const one = pool.take(4);
  expect(pool.take(4)).not.toBe(one);
  pool.give(one);
  expect(pool.take(8).flags).toHaveLength(8);
  const long = pool.take(4096);
  pool.give(long);
  expect(pool.take(4096)).not.toBe(long);
});
