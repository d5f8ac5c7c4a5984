import { describe, expect, test } from "vitest";
import { Mutex } from "../lock/mutex.ts";
import { WAIT_LOCK } from "../wait/wait-kinds.ts";
import { Interrupted, PARKED, WAIT_OK, WAIT_TIMED_OUT } from "./pause.ts";
import { Signal } from "./signal.ts";
import { Sim } from "./sim.ts";

describe("an actor", () => {
  test("sleeps for what it yields, and ends with a result", () => {
    const sim = new Sim();
    const actor = sim.spawn("sleeper", function* () {
      yield 10;
      yield 5;
      return "rested";
    });
    expect(sim.run()).toEqual({
      ended: "done",
      isPartial: false,
      nowPs: 15,
      nrEvents: 3,
      nrForeground: 0,
    });
    expect([actor.isEnded, actor.result]).toEqual([true, "rested"]);
  });

  test("runs after what was already due when it was spawned", () => {
    const sim = new Sim();
    const seen: string[] = [];
    sim.spawn("first", function* () {
      seen.push("first");
      sim.spawn("child", function* () {
        seen.push("child");
      });
      yield 0;
      seen.push("first again");
    });
    sim.spawn("second", function* () {
      seen.push("second");
    });
    sim.run();
    expect(seen).toEqual(["first", "second", "child", "first again"]);
  });

  test("waits for the end of another, or not when that is over", () => {
    const sim = new Sim();
    const worker = sim.spawn("worker", function* () {
      yield 100;
    });
    const ends: number[] = [];
    sim.spawn("boss", function* (self) {
      yield self.join(worker);
      ends.push(sim.nowPs);
      yield self.join(worker);
      ends.push(sim.nowPs);
    });
    sim.run();
    expect(ends).toEqual([100, 100]);
  });

  test("is interrupted where it sleeps, and may go on", () => {
    const sim = new Sim();
    const seen: unknown[] = [];
    const actor = sim.spawn("sleeper", function* () {
      try {
        yield 1000;
      } catch (error) {
        if (!(error instanceof Interrupted)) throw error;
        seen.push(error.cause, sim.nowPs);
      }
      yield 5;
    });
    sim.spawn("other", function* () {
      yield 10;
      expect(actor.interrupt("hurry")).toBe(true);
    });
    expect(sim.run().nowPs).toBe(15);
    expect(seen).toEqual(["hurry", 10]);
  });

  test("that does not catch an interruption ends, and nothing else does", () => {
    const sim = new Sim();
    const actor = sim.spawn("sleeper", function* () {
      yield 1000;
      return "done";
    });
    sim.spawn("other", function* () {
      yield 10;
      actor.interrupt(null);
      yield 10;
    });
    expect(sim.run().nowPs).toBe(20);
    expect([actor.isEnded, actor.result, actor.interrupt(null)]).toEqual([true, undefined, false]);
  });

  test("that is cancelled runs its finally blocks, which may take time", () => {
    const sim = new Sim();
    const lock = new Mutex("lock");
    const actor = sim.spawn("holder", function* (self) {
      yield lock.lock(self);
      try {
        yield 1000;
      } finally {
        yield 3;
        lock.unlock(self);
      }
    });
    sim.spawn("other", function* (self) {
      yield 10;
      actor.cancel();
      yield lock.lock(self);
      expect(sim.nowPs).toBe(13);
    });
    sim.run();
    expect([actor.isEnded, lock.owner?.name]).toEqual([true, "other"]);
  });

  test("cannot stop itself", () => {
    const sim = new Sim();
    sim.spawn("self", function* (self) {
      self.cancel();
    });
    expect(() => sim.run()).toThrow("actor: self cannot stop itself");
  });

  test("gives up a wait after a time, and its place in the queue", () => {
    const sim = new Sim();
    const lock = new Mutex("lock");
    const codes: number[] = [];
    sim.spawn("holder", function* (self) {
      yield lock.lock(self);
      yield 100;
      lock.unlock(self);
    });
    sim.spawn("patient", function* (self) {
      codes.push(yield self.within(50, lock.lock(self)), sim.nowPs);
      codes.push(yield self.within(60, lock.lock(self)), sim.nowPs);
      lock.unlock(self);
    });
    sim.run();
    expect(codes).toEqual([WAIT_TIMED_OUT, 50, WAIT_OK, 100]);
    expect([lock.stats.nrWaits, lock.stats.total.toNumber()]).toEqual([2, 100]);
  });

  test("that gets a lock at the instant of its interruption gives it back", () => {
    const sim = new Sim();
    const lock = new Mutex("lock");
    sim.spawn("holder", function* (self) {
      yield lock.lock(self);
      yield 10;
      lock.unlock(self);
      expect(unlucky.interrupt("too late")).toBe(true);
    });
    const unlucky = sim.spawn("unlucky", function* (self) {
      yield lock.lock(self);
      throw new Error("it never has the lock");
    });
    const next = sim.spawn("next", function* (self) {
      yield lock.lock(self);
      return sim.nowPs;
    });
    sim.run();
    expect(next.result).toBe(10);
  });

  test.each([
    ["a fraction", 0.5, "yielded 0.5"],
    ["no number", Number.NaN, "yielded NaN"],
    ["a wait that it has not begun", PARKED, "yielded -2"],
  ])("that yields %s is refused", (_, pause, problem) => {
    const sim = new Sim();
    sim.spawn("wrong", function* () {
      yield pause;
    });
    expect(() => sim.run()).toThrow(problem);
  });

  test("has to yield a wait before anything else", () => {
    const sim = new Sim();
    const lock = new Mutex("lock");
    sim.spawn("holder", function* (self) {
      yield lock.lock(self);
    });
    sim.spawn("hasty", function* (self) {
      lock.lock(self);
      yield 10;
    });
    expect(() => sim.run()).toThrow("hasty waits for lock but yielded 10");
  });

  test("passes an error of its program to whoever runs the simulation", () => {
    const sim = new Sim();
    sim.spawn("wrong", function* () {
      yield 1;
      throw new TypeError("ours");
    });
    expect(() => sim.run()).toThrow(TypeError);
    expect(sim.run().ended).toBe("done");
  });
});

describe("a signal", () => {
  test("wakes everyone who waits, in order, and nobody who comes later", () => {
    const sim = new Sim();
    const signal = new Signal("doorbell");
    const seen: string[] = [];
    for (const name of ["a", "b"]) {
      sim.spawn(name, function* (self) {
        const code = yield signal.wait(self);
        seen.push(`${name} ${code}`);
      });
    }
    sim.spawn("ringer", function* () {
      yield 10;
      expect(signal.fire(7)).toBe(2);
      expect(signal.fire()).toBe(0);
    });
    sim.run();
    expect(seen).toEqual(["a 7", "b 7"]);
    expect(signal.stats.total.toNumber()).toBe(20);
  });

  test("of one shot stays fired", () => {
    const sim = new Sim();
    const fence = new Signal("fence", { isOneShot: true });
    const late = sim.spawn("late", function* (self) {
      yield 10;
      yield fence.wait(self);
      return sim.nowPs;
    });
    fence.fire();
    sim.run();
    expect([late.result, fence.isFired]).toEqual([10, true]);
  });

  test("counts its waits under its kind", () => {
    const sim = new Sim();
    const signal = new Signal("page", { kind: WAIT_LOCK });
    sim.spawn("waiter", function* (self) {
      yield signal.wait(self);
    });
    sim.timer(() => signal.fire()).setAfter(42);
    sim.run();
    expect(sim.waited[WAIT_LOCK]?.toNumber()).toBe(42);
  });
});
