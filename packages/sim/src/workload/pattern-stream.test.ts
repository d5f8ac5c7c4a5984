import { describe, expect, test } from "vitest";
import { RandomStreams } from "../random/random-streams.ts";
import { ACCESS_READ, ACCESS_WRITE } from "../record/activities.ts";
import { PATTERNS, type PatternSpec, PatternStream } from "./pattern-stream.ts";

function stream(spec: Partial<PatternSpec>, seed = 42): PatternStream {
  const random = new RandomStreams(seed).stream("test");
  const whole = { pattern: "sequential", start: 100, nrPages: 8, count: 8 } as const;
  return new PatternStream({ ...whole, access: ACCESS_WRITE, random, ...spec });
}

function pages(spec: Partial<PatternSpec>, seed?: number): number[] {
  const accesses = stream(spec, seed);
  const found: number[] = [];
  while (accesses.next()) found.push(accesses.page - 100);
  return found;
}

describe("a pattern", () => {
  test("in order begins again at the end of its range", () => {
    expect(pages({ count: 10 })).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 0, 1]);
  });

  test("with a stride touches every page once before any twice", () => {
    expect(pages({ pattern: "strided", stride: 3 })).toEqual([0, 3, 6, 1, 4, 7, 2, 5]);
    expect(pages({ pattern: "strided", stride: 3, count: 9 })[8]).toBe(0);
    expect(pages({ pattern: "strided", stride: 100 })).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test.each(PATTERNS)("%s stays in its range, and is the same for the same seed", (pattern) => {
    const spec = { pattern, nrPages: 50, count: 500 };
    const first = pages(spec);
    expect(first.every((page) => page >= 0 && page < 50)).toBe(true);
    expect(pages(spec)).toEqual(first);
    const isRandom = pattern !== "sequential" && pattern !== "strided";
    if (isRandom) expect(pages(spec, 43)).not.toEqual(first);
    else expect(pages(spec, 43)).toEqual(first);
  });

  test("of Zipf has hotter pages than one at random", () => {
    const hottest = (pattern: "random" | "zipf"): number => {
      const counts = new Map<number, number>();
      for (const page of pages({ pattern, nrPages: 100, count: 10_000 })) {
        counts.set(page, (counts.get(page) ?? 0) + 1);
      }
      return Math.max(...counts.values());
    };
    // The hottest of 100 pages has 1 / H(100), which is 19 %; at random each has 1 %.
    expect(hottest("zipf")).toBeGreaterThan(1700);
    expect(hottest("random")).toBeLessThan(200);
  });

  test("of a graph reads its edges in order and touches hot vertices behind each of them", () => {
    const graph = { pattern: "graph", nrPages: 80, count: 900, degree: 4 } as const;
    const accesses = stream(graph);
    const edges: number[] = [];
    while (accesses.next()) {
      const page = accesses.page - 100;
      if (page < 10) edges.push(page);
      expect(accesses.access).toBe(page < 10 ? ACCESS_READ : ACCESS_WRITE);
    }
    expect(edges).toEqual(Array.from({ length: 180 }, (_, n) => n % 10));
    expect(() => stream({ ...graph, nrPages: 1 })).toThrow(/graph/);
  });

  test("changes as many pages as it is told, in percent", () => {
    const accesses = stream({ pattern: "random", count: 10_000, changePercent: 30 });
    let nrWrites = 0;
    while (accesses.next()) {
      if (accesses.access === ACCESS_WRITE) nrWrites++;
      else expect(accesses.access).toBe(ACCESS_READ);
    }
    expect(nrWrites).toBeGreaterThan(2800);
    expect(nrWrites).toBeLessThan(3200);
  });

  test("in order says how much of its request is left, others ask page by page", () => {
    const inOrder = stream({ count: 10 });
    inOrder.next();
    expect(inOrder.nrLeft).toBe(8);
    inOrder.next();
    expect(inOrder.nrLeft).toBe(7);
    const strided = stream({ pattern: "strided" });
    strided.next();
    expect(strided.nrLeft).toBe(1);
  });
});
