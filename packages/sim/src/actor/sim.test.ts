import { describe, expect, test } from "vitest";
import { Mutex } from "../lock/mutex.ts";
import { RwLock } from "../lock/rw-lock.ts";
import { LimitError } from "../time/limit-error.ts";
import { PS_PER_S } from "../time/sim-time.ts";
import { WaitLedger } from "../wait/wait-ledger.ts";
import { ActorDeadlockError } from "./actor-deadlock-error.ts";
import { Signal } from "./signal.ts";
import { Sim } from "./sim.ts";

function* forever(): Generator<number, void, number> {
  for (;;) yield 10;
}

/** What a function throws. */
function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

describe("a run", () => {
  test("ends with the last actor that is no daemon", () => {
    const sim = new Sim();
    const daemon = sim.spawn("daemon", forever, { isDaemon: true });
    sim.spawn("work", function* () {
      yield 25;
    });
    expect(sim.run()).toMatchObject({ ended: "done", isPartial: false, nowPs: 25 });
    expect(daemon.isEnded).toBe(false);
  });

  test("goes on slice by slice, as if it had never stopped", () => {
    const whole = new Sim();
    const sliced = new Sim();
    const trace = (sim: Sim): number[] => {
      const seen: number[] = [];
      for (const step of [3, 7]) {
        sim.spawn(`every ${step}`, function* () {
          for (let i = 0; i < 20; i++) {
            yield step;
            seen.push(sim.nowPs * 10 + step);
          }
        });
      }
      return seen;
    };
    const [expected, seen] = [trace(whole), trace(sliced)];
    whole.run();
    expect(sliced.run({ maxEvents: 5 })).toMatchObject({
      ended: "max-events",
      isPartial: true,
      nrEvents: 5,
    });
    expect(sliced.run({ untilPs: 50 })).toMatchObject({ ended: "until", nowPs: 50 });
    expect(sliced.run()).toMatchObject({ ended: "done", isPartial: false, nowPs: 140 });
    expect(seen).toEqual(expected);
  });

  test("lets time pass for an actor that is alone, as if it had slept", () => {
    const trace = (isQuick: boolean): { seen: string[]; nrEvents: number; nrAlone: number } => {
      const sim = new Sim();
      const seen: string[] = [];
      let nrAlone = 0;
      for (const [name, step] of [
        ["a", 30],
        ["b", 70],
      ] as const) {
        sim.spawn(name, function* () {
          for (let i = 0; i < 9; i++) {
            const isAlone = isQuick && sim.passAlone(step);
            if (isAlone) nrAlone++;
            else yield step;
            seen.push(`${name} ${sim.nowPs}`);
          }
        });
      }
      return { nrEvents: sim.run().nrEvents, seen, nrAlone };
    };
    const [slept, passed] = [trace(false), trace(true)];
    expect(passed.seen).toEqual(slept.seen);
    expect(passed.nrEvents).toBe(slept.nrEvents);
    expect(passed.nrAlone).toBeGreaterThan(4);
    expect(passed.nrAlone).toBeLessThan(passed.seen.length);
  });

  test("does not pass the end of a slice alone", () => {
    const sim = new Sim();
    const passed: boolean[] = [];
    sim.spawn("alone", function* () {
      for (let i = 0; i < 4; i++) {
        passed.push(sim.passAlone(10));
        if (passed.at(-1) === false) yield 10;
      }
    });
    expect(sim.run({ untilPs: 15 })).toMatchObject({ ended: "until", nowPs: 15, nrEvents: 2 });
    expect(passed).toEqual([true, false]);
    expect(sim.run({ maxEvents: 1 })).toMatchObject({ ended: "max-events", nowPs: 20 });
    expect(sim.run()).toMatchObject({ ended: "done", nowPs: 40, nrEvents: 5 });
    expect(passed).toEqual([true, false, false, true]);
  });

  test("refuses a time that is none, also for an actor that is alone", () => {
    const sim = new Sim();
    sim.spawn("odd", function* () {
      if (!sim.passAlone(0.5)) yield 1;
    });
    expect(() => sim.run()).toThrow("pausePs: 0.5");
  });

  test("reports its progress, and stops when it is told to", () => {
    const sim = new Sim();
    sim.spawn("busy", forever);
    const reports: number[] = [];
    const result = sim.run({
      progressEvents: 100,
      onProgress: ({ nrEvents, nowPs }) => {
        reports.push(nrEvents);
        return nowPs < 2500;
      },
    });
    expect(reports).toEqual([100, 200, 300]);
    expect(result).toMatchObject({ ended: "stopped", isPartial: true, nrForeground: 1 });
  });

  test("without actors lasts as long as it is told to", () => {
    const sim = new Sim();
    let nrTicks = 0;
    const clock = sim.timer(() => {
      nrTicks++;
      clock.setAfter(10);
    });
    clock.setAfter(10);
    expect(sim.run({ untilPs: 35 }).ended).toBe("until");
    expect([nrTicks, clock.isSet, clock.cancel(), clock.cancel()]).toEqual([3, true, true, false]);
    expect(sim.run().ended).toBe("done");
  });

  test("cannot be started from inside", () => {
    const sim = new Sim();
    sim.spawn("clever", function* () {
      sim.run();
    });
    expect(() => sim.run()).toThrow("an actor cannot run the simulation it is in");
  });

  test("ends at 2^53 ps, and says who was left", () => {
    const sim = new Sim();
    sim.spawn("slow", function* () {
      for (;;) yield 3600 * PS_PER_S;
    });
    const never = new Signal("a doorbell");
    sim.spawn("waiting", function* (self) {
      yield never.wait(self);
    });
    const error = thrownBy(() => sim.run());
    expect(error).toBeInstanceOf(LimitError);
    expect(error).toMatchObject({ limit: "maxTimePs", value: Number.MAX_SAFE_INTEGER });
    expect(String(error)).toMatch(
      /at most 9007\.199 s; 2\^53 ps is the most.*waiting waits for a doorbell \(fence\) since/,
    );
    expect(sim.nowPs).toBe(7200 * PS_PER_S);
  });

  test("ends at a limit of one's own, which names its option", () => {
    const sim = new Sim({ maxTimePs: 100 });
    sim.spawn("long", function* () {
      yield 101;
    });
    expect(() => sim.run()).toThrow("at most 100 ps; the option maxTimePs raises it");
    expect(sim.run({ untilPs: 100 })).toMatchObject({ ended: "until", nowPs: 100 });
  });
});

describe("a deadlock", () => {
  test("is reported with who waits for what, and who holds it", () => {
    const sim = new Sim();
    const [left, right] = [new Mutex("left"), new RwLock("right")];
    sim.spawn("a", function* (self) {
      yield left.lock(self);
      yield 10;
      yield right.write(self);
    });
    sim.spawn("b", function* (self) {
      yield right.read(self);
      yield 20;
      yield left.lock(self);
    });
    const error = thrownBy(() => sim.run());
    expect(error).toBeInstanceOf(ActorDeadlockError);
    expect(error).toMatchObject({
      cycle: ["a", "b"],
      waiting: [
        { actor: "a", kind: "lock", object: "right for writing", sincePs: 10, holders: ["b"] },
        { actor: "b", kind: "lock", object: "left", sincePs: 20, holders: ["a"] },
      ],
    });
    expect(String(error)).toContain("in a circle: a -> b -> a");
  });

  test("is none when only daemons wait", () => {
    const sim = new Sim();
    const never = new Signal("work");
    const idle = function* (self: import("./actor.ts").Actor): Generator<number, void, number> {
      yield never.wait(self);
    };
    sim.spawn("daemon", idle, { isDaemon: true });
    expect(sim.run().ended).toBe("done");
    sim.spawn("actor", idle);
    expect(() => sim.run()).toThrow("actor waits for work (fence) since 0 ps");
  });
});

test("the ledger says who waited for whom", () => {
  const sim = new Sim();
  const ledger = new WaitLedger(sim);
  const lock = new Mutex("mmap_lock");
  for (const name of ["a", "b", "c"]) {
    sim.spawn(name, function* (self) {
      yield lock.lock(self);
      yield 10;
      lock.unlock(self);
    });
  }
  sim.run();
  const rows = ledger.entries().map(({ waiter, holder, kind, object, stats }) => {
    return [waiter, holder, kind, object, stats.total.toNumber()];
  });
  // Both began to wait while the first held it.
  expect(rows).toEqual([
    ["c", "a", "lock", "mmap_lock", 20],
    ["b", "a", "lock", "mmap_lock", 10],
  ]);
});
