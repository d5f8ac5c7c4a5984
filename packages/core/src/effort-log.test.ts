import { describe, expect, test } from "vitest";
import {
  EFFORT_KIND_NAMES,
  EFFORT_PAGE_ZERO,
  EFFORT_PTE_SET,
  EffortLog,
  NR_EFFORT_KINDS,
} from "./effort-log.ts";

describe("EffortLog", () => {
  test("every kind has a name", () => {
    expect(EFFORT_KIND_NAMES.length).toBe(NR_EFFORT_KINDS);
  });

  test("counts equal neighbours together and keeps the order of the rest", () => {
    const log = new EffortLog();
    log.add(EFFORT_PAGE_ZERO, 1, 0, 0, 1);
    log.add(EFFORT_PAGE_ZERO, 2, 0, 0, 1);
    log.add(EFFORT_PTE_SET, 1);
    log.add(EFFORT_PAGE_ZERO, 1, 0, 0, 1);
    expect(log.items().map(({ kind, count }) => [kind, count])).toEqual([
      [EFFORT_PAGE_ZERO, 3],
      [EFFORT_PTE_SET, 1],
      [EFFORT_PAGE_ZERO, 1],
    ]);
  });

  test("keeps its totals when nobody drains it", () => {
    const log = new EffortLog(2);
    for (let i = 0; i < 10; i++) log.add(i % 2 === 0 ? EFFORT_PTE_SET : EFFORT_PAGE_ZERO, 1);
    expect([log.length, log.truncated]).toEqual([2, true]);
    expect([log.totals[EFFORT_PTE_SET], log.totals[EFFORT_PAGE_ZERO]]).toEqual([5, 5]);
    log.clear();
    expect([log.length, log.truncated]).toEqual([0, false]);
  });
});
