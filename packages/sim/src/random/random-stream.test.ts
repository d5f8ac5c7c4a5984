import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RandomStream } from "./random-stream.ts";
import { RandomStreams } from "./random-streams.ts";

/** Pinned: other numbers mean that every simulated result changes. */
function stream(name = "test"): RandomStream {
  return new RandomStreams(42).stream(name);
}

describe("xoshiro128**", () => {
  test("gives the published sequence for the state 1, 2, 3, 4", () => {
    // The test vector of the rand_xoshiro crate, made with the authors' reference program.
    const published = new RandomStream([1, 2, 3, 4]);
    expect(Array.from({ length: 10 }, () => published.next())).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597,
      4258142804,
    ]);
  });

  test("goes on from a saved state", () => {
    const original = stream();
    original.next();
    const copy = new RandomStream(original.state());
    expect(copy.next()).toBe(original.next());
  });

  test("refuses the state from which it never moves", () => {
    expect(() => new RandomStream([0, 0, 0, 0])).toThrow("state: all zero");
  });
});

describe("streams", () => {
  test("are pinned for seed 42", () => {
    const one = stream("faults");
    expect(Array.from({ length: 4 }, () => one.next())).toMatchInlineSnapshot(`
      [
        3722786549,
        58621004,
        1064826321,
        194703986,
      ]
    `);
  });

  test("of different names or seeds differ, and the same name is the same stream", () => {
    const streams = new RandomStreams(42);
    const first = [streams.stream("a"), streams.stream("b"), new RandomStreams(43).stream("a")];
    expect(new Set(first.map((one) => one.next())).size).toBe(3);
    expect(streams.stream("a")).toBe(first[0]);
  });

  test("do not change each other, whoever is added or draws more", () => {
    const alone = new RandomStreams(42).stream("gpu0");
    const streams = new RandomStreams(42);
    streams.stream("khugepaged").next();
    const one = streams.stream("gpu0");
    for (let i = 0; i < 100; i++) {
      streams.stream(`other ${i}`).next();
      expect(one.next()).toBe(alone.next());
    }
  });

  test("of seeds beyond 32 bits differ", () => {
    const seeds = [1, 2 ** 32 + 1, 2 ** 52 + 1];
    const first = seeds.map((seed) => new RandomStreams(seed).stream("a").next());
    expect(new Set(first).size).toBe(3);
    expect(() => new RandomStreams(-1)).toThrow("seed: -1");
  });
});

describe("what is drawn", () => {
  test("is pinned for seed 42", () => {
    const one = stream();
    const drawn = {
      below: Array.from({ length: 5 }, () => one.below(1000)),
      large: Array.from({ length: 3 }, () => one.below(2 ** 50)),
      between: Array.from({ length: 5 }, () => one.between(-3, 3)),
      chance: Array.from({ length: 8 }, () => one.chance(1, 3)),
      permutation: one.permutation(10).join(" "),
      shuffled: one.shuffle(["a", "b", "c", "d"]).join(""),
    };
    expect(drawn).toMatchInlineSnapshot(`
      {
        "below": [
          338,
          683,
          992,
          604,
          147,
        ],
        "between": [
          -3,
          -3,
          -3,
          0,
          0,
        ],
        "chance": [
          false,
          false,
          false,
          false,
          false,
          true,
          false,
          false,
        ],
        "large": [
          438096040112595,
          85774124427994,
          491351619077779,
        ],
        "permutation": "4 2 6 9 1 3 5 8 0 7",
        "shuffled": "dcba",
      }
    `);
  });

  test("is in its range, whatever that is", () => {
    const one = stream();
    fc.assert(
      fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (end) => {
        const value = one.below(end);
        expect(Number.isSafeInteger(value) && value >= 0 && value < end).toBe(true);
      }),
    );
  });

  test("favours no number of a range that does not divide 2^32", () => {
    // With a plain remainder, numbers below 2^30 would come up twice as often as the others.
    const one = stream();
    let nrLow = 0;
    for (let i = 0; i < 30_000; i++) if (one.below(3 * 2 ** 30) < 2 ** 30) nrLow++;
    expect(Math.abs(nrLow - 10_000)).toBeLessThan(300);
  });

  test("has the high bits of ranges beyond 2^32", () => {
    const one = stream();
    let nrHigh = 0;
    for (let i = 0; i < 10_000; i++) if (one.below(2 ** 53 - 1) >= 2 ** 52) nrHigh++;
    expect(Math.abs(nrHigh - 5000)).toBeLessThan(250);
  });

  test("by chance comes as often as its fraction says", () => {
    const one = stream();
    let nrTrue = 0;
    for (let i = 0; i < 30_000; i++) if (one.chance(1, 3)) nrTrue++;
    expect(Math.abs(nrTrue - 10_000)).toBeLessThan(300);
    expect([one.chance(0, 5), one.chance(5, 5)]).toEqual([false, true]);
  });

  test("as a permutation has every number once, and every order alike", () => {
    const one = stream();
    const counts = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = one.permutation(3).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect([...counts.keys()].toSorted()).toEqual(["012", "021", "102", "120", "201", "210"]);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(120);
  });

  test.each([
    ["end", (one: RandomStream) => one.below(0)],
    ["end", (one: RandomStream) => one.below(2 ** 53)],
    ["max", (one: RandomStream) => one.between(2, 1)],
    ["numerator", (one: RandomStream) => one.chance(2, 1)],
  ])("with a wrong %s is refused", (argument, draw) => {
    expect(() => draw(stream())).toThrow(`${argument}: `);
  });
});
