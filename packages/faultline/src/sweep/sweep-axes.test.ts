import { expect, test } from "vitest";
import { parseAxis, sweepPoints } from "./sweep-axes.ts";
import { isInShard, parseShard } from "./sweep-shard.ts";

test("values are parted by commas outside of brackets and quotation marks", () => {
  expect(parseAxis("a.b=1,[2, 3],{ x: 1, y: 2 },'p,q'")).toEqual({
    path: "a.b",
    values: ["1", "[2, 3]", "{ x: 1, y: 2 }", "'p,q'"],
  });
  expect([parseAxis("a"), parseAxis("=1"), parseAxis("a=1,")]).toEqual([null, null, null]);
});

test("points are all combinations, the last axis fastest; none at all is one point", () => {
  const axes = [parseAxis("a=1,2"), parseAxis("b=x,y,z")].filter((axis) => axis !== null);
  expect(sweepPoints(axes).map(({ settings }) => settings.join(" "))).toEqual([
    "a=1 b=x",
    "a=1 b=y",
    "a=1 b=z",
    "a=2 b=x",
    "a=2 b=y",
    "a=2 b=z",
  ]);
  expect(sweepPoints([])).toEqual([{ index: 0, settings: [] }]);
});

test("every point is in one shard of as many as there are", () => {
  const shards = [1, 2, 3].map((index) => ({ index, count: 3 }));
  for (let point = 0; point < 10; point++) {
    expect(shards.filter((shard) => isInShard(shard, point)).length).toBe(1);
  }
  expect(["0/2", "3/2", "1", "a/b", "2/2"].map(parseShard)).toEqual([
    null,
    null,
    null,
    null,
    { index: 2, count: 2 },
  ]);
});
