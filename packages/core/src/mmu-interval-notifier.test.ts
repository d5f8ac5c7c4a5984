import { describe, expect, test } from "vitest";
import {
  MMU_NOTIFY_CLEAR,
  MmuIntervalNotifier,
  type MmuNotifierRange,
  mmuIntervalReadRetry,
  mmuIntervalSetSeq,
  MmuNotifierSubscriptions,
} from "./mmu-interval-notifier.ts";
import { World } from "./world.ts";

function subscribed(): {
  subscriptions: MmuNotifierSubscriptions;
  notifier: MmuIntervalNotifier;
  range: (start: number, end: number) => MmuNotifierRange;
} {
  const { mm } = new World().createTask(0);
  const subscriptions = new MmuNotifierSubscriptions();
  const notifier = new MmuIntervalNotifier(mm, 10, 20, (sub, _range, seq) =>
    mmuIntervalSetSeq(sub, seq),
  );
  subscriptions.insert(notifier);
  const range = (start: number, end: number): MmuNotifierRange => ({
    mm,
    event: MMU_NOTIFY_CLEAR,
    start,
    end,
    owner: null,
    blockable: true,
  });
  return { subscriptions, notifier, range };
}

describe("mmu interval notifiers", () => {
  test("a sequence taken when idle stays good while nothing overlapping is invalidated", () => {
    const { subscriptions, notifier, range } = subscribed();
    const seq = subscriptions.readBegin(notifier);
    expect(seq % 2).toBe(1);
    subscriptions.invalidateRangeStart(range(20, 30));
    subscriptions.invalidateRangeEnd();
    expect(mmuIntervalReadRetry(notifier, seq)).toBe(false);
  });

  test("an overlapping invalidation makes readers retry", () => {
    const { subscriptions, notifier, range } = subscribed();
    const seq = subscriptions.readBegin(notifier);
    expect(subscriptions.invalidateRangeStart(range(19, 30))).toBe(1);
    subscriptions.invalidateRangeEnd();
    expect(mmuIntervalReadRetry(notifier, seq)).toBe(true);
  });

  test("a reader has to wait while its range is being invalidated", () => {
    const { subscriptions, notifier, range } = subscribed();
    subscriptions.invalidateRangeStart(range(10, 11));
    expect(subscriptions.readBegin(notifier)).toBe(-1);
    subscriptions.invalidateRangeEnd();
    expect(subscriptions.readBegin(notifier)).toBeGreaterThan(0);
  });

  test("the mm's sequence is odd only between the first start and the last end", () => {
    const { subscriptions, range } = subscribed();
    subscriptions.invalidateRangeStart(range(10, 11));
    subscriptions.invalidateRangeStart(range(12, 13));
    subscriptions.invalidateRangeEnd();
    expect(subscriptions.isInvalidating).toBe(true);
    subscriptions.invalidateRangeEnd();
    expect(subscriptions.isInvalidating).toBe(false);
  });

  test("a subscription added during an invalidation takes effect at its end", () => {
    const { subscriptions, notifier, range } = subscribed();
    subscriptions.invalidateRangeStart(range(10, 11));
    const late = new MmuIntervalNotifier(notifier.mm, 0, 100, () => undefined);
    subscriptions.insert(late);
    expect(subscriptions.intervals).not.toContain(late);
    expect(subscriptions.readBegin(late)).toBe(-1);
    subscriptions.invalidateRangeEnd();
    expect(subscriptions.intervals).toContain(late);
    expect(subscriptions.readBegin(late)).toBeGreaterThan(0);
  });

  test("an end without a start is our bug", () => {
    expect(() => subscribed().subscriptions.invalidateRangeEnd()).toThrow("without a start");
  });
});
