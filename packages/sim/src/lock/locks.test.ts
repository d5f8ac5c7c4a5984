import { describe, expect, test } from "vitest";
import type { Actor } from "../actor/actor.ts";
import { Sim } from "../actor/sim.ts";
import { FolioLocks } from "./folio-locks.ts";
import { Mutex } from "./mutex.ts";
import { RangeLock } from "./range-lock.ts";
import { RwLock } from "./rw-lock.ts";
import { Semaphore } from "./semaphore.ts";

interface Lock {
  readonly take: (self: Actor) => number;
  readonly give: (self: Actor) => void;
}

/** Runs actors that come at an instant, hold a lock for a while, and tell when they got it. */
function contend(visits: readonly (readonly [string, number, number, Lock])[]): string[] {
  const sim = new Sim();
  const log: string[] = [];
  for (const [name, comesPs, holdsPs, { take, give }] of visits) {
    sim.spawn(name, function* (self) {
      yield comesPs;
      yield take(self);
      log.push(`${name} ${sim.nowPs}`);
      yield holdsPs;
      give(self);
    });
  }
  sim.run();
  return log;
}

describe("a mutex", () => {
  test("goes to who has waited longest, and counts waits", () => {
    const mutex = new Mutex("lock");
    const lock = { take: (a: Actor) => mutex.lock(a), give: (a: Actor) => mutex.unlock(a) };
    const log = contend([
      ["a", 0, 10, lock],
      ["b", 2, 10, lock],
      ["c", 1, 10, lock],
    ]);
    expect(log).toEqual(["a 0", "c 10", "b 20"]);
    expect(mutex.stats).toMatchObject({ nrWaits: 2, maxPs: 18 });
    expect(mutex.stats.total.toNumber()).toBe(9 + 18);
  });

  test("is given back by its owner only, and not taken twice", () => {
    const sim = new Sim();
    const mutex = new Mutex("lock");
    sim.spawn("a", function* (self) {
      yield mutex.lock(self);
      expect(() => mutex.lock(self)).toThrow("a already holds lock");
      mutex.unlock(self);
      expect(() => mutex.unlock(self)).toThrow("self: a does not hold lock");
    });
    expect(sim.run().ended).toBe("done");
  });
});

describe("a reader/writer lock", () => {
  function locks(): { rw: RwLock; read: Lock; write: Lock } {
    const rw = new RwLock("mmap_lock");
    return {
      rw,
      read: { take: (a) => rw.read(a), give: (a) => rw.unlockRead(a) },
      write: { take: (a) => rw.write(a), give: (a) => rw.unlockWrite(a) },
    };
  }

  test("lets readers in together, and a writer alone", () => {
    const { read, write } = locks();
    const log = contend([
      ["r1", 0, 10, read],
      ["r2", 5, 10, read],
      ["w", 6, 10, write],
      ["w2", 7, 10, write],
    ]);
    expect(log).toEqual(["r1 0", "r2 5", "w 15", "w2 25"]);
  });

  test("does not starve a writer: readers that come after it queue behind it", () => {
    const { read, write } = locks();
    const stream = Array.from({ length: 8 }, (_, i) => [`r${i}`, 4 * i, 10, read] as const);
    const log = contend([...stream, ["w", 5, 1, write]]);
    // r0 and r1 read until 14; r2 to r7 come later than the writer.
    expect(log.slice(0, 4)).toEqual(["r0 0", "r1 4", "w 14", "r2 15"]);
  });

  test("given to a reader goes to every reader in the queue, also behind writers", () => {
    const { read, write } = locks();
    const log = contend([
      ["w1", 0, 10, write],
      ["r1", 1, 10, read],
      ["w2", 2, 10, write],
      ["r2", 3, 10, read],
    ]);
    expect(log).toEqual(["w1 0", "r1 10", "r2 10", "w2 20"]);
  });

  test("turns a write into a read, and lets readers at the head in, not writers", () => {
    const { rw, read, write } = locks();
    const sim = new Sim();
    const log: string[] = [];
    sim.spawn("w1", function* (self) {
      yield rw.write(self);
      yield 10;
      rw.downgrade(self);
      yield 10;
      rw.unlockRead(self);
    });
    const visitors: [string, Lock][] = [
      ["r", read],
      ["w2", write],
    ];
    for (const [name, { take, give }] of visitors) {
      sim.spawn(name, function* (self) {
        yield 1;
        yield take(self);
        log.push(`${name} ${sim.nowPs}`);
        give(self);
      });
    }
    sim.run();
    expect(log).toEqual(["r 10", "w2 20"]);
    expect([rw.nrReaders, rw.writer]).toEqual([0, null]);
  });

  test("lets readers in when the writer before them gives up", () => {
    const { rw } = locks();
    const sim = new Sim();
    sim.spawn("r1", function* (self) {
      yield rw.read(self);
      yield 100;
      rw.unlockRead(self);
    });
    sim.spawn("w", function* (self) {
      yield 1;
      yield self.within(10, rw.write(self));
    });
    const reader = sim.spawn("r2", function* (self) {
      yield 2;
      yield rw.read(self);
      const at = sim.nowPs;
      rw.unlockRead(self);
      return at;
    });
    sim.run();
    expect(reader.result).toBe(11);
  });

  test("is given back as it was taken", () => {
    const { rw } = locks();
    const sim = new Sim();
    sim.spawn("a", function* (self) {
      yield rw.read(self);
      expect(() => rw.unlockWrite(self)).toThrow("a does not write under mmap_lock");
      rw.unlockRead(self);
      expect(() => rw.unlockRead(self)).toThrow("a does not read under mmap_lock");
    });
    expect(sim.run().ended).toBe("done");
  });
});

describe("a range lock", () => {
  const ranges = (lock: RangeLock, isWrite: boolean, start: number, end: number): Lock => ({
    take: (a) => (isWrite ? lock.write(a, start, end) : lock.read(a, start, end)),
    give: (a) => lock.unlock(a, start, end),
  });

  test("lets what does not overlap go on together", () => {
    const lock = new RangeLock("range");
    const log = contend([
      ["a", 0, 10, ranges(lock, true, 0, 8)],
      ["b", 1, 10, ranges(lock, true, 8, 16)],
      ["c", 2, 10, ranges(lock, true, 4, 12)],
      ["d", 3, 10, ranges(lock, false, 100, 101)],
      ["e", 3, 10, ranges(lock, false, 100, 101)],
    ]);
    expect(log).toEqual(["a 0", "b 1", "d 3", "e 3", "c 11"]);
    expect(lock.nrHeld).toBe(0);
  });

  test("lets nobody pass who wants what an earlier one waits for", () => {
    const lock = new RangeLock("range");
    const log = contend([
      ["reader", 0, 10, ranges(lock, false, 0, 8)],
      ["writer", 1, 10, ranges(lock, true, 0, 8)],
      ["late", 2, 10, ranges(lock, false, 0, 8)],
      ["far", 2, 10, ranges(lock, false, 8, 9)],
    ]);
    expect(log).toEqual(["reader 0", "far 2", "writer 10", "late 20"]);
  });

  test("says which range is waited for and who is in the way", () => {
    const sim = new Sim();
    const lock = new RangeLock("space");
    sim.spawn("a", function* (self) {
      yield lock.write(self, 0, 8);
    });
    sim.spawn("b", function* (self) {
      yield lock.read(self, 4, 12);
    });
    expect(() => sim.run()).toThrow("b waits for [4, 12) of space (lock) since 0 ps, held by a");
  });
});

describe("folio locks", () => {
  test("are one for each folio, and take no memory when nobody holds them", () => {
    const folios = new FolioLocks();
    const of = (pfn: number): Lock => ({
      take: (a) => folios.lock(a, pfn),
      give: (a) => folios.unlock(a, pfn),
    });
    const log = contend([
      ["a", 0, 10, of(1)],
      ["b", 1, 10, of(1)],
      ["c", 1, 10, of(2)],
    ]);
    expect(log).toEqual(["a 0", "c 1", "b 10"]);
    expect([folios.nrHeld, folios.owner(1)]).toEqual([0, null]);
    expect(folios.stats.total.toNumber()).toBe(9);
  });

  test("say which folio is waited for", () => {
    const sim = new Sim();
    const folios = new FolioLocks();
    for (const name of ["a", "b"]) {
      sim.spawn(name, function* (self) {
        yield folios.lock(self, 4711);
      });
    }
    expect(() => sim.run()).toThrow("b waits for folio 4711 (lock) since 0 ps, held by a");
  });
});

describe("a semaphore", () => {
  test("has as many places as it says", () => {
    const pool = new Semaphore("workers", 2);
    const lock = { take: (a: Actor) => pool.acquire(a), give: (a: Actor) => pool.release(a) };
    const log = contend([
      ["a", 0, 10, lock],
      ["b", 0, 20, lock],
      ["c", 0, 10, lock],
      ["d", 0, 10, lock],
    ]);
    expect(log).toEqual(["a 0", "b 0", "c 10", "d 20"]);
    expect([pool.nrTaken, pool.stats.nrWaits]).toEqual([0, 2]);
  });
});

describe("whoever is interrupted while waiting", () => {
  type Case = readonly [string, () => Lock];
  const cases: Case[] = [
    [
      "a mutex",
      () => {
        const mutex = new Mutex("lock");
        return { take: (a) => mutex.lock(a), give: (a) => mutex.unlock(a) };
      },
    ],
    [
      "a reader/writer lock",
      () => {
        const rw = new RwLock("lock");
        return { take: (a) => rw.write(a), give: (a) => rw.unlockWrite(a) };
      },
    ],
    [
      "a range lock",
      () => {
        const range = new RangeLock("lock");
        return { take: (a) => range.write(a, 0, 8), give: (a) => range.unlock(a, 0, 8) };
      },
    ],
    [
      "a folio lock",
      () => {
        const folios = new FolioLocks();
        return { take: (a) => folios.lock(a, 1), give: (a) => folios.unlock(a, 1) };
      },
    ],
    [
      "a semaphore",
      () => {
        const pool = new Semaphore("lock", 1);
        return { take: (a) => pool.acquire(a), give: (a) => pool.release(a) };
      },
    ],
  ];

  test.each(cases)("for %s loses its place, or gives back what it just got", (_, create) => {
    for (const interruptedPs of [5, 10]) {
      const sim = new Sim();
      const { take, give } = create();
      sim.spawn("holder", function* (self) {
        yield take(self);
        yield 10;
        give(self);
        if (interruptedPs === 10) victim.interrupt("now");
      });
      const victim = sim.spawn("victim", function* (self) {
        yield take(self);
        throw new Error("the victim never gets it");
      });
      const next = sim.spawn("next", function* (self) {
        yield take(self);
        const at = sim.nowPs;
        give(self);
        return at;
      });
      if (interruptedPs === 5) sim.timer(() => victim.interrupt("early")).setAfter(5);
      sim.run();
      expect(next.result).toBe(10);
    }
  });
});
