import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ACTIVITY_NAMES,
  NR_ACTIVITIES,
  STAGE_COPY,
  STAGE_DETECT,
  STAGE_FETCH,
  STAGE_MAP,
  STAGE_RESOLVE,
  waitActivity,
} from "./activities.ts";
import { SliceLog } from "./slice-log.ts";
import { StageClock } from "./stage-clock.ts";
import { WAIT_CPU, WAIT_LOCK } from "../wait/wait-kinds.ts";

function tracedClock(): { clock: StageClock; shown: () => [string, number][] } {
  const clock = new StageClock();
  const slices = new SliceLog();
  clock.slices = slices;
  const shown = (): [string, number][] =>
    slices.activities.map((activity, at) => [
      ACTIVITY_NAMES[activity] ?? "",
      slices.durationsPs[at] ?? 0,
    ]);
  return { clock, shown };
}

describe("slices of a fault", () => {
  test("are in the order of stages where a bill says afterwards what a pause was", () => {
    const { clock, shown } = tracedClock();
    clock.start(STAGE_RESOLVE, 0);
    for (const [stage, ps] of [
      [STAGE_DETECT, 10],
      [STAGE_FETCH, 20],
      [STAGE_COPY, 30],
      [STAGE_MAP, 25],
    ] as const) {
      clock.assign(stage, ps, 100);
    }
    clock.finish(100);
    expect(shown()).toEqual([
      ["detect", 10],
      ["fetch", 20],
      ["resolve", 15],
      ["copy", 30],
      ["map", 25],
    ]);
  });

  test("have a wait where it was, and a CPU that spins behind the work that it did", () => {
    const { clock, shown } = tracedClock();
    clock.start(STAGE_RESOLVE, 0);
    clock.charge(WAIT_LOCK, 7, 7);
    clock.charge(WAIT_CPU, 3, 20);
    clock.assign(STAGE_MAP, 4, 20);
    clock.finish(21);
    expect(shown()).toEqual([
      ["lock", 7],
      ["resolve", 6],
      ["map", 4],
      ["cpu", 3],
      ["resolve", 1],
    ]);
  });

  test("add up to the breakdown, whatever happens", () => {
    const step = fc.record({
      do: fc.constantFrom("switchTo", "enter", "leave", "assign"),
      activity: fc.nat({ max: NR_ACTIVITIES - 1 }),
      afterPs: fc.nat({ max: 100 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { clock } = tracedClock();
        let nowPs = 5;
        let depth = 1;
        const open = [STAGE_RESOLVE];
        clock.start(STAGE_RESOLVE, nowPs);
        for (const { do: what, activity, afterPs, share } of steps) {
          nowPs += afterPs;
          if (what === "switchTo") clock.switchTo((open[depth - 1] = activity), nowPs);
          if (what === "enter" && depth < 20) clock.enter((open[depth++] = activity), nowPs);
          if (what === "leave" && depth > 1) {
            clock.leave(nowPs);
            depth--;
          }
          if (what === "assign") {
            clock.assign(activity, 0, nowPs);
            const taken = clock.breakdown.spentPs[open[depth - 1] ?? 0] ?? 0;
            clock.assign(activity, Math.floor(taken * share), nowPs);
          }
        }
        const latencyPs = clock.finish(nowPs);
        const { activities, durationsPs } = clock.slices ?? new SliceLog();
        const sums = new Float64Array(NR_ACTIVITIES);
        activities.forEach((activity, at) => {
          sums[activity] = (sums[activity] ?? 0) + (durationsPs[at] ?? 0);
        });
        expect([...sums]).toEqual([...clock.breakdown.spentPs]);
        expect(durationsPs.every((ps) => ps > 0)).toBe(true);
        expect(durationsPs.reduce((sum, ps) => sum + ps, 0)).toBe(latencyPs);
      }),
    );
  });

  test("say nothing about time of which a clock has no account", () => {
    const log = new SliceLog();
    expect(() => log.assign(STAGE_COPY, waitActivity(WAIT_LOCK), 1)).toThrow("more was assigned");
  });
});
