import { expect, test } from "vitest";
import { FirstMoves } from "./first-moves.ts";

test("the first move of a page is known until it is forgotten", () => {
  const moves = new FirstMoves({ start: 512, nrPages: 512 });
  expect([moves.processorOf(600), moves.timePsOf(600)]).toEqual([null, 0]);
  moves.note(600, 0, 7e12);
  moves.note(601, 256, 8e12);
  expect([moves.processorOf(600), moves.timePsOf(600)]).toEqual([0, 7e12]);
  expect([moves.processorOf(601), moves.timePsOf(601)]).toEqual([256, 8e12]);
  moves.forget(600);
  expect(moves.processorOf(600)).toBe(null);
  expect(moves.processorOf(601)).toBe(256);
});
