// The machines with xe cards that storms blow on, with the driver's parameters and the designs that
// it heeds drawn at random. Used by tests only.
import { type Designs, EACCES, EAGAIN, EBUSY } from "@faultline/core";
import fc from "fast-check";
import type { DeviceAdvice } from "../device/device-stack.ts";
import type { XeKnobs } from "../xe/xe-knobs.ts";
import { XeStack } from "../xe/xe-stack.ts";
import type { StormOptions } from "./driver-storm.ts";
import { advicesOf, machineOf, NIC, type StormCase } from "./storm-machines.ts";
import { BASE } from "./small-system.ts";
import { STORM_PAGES } from "./storm-process.ts";
import type { StormDevice, StormMachine } from "./storm-scene.ts";
import { keptPages } from "./xe-storm-check.ts";

const KIB = 2 ** 10;
const MIB = 2 ** 20;

const KNOBS: fc.Arbitrary<Partial<XeKnobs>> = fc.record({
  "xe.chunkSizes": fc.constantFrom(
    [2 * MIB, 64 * KIB, 4 * KIB],
    [2 * MIB, 64 * KIB, 4 * KIB],
    [64 * KIB, 4 * KIB],
    [4 * MIB, 4 * KIB],
  ),
  "xe.notifierSize": fc.constantFrom(512 * MIB, 2 * MIB, 64 * KIB),
  "xe.checkThreshold": fc.constantFrom(64 * KIB, 0, 2 * MIB),
  "xe.tries": fc.constantFrom({ normal: 1, vram: 3 }, { normal: 2, vram: 1 }),
  "xe.timesliceMs": fc.constantFrom(5, 0, 1),
  "xe.needs64k": fc.boolean(),
  "xe.atomicsOnSystem": fc.boolean(),
  "xe.allOrNothing": fc.constantFrom(true, true, false),
  "xe.mixedAllowed": fc.constantFrom(false, false, true),
  "xe.madviseAutoreset": fc.boolean(),
});

const DESIGNS: fc.Arbitrary<Partial<Designs>> = fc.record({
  "policy.leaveInPlace": fc.constantFrom("driver", "never", "onFail", "sameGroup", "p2pToo"),
  "policy.onlySystemPages": fc.constantFrom("off", "off", "on"),
  "owner.formation": fc.constantFrom("driver", "driver", "perDevice", "global"),
  "migrate.crossDriver": fc.constantFrom("off", "on"),
});

function card(n: number, fixed: Partial<StormDevice> = {}): fc.Arbitrary<StormDevice> {
  const drawn = fc.record({ memoryMib: fc.constantFrom(4, 16), port: fc.nat(1), knobs: KNOBS });
  return drawn.map((rest) => ({ name: `xe${n}`, stack: "xe", ...rest, ...fixed }));
}

function withDesigns(machines: fc.Arbitrary<StormMachine>): fc.Arbitrary<StormMachine> {
  return fc
    .tuple(machines, DESIGNS)
    .map(([machine, designs]) => ({ ...machine, designs: { ...machine.designs, ...designs } }));
}

const ADVICES: readonly DeviceAdvice[] = [
  { preferredLocation: "system" },
  { preferredLocation: "default" },
  { atomic: "undefined" },
  { atomic: "device" },
  { atomic: "global" },
  { atomic: "cpu" },
  { patIndex: 3 },
  { purgeable: "dontneed" },
  { migrationPolicy: "onlySystem" },
];

const options: StormOptions = {
  // Longer than a timeslice that was doubled as often as the tries of an atomic allow.
  patienceMs: 1000,
  advices: (stack) => {
    if (!(stack instanceof XeStack)) return advicesOf(stack);
    const devices = stack.driver.stacks.map(({ attached }) => attached.device);
    return [...ADVICES, ...devices.map((preferredLocation) => ({ preferredLocation }))];
  },
  refusals: (stack) => {
    // A card keeps what the NIC needs, and the clock stands still meanwhile.
    if (!(stack instanceof XeStack)) return [-EBUSY];
    // -EACCES: an atomic where the attributes or the memory forbid it. -EAGAIN: a card too small
    // for the chunk that an atomic needs there. -EBUSY: another card keeps it, or the mapping was
    // cut inside the chunk, which then cannot migrate.
    const isBusy = keptPages(stack.driver.stacks).length > 0 || hasCutChunk(stack);
    return isBusy ? [-EACCES, -EAGAIN, -EBUSY] : [-EACCES, -EAGAIN];
  },
};

/** Whether a chunk reaches over the end of a VMA, as after madvise() of a part. */
function hasCutChunk(stack: XeStack): boolean {
  return [...stack.openVms()].some(({ ranges, mirror }) =>
    ranges.overlapping(BASE, STORM_PAGES).some(({ start, nrPages }) => {
      return start + nrPages > (mirror.mm.vmaAt(start)?.vmEnd ?? 0);
    }),
  );
}

function cards(...devices: fc.Arbitrary<StormDevice>[]): StormCase {
  return { machines: withDesigns(machineOf(...devices)), options };
}

/** Every kind of machine. */
export const XE_STORM_CASES: Readonly<Record<string, StormCase>> = {
  "two xe cards": cards(card(0), card(1)),
  "a linked pair of xe cards and one without a window": {
    machines: cards(card(0), card(1), card(2, { windowMib: 0 })).machines.map((machine) => ({
      ...machine,
      links: [["xe0", "xe1"]],
    })),
    options,
  },
  "an integrated xe GPU and a card": cards(card(0, { memoryMib: 0 }), card(1)),
  "an xe card and a NIC": cards(card(0), NIC),
};
