import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EventQueue, NO_EVENT } from "./event-queue.ts";

/** The obvious queue: a list that is sorted by time and insertion number. */
class SlowQueue {
  nowPs = 0;
  private seq = 0;
  private events: { time: number; seq: number; target: number }[] = [];

  schedule(time: number, target: number): void {
    this.cancel(target);
    this.events.push({ time, seq: this.seq++, target });
    this.events.sort((a, b) => a.time - b.time || a.seq - b.seq);
  }

  cancel(target: number): boolean {
    const before = this.events.length;
    this.events = this.events.filter((event) => event.target !== target);
    return this.events.length < before;
  }

  pop(limit: number): number {
    const [first] = this.events;
    if (first === undefined || first.time > limit) return NO_EVENT;
    this.events.shift();
    this.nowPs = first.time;
    return first.target;
  }

  get nrPending(): number {
    return this.events.length;
  }
}

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ delay: fc.nat(20), target: fc.nat(200) }) },
  { weight: 1, arbitrary: fc.record({ cancel: fc.nat(200) }) },
  { weight: 3, arbitrary: fc.record({ within: fc.nat(30) }) },
);

describe("the event queue", () => {
  test("orders by time, then by insertion", () => {
    const queue = new EventQueue();
    [30, 10, 30, 20, 10].forEach((time, target) => queue.schedule(time, target));
    expect(Array.from({ length: 6 }, () => queue.pop(Infinity))).toEqual([1, 4, 3, 0, 2, NO_EVENT]);
    expect(queue.nowPs).toBe(30);
  });

  test("an event for this instant comes after those that were due at it before", () => {
    const queue = new EventQueue();
    queue.schedule(10, 0);
    queue.schedule(10, 1);
    expect(queue.pop(Infinity)).toBe(0);
    queue.schedule(10, 2);
    expect([queue.pop(Infinity), queue.pop(Infinity)]).toEqual([1, 2]);
  });

  test("a target has one pending event, and scheduling it again moves it", () => {
    const queue = new EventQueue();
    queue.schedule(10, 7);
    queue.schedule(5, 8);
    queue.schedule(20, 7);
    expect(queue.nrPending).toBe(2);
    expect([queue.pop(Infinity), queue.pop(Infinity), queue.nowPs]).toEqual([8, 7, 20]);
    expect(queue.pop(Infinity)).toBe(NO_EVENT);
  });

  test("a cancelled event does not happen", () => {
    const queue = new EventQueue();
    queue.schedule(10, 1);
    expect([queue.cancel(1), queue.cancel(1), queue.cancel(99)]).toEqual([true, false, false]);
    expect(queue.pop(Infinity)).toBe(NO_EVENT);
  });

  test("nothing beyond the limit happens, and the clock stays", () => {
    const queue = new EventQueue();
    queue.schedule(10, 1);
    expect([queue.pop(9), queue.nowPs, queue.pop(10), queue.nowPs]).toEqual([NO_EVENT, 0, 1, 10]);
  });

  test("knows up to when nothing happens", () => {
    const queue = new EventQueue();
    expect(queue.isIdleUntil(100)).toBe(true);
    queue.schedule(10, 1);
    queue.schedule(20, 2);
    expect([queue.isIdleUntil(9), queue.isIdleUntil(10)]).toEqual([true, false]);
    queue.pop(Infinity);
    expect([queue.isIdleUntil(19), queue.isIdleUntil(20)]).toEqual([true, false]);
    queue.schedule(10, 3);
    expect(queue.isIdleUntil(10)).toBe(false);
  });

  test("the past is refused", () => {
    const queue = new EventQueue();
    queue.advanceTo(5);
    expect(() => queue.schedule(4, 0)).toThrow("timePs: 4");
    expect(() => queue.schedule(Number.NaN, 0)).toThrow("timePs: NaN");
  });

  test("ten thousand times as many timers as are left do not stay in it", () => {
    const queue = new EventQueue();
    for (let i = 0; i < 100_000; i++) queue.schedule(1_000_000 + i, i % 10);
    expect(queue.nrPending).toBe(10);
    const popped = Array.from({ length: 11 }, () => queue.pop(Infinity));
    expect(popped).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, NO_EVENT]);
  });

  test("does what a sorted list does", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300, size: "max" }), (steps) => {
        const queue = new EventQueue();
        const slow = new SlowQueue();
        for (const one of steps) {
          if ("cancel" in one) {
            expect(queue.cancel(one.cancel)).toBe(slow.cancel(one.cancel));
          } else if ("within" in one) {
            expect(queue.pop(queue.nowPs + one.within)).toBe(slow.pop(slow.nowPs + one.within));
          } else {
            queue.schedule(queue.nowPs + one.delay, one.target);
            slow.schedule(slow.nowPs + one.delay, one.target);
          }
          expect([queue.nowPs, queue.nrPending]).toEqual([slow.nowPs, slow.nrPending]);
        }
      }),
    );
  });
});
