import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ACCESS_READ, ACCESS_WRITE } from "../record/activities.ts";
import type { AccessStream } from "../world/access-stream.ts";
import { Exchange, EXCHANGES, type ExchangeSpec } from "./exchange.ts";

const SPEC: ExchangeSpec = { kind: "stencil", start: 100, nrPages: 12, nrMembers: 3, rounds: 4 };

function touched(stream: AccessStream): [page: number, access: number][] {
  const pages: [number, number][] = [];
  while (stream.next()) pages.push([stream.page, stream.access]);
  return pages;
}

function pagesOf(exchange: Exchange, member: number, turn: number, access: number): number[] {
  const all = touched(exchange.accessesOf(member, turn));
  return all.filter(([, own]) => own === access).map(([page]) => page);
}

describe("a stencil", () => {
  test("reads its neighbours' edges and writes its own part; ends have one neighbour", () => {
    const exchange = new Exchange({ ...SPEC, halo: 2 });
    expect(pagesOf(exchange, 1, 0, ACCESS_READ)).toEqual([102, 103, 108, 109]);
    expect(pagesOf(exchange, 1, 0, ACCESS_WRITE)).toEqual([104, 105, 106, 107]);
    expect(pagesOf(exchange, 0, 0, ACCESS_READ)).toEqual([104, 105]);
  });

  test("begins a turn when its neighbours have ended the one before", () => {
    const exchange = new Exchange(SPEC);
    expect(exchange.needsOf(1, 3)).toEqual([
      { member: 0, nrTurns: 3 },
      { member: 2, nrTurns: 3 },
    ]);
  });

  test("gives every page to one member, with parts that differ by a page at most", () => {
    const exchange = new Exchange({ ...SPEC, nrPages: 11 });
    const parts = [0, 1, 2].map((member) => pagesOf(exchange, member, 0, ACCESS_WRITE));
    expect(parts.flat()).toEqual(Array.from({ length: 11 }, (_, i) => 100 + i));
    expect(parts.map(({ length }) => length)).toEqual([3, 4, 4]);
  });
});

describe("a pipeline", () => {
  const exchange = new Exchange({ ...SPEC, kind: "pipeline", slots: 4 });

  test("goes round the slots of a ring: the first writes, the last reads, others do both", () => {
    expect(touched(exchange.accessesOf(0, 5)).map(([page]) => page)).toEqual([103, 104, 105]);
    expect(pagesOf(exchange, 0, 5, ACCESS_READ)).toEqual([]);
    expect(pagesOf(exchange, 1, 5, ACCESS_READ)).toEqual(pagesOf(exchange, 1, 5, ACCESS_WRITE));
    expect(pagesOf(exchange, 2, 5, ACCESS_WRITE)).toEqual([]);
  });

  test("waits for what it reads, and for a slot that has been emptied", () => {
    expect(exchange.needsOf(1, 5)).toEqual([
      { member: 0, nrTurns: 6 },
      { member: 2, nrTurns: 2 },
    ]);
    expect(exchange.needsOf(0, 2)).toEqual([{ member: 1, nrTurns: 0 }]);
  });
});

test("in ping-pong each waits for the one before it, and the first for the last", () => {
  const exchange = new Exchange({ ...SPEC, kind: "ping-pong" });
  expect(exchange.needsOf(2, 1)).toEqual([{ member: 1, nrTurns: 2 }]);
  expect(exchange.needsOf(0, 1)).toEqual([{ member: 2, nrTurns: 1 }]);
});

test("too few pages are refused", () => {
  expect(() => new Exchange({ ...SPEC, nrPages: 2 })).toThrow(/nrPages/u);
  expect(() => new Exchange({ ...SPEC, kind: "pipeline", slots: 13 })).toThrow(/nrPages/u);
});

test("turns in order of turn and member never wait, and no order can lock up", () => {
  const spec = fc.record({
    kind: fc.constantFrom(...EXCHANGES),
    nrMembers: fc.integer({ min: 2, max: 6 }),
    rounds: fc.integer({ min: 1, max: 8 }),
    slots: fc.integer({ min: 1, max: 5 }),
    picks: fc.array(fc.nat(), { minLength: 1, maxLength: 60 }),
  });
  fc.assert(
    fc.property(spec, ({ picks, ...given }) => {
      const exchange = new Exchange({ ...given, start: 0, nrPages: 64 });
      const nrDone = Array.from({ length: given.nrMembers }, () => 0);
      const mayBegin = (member: number): boolean =>
        (nrDone[member] ?? 0) < given.rounds &&
        exchange
          .needsOf(member, nrDone[member] ?? 0)
          .every((need) => (nrDone[need.member] ?? 0) >= need.nrTurns);
      for (let n = 0; ; n++) {
        const able = nrDone.flatMap((_, member) => (mayBegin(member) ? [member] : []));
        if (able.length === 0) break;
        const next = able[(picks[n % picks.length] ?? 0) % able.length] as number;
        nrDone[next] = (nrDone[next] ?? 0) + 1;
      }
      return nrDone.every((done) => done === given.rounds);
    }),
  );
});
