import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Sim } from "../actor/sim.ts";
import { LinkSet } from "../link/link-set.ts";
import { Mutex } from "../lock/mutex.ts";
import { WAIT_LINK, WAIT_LOCK } from "../wait/wait-kinds.ts";
import {
  ACTIVITY_NAMES,
  NR_ACTIVITIES,
  NR_STAGES,
  STAGE_COPY,
  STAGE_DETECT,
  STAGE_INVALIDATE,
  STAGE_MAP,
  STAGE_RESOLVE,
  waitActivity,
} from "./activities.ts";
import type { Breakdown } from "./breakdown.ts";
import { StageClock } from "./stage-clock.ts";

/** What is not zero, by name. */
function shown({ spentPs }: Breakdown): Record<string, number> {
  const entries = ACTIVITY_NAMES.map((name, i) => [name, spentPs[i] as number] as const);
  return Object.fromEntries(entries.filter(([, ps]) => ps !== 0));
}

describe("the stage clock", () => {
  test("gives each instant to the innermost activity", () => {
    const clock = new StageClock();
    clock.start(STAGE_DETECT, 100);
    clock.switchTo(STAGE_RESOLVE, 110);
    clock.enter(STAGE_COPY, 130);
    clock.enter(STAGE_INVALIDATE, 140);
    clock.leave(145);
    clock.leave(160);
    clock.switchTo(STAGE_MAP, 163);
    expect(clock.finish(170)).toBe(70);
    expect(shown(clock.breakdown)).toEqual({
      detect: 10,
      resolve: 23,
      copy: 25,
      invalidate: 5,
      map: 7,
    });
  });

  test("takes waits of its actor out of the stage in which they happen", () => {
    const sim = new Sim();
    const lock = new Mutex("mmap_lock");
    sim.spawn("holder", function* (self) {
      yield lock.lock(self);
      yield 100;
      lock.unlock(self);
    });
    const clock = new StageClock();
    sim.spawn("handler", function* (self) {
      self.stages = clock;
      clock.start(STAGE_RESOLVE, sim.nowPs);
      yield 10;
      yield lock.lock(self);
      yield 20;
      lock.unlock(self);
      clock.finish(sim.nowPs);
    });
    sim.run();
    expect(shown(clock.breakdown)).toEqual({ resolve: 30, lock: 90 });
  });

  test("calls a wait of a transfer only what sharing adds to it", () => {
    const sim = new Sim();
    const links = new LinkSet(sim);
    const { there } = links.link({ name: "pcie", megabytesPerSec: 1000, latencyPs: 7 });
    const route = links.route("to gpu", [there]);
    const clocks = [1, 2].map((number) => {
      const clock = new StageClock();
      sim.spawn(`copy ${number}`, function* (self) {
        self.stages = clock;
        clock.start(STAGE_COPY, sim.nowPs);
        yield route.transfer(self, 50);
        clock.finish(sim.nowPs);
      });
      return clock;
    });
    sim.run();
    for (const { breakdown } of clocks) {
      expect(shown(breakdown)).toEqual({ copy: 50_007, link: 50_000 });
    }
  });

  test("keeps overlapped work beside the latency", () => {
    const clock = new StageClock();
    clock.start(STAGE_DETECT, 0);
    clock.breakdown.spendBeside(STAGE_COPY, 500);
    expect(clock.finish(10)).toBe(10);
    expect(clock.breakdown.totalPs()).toBe(10);
    expect(clock.breakdown.besidePs[STAGE_COPY]).toBe(500);
    clock.start(STAGE_DETECT, 20);
    expect([clock.breakdown.besidePs[STAGE_COPY], clock.breakdown.besideMask]).toEqual([0, 0]);
  });

  test("takes several activities out of the innermost one at once", () => {
    const clock = new StageClock();
    clock.start(STAGE_RESOLVE, 0);
    const timesPs = new Float64Array(NR_ACTIVITIES);
    timesPs[STAGE_COPY] = 30;
    timesPs[STAGE_MAP] = 20;
    timesPs[STAGE_DETECT] = 1000;
    const mask = (1 << STAGE_COPY) | (1 << STAGE_MAP);
    clock.assignAll(timesPs, mask, 80);
    expect(shown(clock.breakdown)).toEqual({ resolve: 30, copy: 30, map: 20 });
    expect(() => clock.assignAll(timesPs, mask, 90)).toThrow("more than the innermost");
  });

  test("refuses what cannot be", () => {
    const clock = new StageClock();
    expect(() => clock.finish(5)).toThrow("no fault has been started");
    clock.start(STAGE_DETECT, 10);
    expect(() => clock.leave(11)).toThrow("the first stage has nothing around it");
    expect(() => clock.enter(STAGE_COPY, 9)).toThrow("nowPs: 9 is before 10");
    expect(() => clock.charge(WAIT_LINK, 3, 12)).toThrow("3 is more than the innermost");
  });

  test("whatever nests in whatever, the shares add up to the latency", () => {
    const activity = fc.nat(NR_ACTIVITIES - 1);
    const step = fc.record({
      kind: fc.constantFrom("enter", "leave", "switch", "charge", "beside"),
      activity,
      afterPs: fc.nat(2 ** 40),
      share: fc.nat(100),
    });
    fc.assert(
      fc.property(activity, fc.array(step, { maxLength: 60, size: "max" }), (first, steps) => {
        const clock = new StageClock();
        // The obvious account: a list of who is open, asked at every step.
        const open = [first];
        const expected = Array.from({ length: NR_ACTIVITIES }, () => 0);
        let nowPs = 5;
        clock.start(first, nowPs);
        const add = (to: number, ps: number): void => {
          expected[to] = (expected[to] as number) + ps;
        };
        for (const { kind, activity: next, afterPs, share } of steps) {
          nowPs += afterPs;
          const inner = open.at(-1) as number;
          add(inner, afterPs);
          if (kind === "enter" && open.length < 32) {
            clock.enter(next, nowPs);
            open.push(next);
          } else if (kind === "leave" && open.length > 1) {
            clock.leave(nowPs);
            open.pop();
          } else if (kind === "charge") {
            const ps = Math.floor((afterPs * share) / 100);
            clock.charge(WAIT_LOCK, ps, nowPs);
            add(inner, -ps);
            add(waitActivity(WAIT_LOCK), ps);
          } else if (kind === "beside") {
            clock.breakdown.spendBeside(next, afterPs);
          } else {
            clock.switchTo(next, nowPs);
            open[open.length - 1] = next;
          }
        }
        expect(clock.finish(nowPs)).toBe(nowPs - 5);
        expect(Array.from(clock.breakdown.spentPs)).toEqual(expected);
        expect(clock.breakdown.totalPs()).toBe(nowPs - 5);
      }),
    );
  });
});

test("activities are the stages, then the waits", () => {
  expect(ACTIVITY_NAMES.slice(0, NR_STAGES)).toEqual(
    "detect deliver fetch resolve range_fault unmap dma_map copy map invalidate replay".split(" "),
  );
  expect(ACTIVITY_NAMES.slice(NR_STAGES)).toEqual(
    "lock queue batch link migration throttle cpu iommu fence buffer".split(" "),
  );
});
