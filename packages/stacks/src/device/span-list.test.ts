// The list of spans against a plain array that is searched from end to end.
import fc from "fast-check";
import { expect, test } from "vitest";
import { SpanList } from "./span-list.ts";

interface Piece {
  readonly start: number;
  readonly nrPages: number;
}

const seed = Number(process.env["FAULTLINE_SEED"] ?? Date.now() % 1_000_000);
const step = fc.record({
  start: fc.nat(4000),
  nrPages: fc.integer({ min: 1, max: 8 }),
  isRemoved: fc.boolean(),
});

function touches(a: Piece, b: Piece): boolean {
  return a.start < b.start + b.nrPages && b.start < a.start + a.nrPages;
}

test(`random spans are found as in a plain array, seed ${seed}`, () => {
  const steps = fc.array(step, { minLength: 200, maxLength: 2000, size: "max" });
  const property = fc.property(steps, (all) => {
    const list = new SpanList<Piece>();
    let plain: Piece[] = [];
    for (const { isRemoved, ...piece } of all) {
      const touched = plain.filter((one) => touches(one, piece));
      const found = list.overlapping(piece.start, piece.nrPages);
      expect(found).toEqual(touched.toSorted((a, b) => a.start - b.start));
      expect(list.at(piece.start)).toBe(
        plain.find((one) => touches(one, { start: piece.start, nrPages: 1 })),
      );
      if (touched.length === 0) {
        list.insert(piece);
        plain.push(piece);
      } else if (isRemoved) {
        for (const one of touched) expect(list.remove(one)).toBe(true);
        plain = plain.filter((one) => !touched.includes(one));
      }
    }
    expect(list.all()).toEqual(plain.toSorted((a, b) => a.start - b.start));
    expect(list.length).toBe(plain.length);
  });
  fc.assert(property, { seed, numRuns: 20 });
});

test("a span that was never put in is not taken out", () => {
  const list = new SpanList<Piece>();
  list.insert({ start: 4, nrPages: 2 });
  expect(list.remove({ start: 4, nrPages: 2 })).toBe(false);
  expect(list.remove({ start: 0, nrPages: 2 })).toBe(false);
  expect(list.length).toBe(1);
});
