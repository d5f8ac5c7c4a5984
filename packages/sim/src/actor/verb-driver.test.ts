import { World } from "@faultline/core";
import {
  mmapWriteLock,
  mmapWriteUnlock,
  PROT_READ,
  PROT_WRITE,
  sysFork,
  sysMmap,
  type Verb,
} from "@faultline/engine";
import { describe, expect, test } from "vitest";
import { PS_PER_US } from "../time/sim-time.ts";
import { WAIT_FENCE, WAIT_LOCK, WAIT_MIGRATION } from "../wait/wait-kinds.ts";
import { Sim } from "./sim.ts";
import { VerbDriver, type VerbHost } from "./verb-driver.ts";

const host: VerbHost = {
  waitPs: (wait) => (host.isSignalled(wait) ? 0 : 2 * PS_PER_US),
  isSignalled: ({ reason }) => reason !== "copy" && reason !== "device",
};
const request = { start: 0x100000, nrPages: 2, prot: PROT_READ | PROT_WRITE, shared: false };

describe("a driven verb", () => {
  test("runs to its end, and its result comes back", () => {
    const sim = new Sim();
    const world = new World();
    const task = world.createTask(0);
    const driver = new VerbDriver(host);
    const actor = sim.spawn("app", function* (self) {
      expect(yield* driver.drive(self, sysMmap(world, task, request))).toBe(0);
      return yield* driver.drive(self, sysFork(world, task));
    });
    sim.run();
    expect(typeof actor.result).toBe("object");
    expect(sim.nowPs).toBe(0);
  });

  test("takes the time that its host says for what time ends", () => {
    const sim = new Sim();
    const driver = new VerbDriver(host);
    sim.spawn("migrate", function* (self) {
      yield* driver.drive(
        self,
        (function* (): Verb {
          yield { reason: "copy", object: null };
          yield { reason: "device", object: null };
          return 0;
        })(),
      );
    });
    expect(sim.run().nowPs).toBe(4 * PS_PER_US);
  });

  test("waits for an object until it is signalled, and looks again", () => {
    const sim = new Sim();
    const driver = new VerbDriver(host);
    let isMigrating = true;
    const toucher = sim.spawn("toucher", function* (self) {
      return yield* driver.drive(
        self,
        (function* (): Verb {
          while (isMigrating) yield { reason: "migration-entry", object: 42 };
          return 7;
        })(),
      );
    });
    sim.spawn("mover", function* () {
      yield 10;
      expect(driver.nrWaiting(42)).toBe(1);
      expect(driver.signal(42)).toBe(1);
      yield 10;
      isMigrating = false;
      driver.signal(42);
      expect(driver.signal("nobody's")).toBe(0);
    });
    sim.run();
    expect([toucher.result, sim.nowPs]).toEqual([7, 20]);
    expect(sim.waited[WAIT_MIGRATION]?.toNumber()).toBe(20);
    expect(driver.stats.get("migration-entry")?.nrWaits).toBe(2);
  });

  test("that waits for an mmap_lock goes on when another verb has released it", () => {
    const sim = new Sim();
    const world = new World();
    const { mm } = world.createTask(0);
    const driver = new VerbDriver(host);
    const got: number[] = [];
    for (let i = 0; i < 3; i++) {
      sim.spawn(`writer ${i}`, function* (self) {
        yield* driver.drive(
          self,
          (function* (): Verb {
            yield* mmapWriteLock(world, mm);
            got.push(sim.nowPs);
            yield { reason: "copy", object: null };
            mmapWriteUnlock(mm);
            return 0;
          })(),
        );
      });
    }
    sim.run();
    expect(got).toEqual([0, 2 * PS_PER_US, 4 * PS_PER_US]);
    expect(sim.waited[WAIT_LOCK]?.toNumber()).toBe(6 * PS_PER_US);
  });

  test("is ended, with its finally blocks, when its actor is interrupted", () => {
    const sim = new Sim();
    const world = new World();
    const { mm } = world.createTask(0);
    const driver = new VerbDriver(host);
    const holder = sim.spawn("holder", function* (self) {
      yield* driver.drive(
        self,
        (function* (): Verb {
          yield* mmapWriteLock(world, mm);
          try {
            yield { reason: "notifier", object: mm };
          } finally {
            mmapWriteUnlock(mm);
          }
          return 0;
        })(),
      );
    });
    sim.spawn("other", function* () {
      yield 10;
      holder.interrupt("killed");
    });
    sim.run();
    expect([mm.mmapLock.writer, holder.isEnded]).toEqual([false, true]);
    expect(sim.waited[WAIT_FENCE]?.toNumber()).toBe(10);
  });

  test("shows in the report of a deadlock, with the owner that was noted", () => {
    const sim = new Sim();
    const driver = new VerbDriver(host);
    const monitor = sim.spawn("monitor", function* () {
      yield 100;
    });
    driver.setOwner(42, monitor);
    sim.spawn("toucher", function* (self) {
      yield* driver.drive(
        self,
        (function* (): Verb {
          for (;;) yield { reason: "folio-lock", object: 42 };
        })(),
      );
    });
    expect(() => sim.run()).toThrow(
      "toucher waits for folio-lock of 42 (lock) since 0 ps, held by monitor",
    );
  });
});
