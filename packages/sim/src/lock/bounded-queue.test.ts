import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WAIT_DROPPED } from "../actor/pause.ts";
import { Sim } from "../actor/sim.ts";
import { WAIT_BUFFER, WAIT_QUEUE } from "../wait/wait-kinds.ts";
import { BoundedQueue, NO_ITEM } from "./bounded-queue.ts";

describe("a bounded queue", () => {
  test("gives items in their order, one by one or as the rest of a batch", () => {
    const sim = new Sim();
    const buffer = new BoundedQueue("faults", { capacity: 8, overflow: "drop" });
    const batches: number[][] = [];
    const handler = sim.spawn(
      "handler",
      function* (self) {
        for (;;) {
          const batch = [yield buffer.take(self)];
          for (let item = buffer.poll(); item !== NO_ITEM; item = buffer.poll()) batch.push(item);
          batches.push(batch);
          yield 100;
        }
      },
      { isDaemon: true },
    );
    sim.spawn("device", function* () {
      yield 10;
      for (const item of [1, 2, 3]) expect(buffer.offer(item)).toBe(true);
      yield 10;
      buffer.offer(4);
      yield 200;
    });
    sim.run();
    expect(batches).toEqual([[1, 2, 3], [4]]);
    expect(handler.isEnded).toBe(false);
    expect(buffer).toMatchObject({ nrPut: 4, nrDropped: 0, length: 0 });
    // A worker without work waits for no fault's sake.
    expect(sim.waited.map((sum) => sum.toNumber())).toEqual(sim.waited.map(() => 0));
    expect(buffer.items.stats.total.toNumber()).toBe(10);
  });

  test("that drops counts what it drops, and says so", () => {
    const sim = new Sim();
    const buffer = new BoundedQueue("faults", { capacity: 2, overflow: "drop" });
    sim.spawn("device", function* (self) {
      expect([buffer.offer(1), buffer.offer(2), buffer.offer(3)]).toEqual([true, true, false]);
      expect(yield buffer.put(self, 4)).toBe(WAIT_DROPPED);
    });
    sim.run();
    expect(buffer).toMatchObject({ nrPut: 2, nrDropped: 2, length: 2, maxLength: 2 });
  });

  test("that blocks makes whoever puts wait for room, in order", () => {
    const sim = new Sim();
    const ring = new BoundedQueue("ring", { capacity: 1, overflow: "block", takeKind: WAIT_QUEUE });
    const seen: number[] = [];
    for (const item of [1, 2, 3]) {
      sim.spawn(`put ${item}`, function* (self) {
        yield ring.put(self, item);
      });
    }
    sim.spawn("take", function* (self) {
      for (let i = 0; i < 3; i++) {
        yield 10;
        seen.push(yield ring.take(self));
      }
    });
    sim.run();
    expect(seen).toEqual([1, 2, 3]);
    expect(sim.waited[WAIT_BUFFER]?.toNumber()).toBe(10 + 20);
    expect(ring).toMatchObject({ nrPut: 3, nrDropped: 0, maxLength: 1 });
  });

  test("hands an item to the next when its taker is interrupted at that instant", () => {
    const sim = new Sim();
    const buffer = new BoundedQueue("faults", { capacity: 2, overflow: "drop" });
    const first = sim.spawn("first", function* (self) {
      yield buffer.take(self);
      throw new Error("it never has the item");
    });
    const second = sim.spawn("second", function* (self) {
      yield 5;
      return yield buffer.take(self);
    });
    sim.spawn("device", function* () {
      yield 1;
      buffer.offer(7);
      first.interrupt("now");
    });
    sim.run();
    expect(second.result).toBe(7);
  });

  test("does what a list does", () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat()), { maxLength: 100, size: "max" }), (steps) => {
        const queue = new BoundedQueue("queue", { capacity: 5, overflow: "drop" });
        const list: number[] = [];
        for (const item of steps) {
          if (item === null) expect(queue.poll()).toBe(list.shift() ?? NO_ITEM);
          else if (queue.offer(item)) list.push(item);
          expect(queue.length).toBe(list.length);
        }
        expect(queue.nrPut + queue.nrDropped).toBe(steps.filter((one) => one !== null).length);
      }),
    );
  });

  test("takes whole numbers from 0 on", () => {
    const queue = new BoundedQueue("queue", { capacity: 1, overflow: "drop" });
    expect(() => queue.offer(-1)).toThrow("item: -1");
    expect(() => new BoundedQueue("none", { capacity: 0, overflow: "drop" })).toThrow("capacity");
  });
});
