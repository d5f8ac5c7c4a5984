import { expect, test } from "vitest";
import { checkPs, formatPs, MAX_TIME_PS, PS_PER_S } from "./sim-time.ts";

test("times are shown in the largest unit that they fill", () => {
  const shown = [0, 999, 1000, 2_500_000, 1_234_567_891, 3 * PS_PER_S].map(formatPs);
  expect(shown).toEqual(["0 ps", "999 ps", "1 ns", "2.5 us", "1.235 ms", "3 s"]);
});

test("2^53 picoseconds are two and a half hours", () => {
  expect(Math.floor(MAX_TIME_PS / PS_PER_S)).toBe(9007);
});

test.each([-1, 0.5, Number.NaN, Infinity, 2 ** 53])("%s is no time", (value) => {
  expect(() => checkPs(value, "latencyPs")).toThrow("latencyPs: ");
});
