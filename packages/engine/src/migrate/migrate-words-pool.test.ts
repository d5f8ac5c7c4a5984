import { expect, test } from "vitest";
import { MigrateWordsPool } from "./migrate-words-pool.ts";

test("words that were given back are taken again, empty", () => {
  const pool = new MigrateWordsPool();
  const words = pool.take(4);
  for (const column of [words.srcFlags, words.srcPfn, words.dstFlags, words.dstPfn]) column.fill(9);
  pool.give(words);
  const again = pool.take(4);
  expect(again).toBe(words);
  expect([...again.srcFlags, ...again.srcPfn, ...again.dstFlags, ...again.dstPfn]).toEqual(
    Array.from({ length: 16 }, () => 0),
  );
});

test("words in use and words of another length are others", () => {
  const pool = new MigrateWordsPool();
  const one = pool.take(4);
  expect(pool.take(4)).not.toBe(one);
  pool.give(one);
  expect(pool.take(8).nrPages).toBe(8);
  const long = pool.take(4096);
  pool.give(long);
  expect(pool.take(4096)).not.toBe(long);
});
