import { expect, test } from "vitest";
import { PageWishes } from "./page-wishes.ts";

test("a page keeps its place and has the wish that came last", () => {
  const wishes = new PageWishes({ start: 512, nrPages: 512 });
  wishes.set(700, "read");
  wishes.set(600, "present");
  wishes.set(700, "atomic");
  expect(wishes.pages).toEqual([700, 600]);
  expect([wishes.get(700), wishes.get(600), wishes.get(601)]).toEqual([
    "atomic",
    "present",
    undefined,
  ]);
  expect(wishes.span).toEqual({ start: 600, nrPages: 101 });
});

test("pages outside of the span are wanted by nobody", () => {
  const wishes = PageWishes.of([9, 5, 7], "prefetch");
  expect([4, 5, 6, 7, 8, 9, 10].map((page) => wishes.has(page))).toEqual([
    false,
    true,
    false,
    true,
    false,
    true,
    false,
  ]);
  expect(PageWishes.of([], "read").size).toBe(0);
});

test("writes and atomics need the right to write", () => {
  const wishes = new PageWishes({ start: 0, nrPages: 8 });
  const all = ["present", "prefetch", "read", "write", "atomic"] as const;
  all.forEach((wish, page) => wishes.set(page, wish));
  expect(all.map((_, page) => wishes.isWrite(page))).toEqual([false, false, false, true, true]);
  expect(wishes.isWrite(7)).toBe(false);
});

test("a range is wanted as it is", () => {
  const wishes = PageWishes.present({ start: 3, nrPages: 2 });
  expect(wishes.pages.map((page) => [page, wishes.get(page)])).toEqual([
    [3, "present"],
    [4, "present"],
  ]);
});
