import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Sim } from "../actor/sim.ts";
import { type FluidTransfer, fluidEnds } from "../test-kit/fluid-model.ts";
import { LinkSet } from "./link-set.ts";

interface Traffic {
  readonly rates: readonly number[];
  readonly transfers: readonly FluidTransfer[];
}

const PS_PER_MB_UNIT = 1e6;

/** When each transfer ends in the simulation, and the lanes' own account of it. */
function simulate({ rates, transfers }: Traffic): { ends: number[]; bytes: number[] } {
  const sim = new Sim();
  const links = new LinkSet(sim);
  const lanes = rates.map((megabytesPerSec, i) => {
    return links.link({ name: `link ${i}`, megabytesPerSec, latencyPs: 0 }).there;
  });
  const ends: number[] = [];
  transfers.forEach(({ startPs, sizeBytes, lanes: numbers }, at) => {
    const route = links.route(
      `route ${at}`,
      numbers.map((i) => lanes[i] as (typeof lanes)[0]),
    );
    sim.spawn(`transfer ${at}`, function* (self) {
      yield startPs;
      yield route.transfer(self, sizeBytes);
      ends[at] = sim.nowPs;
    });
  });
  sim.run();
  expect(lanes.map(({ nrFlows }) => nrFlows)).toEqual(rates.map(() => 0));
  return { ends, bytes: lanes.map(({ bytes }) => bytes) };
}

function traffic(nrLanes: number): fc.Arbitrary<Traffic> {
  const lanes = fc.uniqueArray(fc.nat(nrLanes - 1), { minLength: 1, maxLength: 3 });
  const transfer = fc.record({
    startPs: fc.nat(2_000_000),
    sizeBytes: fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 65536 })),
    lanes,
  });
  return fc.record({
    rates: fc.array(fc.integer({ min: 1000, max: 64_000 }), {
      minLength: nrLanes,
      maxLength: nrLanes,
    }),
    transfers: fc.array(transfer, { minLength: 1, maxLength: 30, size: "max" }),
  });
}

function expectedBytes({ rates, transfers }: Traffic): number[] {
  return rates.map((_, lane) => {
    const passing = transfers.filter(({ lanes }) => lanes.includes(lane));
    return passing.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  });
}

/** How far an end is from the fluid model's, in ps, beyond what a number can tell. */
function differences(some: Traffic, ends: readonly number[]): number[] {
  const capacities = some.rates.map((rate) => rate / PS_PER_MB_UNIT);
  return fluidEnds(capacities, some.transfers).map((exact, at) => (ends[at] as number) - exact);
}

describe("fair sharing", () => {
  test("on one link is exact but for 1 ps and 10^-6 byte for each transfer", () => {
    fc.assert(
      fc.property(traffic(1), (some) => {
        const { ends, bytes } = simulate(some);
        expect(bytes).toEqual(expectedBytes(some));
        for (const difference of differences(some, ends)) {
          expect(difference).toBeGreaterThanOrEqual(-0.1);
          expect(difference).toBeLessThanOrEqual(1.1);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("over many links is max-min fair, within 1 ps for each change", () => {
    fc.assert(
      fc.property(traffic(5), (some) => {
        const { ends, bytes } = simulate(some);
        expect(bytes).toEqual(expectedBytes(some));
        // A rounded end can shift what others get on a lane that was not full by as much.
        const bound = 2 * some.transfers.length;
        for (const difference of differences(some, ends)) {
          expect(Math.abs(difference)).toBeLessThanOrEqual(bound);
        }
      }),
      { numRuns: 300 },
    );
  });
});
