import { describe, expect, test } from "vitest";
import { WAIT_LINK_DOWN, WAIT_OK } from "../actor/pause.ts";
import { Sim } from "../actor/sim.ts";
import { WAIT_LINK } from "../wait/wait-kinds.ts";
import { LinkSet, type Link } from "./link-set.ts";
import type { Route } from "./route.ts";

/** 1000 MB/s is 1 byte in 1000 ps. */
const PS_PER_BYTE = 1000;

function oneLink(latencyPs = 0): { sim: Sim; links: LinkSet; link: Link; route: Route } {
  const sim = new Sim();
  const links = new LinkSet(sim);
  const link = links.link({ name: "pcie", megabytesPerSec: 1000, latencyPs });
  return { sim, links, link, route: links.route("to gpu", [link.there]) };
}

/** Starts a transfer at an instant; the array gets the time at which it ended. */
function send(sim: Sim, route: Route, startPs: number, sizeBytes: number, ends: number[]): void {
  const at = ends.length;
  ends.push(-1);
  sim.spawn(`transfer ${at}`, function* (self) {
    yield startPs;
    expect(yield route.transfer(self, sizeBytes)).toBe(WAIT_OK);
    ends[at] = sim.nowPs;
  });
}

describe("worked examples", () => {
  test("one transfer takes its bytes and the latency", () => {
    const { sim, link, route } = oneLink(7);
    const ends: number[] = [];
    send(sim, route, 100, 50, ends);
    sim.run();
    expect(ends).toEqual([100 + 50 * PS_PER_BYTE + 7]);
    expect(link.there).toMatchObject({ bytes: 50, nrTransfers: 1, busyPs: 50 * PS_PER_BYTE });
    expect(route.stats.nrWaits).toBe(0);
  });

  test("nothing takes the latency only", () => {
    const { sim, route } = oneLink(7);
    const ends: number[] = [];
    send(sim, route, 0, 0, ends);
    sim.run();
    expect(ends).toEqual([7]);
  });

  test("two equal transfers get half each and end together", () => {
    const { sim, route } = oneLink();
    const ends: number[] = [];
    send(sim, route, 0, 50, ends);
    send(sim, route, 0, 50, ends);
    sim.run();
    expect(ends).toEqual([100 * PS_PER_BYTE, 100 * PS_PER_BYTE]);
    // Each took 50 bytes' time longer than alone.
    expect(sim.waited[WAIT_LINK]?.toNumber()).toBe(2 * 50 * PS_PER_BYTE);
    expect(route.stats).toMatchObject({ nrWaits: 2, maxPs: 50 * PS_PER_BYTE });
  });

  test("one that joins late shares from then on", () => {
    // 100 bytes alone for 40; then both: the first's 60 need 120, in which the second gets 60 of
    // its 80; its last 20 go alone.
    const { sim, route } = oneLink();
    const ends: number[] = [];
    send(sim, route, 0, 100, ends);
    send(sim, route, 40 * PS_PER_BYTE, 80, ends);
    sim.run();
    expect(ends).toEqual([160 * PS_PER_BYTE, 180 * PS_PER_BYTE]);
  });

  test("three of different sizes end shortest first", () => {
    // 3 × 10 until the first ends, 2 × 20 until the second, 30 alone.
    const { sim, link, route } = oneLink();
    const ends: number[] = [];
    for (const size of [60, 10, 30]) send(sim, route, 0, size, ends);
    sim.run();
    expect(ends).toEqual([100 * PS_PER_BYTE, 30 * PS_PER_BYTE, 70 * PS_PER_BYTE]);
    expect(link.there).toMatchObject({ bytes: 100, maxFlows: 3, busyPs: 100 * PS_PER_BYTE });
    expect(link.there.utilisation(sim.nowPs)).toBe(1);
  });

  test("three that cannot share evenly lose nothing", () => {
    // 1 byte each at 7 MB/s: 3 bytes need 428571.43 ps, and all end within the same ps.
    const sim = new Sim();
    const links = new LinkSet(sim);
    const { there } = links.link({ name: "slow", megabytesPerSec: 7, latencyPs: 0 });
    const route = links.route("slow", [there]);
    const ends: number[] = [];
    for (let i = 0; i < 3; i++) send(sim, route, 0, 1, ends);
    sim.run();
    expect(ends).toEqual([428_572, 428_572, 428_572]);
  });

  test("directions of a duplex link do not share, those of a half duplex link do", () => {
    for (const [isDuplex, expected] of [
      [true, 50],
      [false, 100],
    ] as const) {
      const sim = new Sim();
      const links = new LinkSet(sim);
      const link = links.link({ name: "bus", megabytesPerSec: 1000, latencyPs: 0, isDuplex });
      const ends: number[] = [];
      send(sim, links.route("to", [link.there]), 0, 50, ends);
      send(sim, links.route("from", [link.back]), 0, 50, ends);
      sim.run();
      expect(ends).toEqual([expected * PS_PER_BYTE, expected * PS_PER_BYTE]);
    }
  });

  test("over several hops the tightest decides, and what it leaves goes to others", () => {
    // The narrow lane gives both of its transfers 250 MB/s; the wide one has 750 MB/s left.
    const sim = new Sim();
    const links = new LinkSet(sim);
    const wide = links.link({ name: "wide", megabytesPerSec: 1000, latencyPs: 3 }).there;
    const narrow = links.link({ name: "narrow", megabytesPerSec: 500, latencyPs: 4 }).there;
    const both = links.route("both", [wide, narrow]);
    const ends: number[] = [];
    send(sim, both, 0, 100, ends);
    send(sim, links.route("narrow", [narrow]), 0, 100, ends);
    send(sim, links.route("wide", [wide]), 0, 300, ends);
    sim.run();
    expect(both.latencyPs).toBe(7);
    expect(ends).toEqual([400_007, 400_004, 400_003]);
    expect([wide.bytes, narrow.bytes]).toEqual([400, 200]);
  });

  test("a hop that stores and forwards has the whole before the next begins", () => {
    const sim = new Sim();
    const links = new LinkSet(sim);
    const forwarding = "store-and-forward";
    const first = links.link({ name: "first", megabytesPerSec: 1000, latencyPs: 3, forwarding });
    const second = links.link({ name: "second", megabytesPerSec: 500, latencyPs: 4 });
    const ends: number[] = [];
    send(sim, links.route("both", [first.there, second.there]), 0, 100, ends);
    sim.run();
    expect(ends).toEqual([100_000 + 3 + 200_000 + 4]);
  });
});

describe("a link", () => {
  test("that is down stalls its transfers, and nobody else's", () => {
    const { sim, links, link, route } = oneLink();
    const other = links.link({ name: "other", megabytesPerSec: 1000, latencyPs: 0 });
    const ends: number[] = [];
    send(sim, route, 0, 100, ends);
    send(sim, route, 50_000, 10, ends);
    send(sim, links.route("other", [other.there]), 0, 100, ends);
    sim.timer(() => links.takeDown(link, "stall")).setAfter(40_000);
    sim.timer(() => links.bringUp(link)).setAfter(240_000);
    sim.run();
    // 60 and 10 bytes are left when it comes up: 20 until the second ends, 50 more for the first.
    expect(ends).toEqual([310_000, 260_000, 100_000]);
    expect(link.there.bytes).toBe(110);
  });

  test("that fails ends its transfers with a code, and counts what had passed", () => {
    const { sim, links, link, route } = oneLink();
    const codes: number[] = [];
    for (const startPs of [0, 50_000]) {
      sim.spawn(`from ${startPs}`, function* (self) {
        yield startPs;
        codes.push(yield route.transfer(self, 100), sim.nowPs);
      });
    }
    sim.timer(() => links.takeDown(link, "fail")).setAfter(40_500);
    sim.run();
    expect(codes).toEqual([WAIT_LINK_DOWN, 40_500, WAIT_LINK_DOWN, 50_000]);
    expect([link.there.bytes, link.there.nrTransfers, link.there.nrFlows]).toEqual([40, 0, 0]);
  });

  test("that is down for ever shows in the report of the deadlock", () => {
    const { sim, links, link, route } = oneLink();
    sim.spawn("sender", function* (self) {
      yield route.transfer(self, 1);
    });
    links.takeDown(link, "stall");
    expect(() => sim.run()).toThrow("sender waits for a transfer over to gpu (down: pcie there");
  });

  test("that trains down slows its transfers at once", () => {
    const { sim, links, link, route } = oneLink();
    const ends: number[] = [];
    send(sim, route, 0, 100, ends);
    sim.timer(() => links.setRate(link, 500)).setAfter(50_000);
    sim.run();
    expect(ends).toEqual([50_000 + 100_000]);
  });

  test("shares anew when a transfer is given up", () => {
    const { sim, link, route } = oneLink();
    const ends: number[] = [];
    send(sim, route, 0, 100, ends);
    const loser = sim.spawn("loser", function* (self) {
      yield route.transfer(self, 100);
    });
    sim.timer(() => loser.interrupt("gone")).setAfter(60_000);
    sim.run();
    expect(ends).toEqual([130_000]);
    expect([link.there.bytes, link.there.nrFlows]).toEqual([130, 0]);
  });

  test("is exact through gigabytes, and refuses what it could not be exact about", () => {
    const sim = new Sim();
    const links = new LinkSet(sim);
    const { there } = links.link({ name: "nvlink", megabytesPerSec: 900_001, latencyPs: 0 });
    const route = links.route("nvlink", [there]);
    sim.spawn("large", function* (self) {
      for (let i = 0; i < 5; i++) yield route.transfer(self, 2 ** 32);
    });
    sim.spawn("also large", function* (self) {
      yield 1;
      for (let i = 0; i < 5; i++) yield route.transfer(self, 2 ** 32);
    });
    sim.run();
    const exactPs = (10n * 2n ** 32n * 1_000_000n) / 900_001n + 1n;
    // Each of the ten may end up to 1 ps late.
    expect(Number(BigInt(sim.nowPs) - exactPs)).toBeLessThanOrEqual(10);
    expect(BigInt(sim.nowPs)).toBeGreaterThanOrEqual(exactPs);
    sim.spawn("too large", function* (self) {
      yield route.transfer(self, 2 ** 32 + 1);
    });
    expect(() => sim.run()).toThrow(
      "sizeBytes: 4294967297 is no whole number from 0 to 4294967296",
    );
  });

  test("of another simulation cannot be part of a route", () => {
    const { link } = oneLink();
    const { links } = oneLink();
    expect(() => links.route("wrong", [link.there])).toThrow("a lane is of another set of links");
    expect(() => links.route("none", [])).toThrow("a route has at least one");
  });
});
