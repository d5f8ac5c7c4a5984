import { describe, expect, test } from "vitest";
import { Sim } from "../actor/sim.ts";
import { WAIT_CPU } from "../wait/wait-kinds.ts";
import { Cpu } from "./cpu.ts";
import { CpuSet, cpusOf } from "./cpu-set.ts";
import { InterruptLine } from "./interrupt-line.ts";

interface Job {
  readonly name: string;
  readonly atPs: number;
  readonly workPs: number;
  readonly isUrgent?: boolean;
}

/** Runs jobs on a CPU and tells when each was done. */
function runJobs(sim: Sim, cpu: Cpu, jobs: readonly Job[]): Record<string, number> {
  const done: Record<string, number> = {};
  for (const { name, atPs, workPs, isUrgent = false } of jobs) {
    sim.spawn(name, function* (self) {
      yield atPs;
      yield cpu.run(self, workPs, isUrgent);
      done[name] = sim.nowPs;
    });
  }
  sim.run();
  return done;
}

describe("a CPU", () => {
  test("runs one piece of work at a time, in slices when others wait", () => {
    const sim = new Sim();
    const cpu = new Cpu(sim, "cpu 0", 10);
    const done = runJobs(sim, cpu, [
      { name: "a", atPs: 0, workPs: 25 },
      { name: "b", atPs: 5, workPs: 15 },
    ]);
    // a to 10, b to 20, a to 30, b to 35, a to 40.
    expect(done).toEqual({ a: 40, b: 35 });
    expect(cpu).toMatchObject({ workedPs: 40, stolenPs: 0, isIdle: true });
    // a took 15 longer than alone, b 15.
    expect(sim.waited[WAIT_CPU]?.toNumber()).toBe(30);
  });

  test("lets work that is alone run on beyond its slice", () => {
    const sim = new Sim();
    const cpu = new Cpu(sim, "cpu 0", 10);
    const done = runJobs(sim, cpu, [
      { name: "a", atPs: 0, workPs: 100 },
      { name: "b", atPs: 50, workPs: 10 },
    ]);
    // a has had more than its slice when b comes.
    expect(done).toEqual({ a: 110, b: 60 });
  });

  test("runs urgent work first, and goes on with the other where it stood", () => {
    const sim = new Sim();
    const cpu = new Cpu(sim, "cpu 0", 10);
    const done = runJobs(sim, cpu, [
      { name: "a", atPs: 0, workPs: 8 },
      { name: "b", atPs: 1, workPs: 8 },
      { name: "irq thread", atPs: 3, workPs: 5, isUrgent: true },
    ]);
    expect(done).toEqual({ "irq thread": 8, a: 13, b: 21 });
  });

  test("loses time to interrupts, and counts what they stole from work", () => {
    const sim = new Sim();
    const cpu = new Cpu(sim, "cpu 0");
    const timer = sim.timer(() => cpu.interrupt(7));
    timer.setAfter(10);
    const done = runJobs(sim, cpu, [{ name: "a", atPs: 0, workPs: 20 }]);
    expect(done).toEqual({ a: 27 });
    expect(cpu).toMatchObject({ interruptPs: 7, stolenPs: 7, nrInterrupts: 1, workedPs: 20 });
    expect(sim.waited[WAIT_CPU]?.toNumber()).toBe(7);
  });

  test("serves interrupts one after another, and work that comes meanwhile waits", () => {
    const sim = new Sim();
    const cpu = new Cpu(sim, "cpu 0");
    const ends: number[] = [];
    sim.timer(() => ends.push(cpu.interrupt(10), cpu.interrupt(5))).setAfter(100);
    const done = runJobs(sim, cpu, [{ name: "a", atPs: 103, workPs: 1 }]);
    expect(ends).toEqual([110, 115]);
    expect(done).toEqual({ a: 116 });
    expect(cpu).toMatchObject({ interruptPs: 15, stolenPs: 12 });
  });

  test("goes to the next when its work is given up", () => {
    const sim = new Sim();
    const cpu = new Cpu(sim, "cpu 0");
    const long = sim.spawn("long", function* (self) {
      yield cpu.run(self, 1000);
    });
    sim.timer(() => long.cancel()).setAfter(10);
    expect(runJobs(sim, cpu, [{ name: "b", atPs: 5, workPs: 3 }])).toEqual({ b: 13 });
    expect(cpu.workedPs).toBe(13);
  });
});

describe("whoever claims a CPU", () => {
  test("has it from one piece of work to the next, until the slice is over", () => {
    const sim = new Sim();
    const cpu = new Cpu(sim, "cpu 0", 10);
    const done: [string, number][] = [];
    for (const name of ["a", "b"]) {
      sim.spawn(name, function* (self) {
        for (let n = 0; n < 3; n++) {
          yield cpu.claim(self);
          yield cpu.run(self, 4);
          cpu.leave(self);
          done.push([name, sim.nowPs]);
        }
      });
    }
    sim.run();
    // a runs for 10, in the middle of its third piece; then b for 10; then the rest of both.
    expect(done).toEqual([
      ["a", 4],
      ["a", 8],
      ["b", 14],
      ["b", 18],
      ["a", 22],
      ["b", 24],
    ]);
    expect(sim.waited[WAIT_CPU]?.toNumber()).toBe(10 + 10 + 2);
    expect([cpu.workedPs, cpu.isIdle]).toEqual([24, true]);
  });

  test("leaves it to others while it sleeps, and waits for it again", () => {
    const sim = new Sim();
    const cpu = new Cpu(sim, "cpu 0", 100);
    const granted: number[] = [];
    sim.spawn("a", function* (self) {
      yield cpu.claim(self);
      yield cpu.run(self, 5);
      cpu.leave(self);
      yield 5;
      yield cpu.claim(self);
      granted.push(sim.nowPs);
      cpu.leave(self);
    });
    const done = runJobs(sim, cpu, [{ name: "b", atPs: 1, workPs: 20 }]);
    expect([done, granted]).toEqual([{ b: 25 }, [25]]);
  });

  test("is busy until an instant, however much others have of that time", () => {
    const sim = new Sim();
    const cpu = new Cpu(sim, "cpu 0", 10);
    const ends: number[] = [];
    sim.spawn("spinner", function* (self) {
      yield cpu.claim(self);
      yield cpu.spin(self, 50);
      ends.push(sim.nowPs);
      cpu.leave(self);
    });
    const done = runJobs(sim, cpu, [{ name: "b", atPs: 5, workPs: 15 }]);
    // b has the CPU from 10 to 20 and from 30 to 35.
    expect([done, ends]).toEqual([{ b: 35 }, [50]]);
  });

  test("gives it back when it is cancelled", () => {
    const sim = new Sim();
    const cpu = new Cpu(sim, "cpu 0");
    const claimer = sim.spawn("a", function* (self) {
      yield cpu.claim(self);
      try {
        yield cpu.run(self, 1000);
      } finally {
        cpu.leave(self);
      }
    });
    sim.timer(() => claimer.cancel()).setAfter(10);
    expect(runJobs(sim, cpu, [{ name: "b", atPs: 5, workPs: 3 }])).toEqual({ b: 13 });
  });
});

describe("a shootdown", () => {
  const costs = { deliveryPs: 10, handlerPs: 20 };

  test("interrupts the CPUs of the mask, and ends with the last answer", () => {
    const sim = new Sim();
    const cpus = new CpuSet(sim, 4);
    const done: Record<string, number> = {};
    for (const number of [1, 2, 3]) {
      sim.spawn(`work ${number}`, function* (self) {
        yield cpus.cpu(number).run(self, 100);
        done[number] = sim.nowPs;
      });
    }
    sim.timer(() => cpus.cpu(2).interrupt(50)).setAfter(5);
    sim.spawn("sender", function* (self) {
      yield cpus.shootdown(self, 0, 0b0111, costs);
      done["sender"] = sim.nowPs;
    });
    sim.run();
    // CPU 2 serves another interrupt from 5 to 55, then the flush until 75.
    expect(done).toEqual({ 1: 120, 2: 170, 3: 100, sender: 75 });
    expect(cpus).toMatchObject({ nrShootdowns: 1, nrShootdownInterrupts: 2 });
    expect(cpus.cpus.map(({ stolenPs }) => stolenPs)).toEqual([0, 20, 70, 0]);
    expect(cpus.cpu(0).spinPs).toBe(75);
  });

  test("holds the sender's CPU, which still serves interrupts", () => {
    const sim = new Sim();
    const cpus = new CpuSet(sim, 2);
    const done: Record<string, number> = {};
    for (const number of [0, 1]) {
      sim.spawn(`work ${number}`, function* (self) {
        yield cpus.cpu(number).run(self, 100);
        done[`work ${number}`] = sim.nowPs;
      });
      sim.spawn(`sender ${number}`, function* (self) {
        yield cpus.shootdown(self, number, [0, 1], costs);
        done[`sender ${number}`] = sim.nowPs;
      });
    }
    sim.run();
    // Both spin for 30, and each handles the other's interrupt meanwhile.
    expect(done).toEqual({ "work 0": 130, "work 1": 130, "sender 0": 30, "sender 1": 30 });
  });

  test("of nobody else takes no time", () => {
    const sim = new Sim();
    const cpus = new CpuSet(sim, 2);
    sim.spawn("sender", function* (self) {
      yield cpus.shootdown(self, 1, 0b10, costs);
    });
    expect(sim.run().nowPs).toBe(0);
    expect(cpus.nrShootdowns).toBe(0);
  });

  test("has masks of 32 bits or lists", () => {
    expect(cpusOf(0x80000005)).toEqual([0, 2, 31]);
    expect(cpusOf([40, 2, 40])).toEqual([2, 40]);
    expect(() => new CpuSet(new Sim(), 2).cpu(2)).toThrow("there is no cpu 2");
  });
});

test("an interrupt line wakes its thread when the hard handler is done", () => {
  const sim = new Sim();
  const cpu = new Cpu(sim, "cpu 0");
  const line = new InterruptLine(sim, "iopf", cpu, 5);
  const served: [number, number][] = [];
  sim.spawn(
    "irq/iopf",
    function* (self) {
      for (;;) {
        const nr = yield line.wait(self);
        served.push([nr, sim.nowPs]);
        yield cpu.run(self, 10, true);
      }
    },
    { isDaemon: true },
  );
  const done = runJobs(sim, cpu, [
    { name: "raise twice", atPs: 100, workPs: 0 },
    { name: "work", atPs: 90, workPs: 100 },
  ]);
  expect(done["work"]).toBe(190);
  sim.spawn("device", function* () {
    line.raise();
    line.raise();
    yield 7;
    line.raise();
    yield 100;
  });
  sim.run();
  // At 190: handlers end at 195, 200 and 205; the thread works from 195 to 215 with 10 stolen.
  expect(served).toEqual([
    [1, 195],
    [2, 215],
  ]);
  expect([line.nrRaised, cpu.stolenPs]).toEqual([3, 10]);
});
