import {
  APERTURE_LOCAL,
  APERTURE_SYSTEM,
  createOwnerSpace,
  EACCES,
  EFAULT,
  ENOENT,
  EOPNOTSUPP,
  MEMORY_DEVICE_PCI_P2PDMA,
  type PciDev,
} from "@faultline/core";
import {
  assertWorldConsistent,
  HMM_PFN_VALID,
  HmmRange,
  pciP2pdmaDistance,
} from "@faultline/engine";
import { describe, expect, test } from "vitest";
import { takeDeviceFolio } from "../device/device-folio.ts";
import { checkPages } from "../drm/check-pages.ts";
import { scanRange } from "../drm/scan-mm.ts";
import { BASE } from "../test-kit/small-system.ts";
import { XeCards } from "../test-kit/xe-cards.ts";

const SEPARATE = { host: "none", iommu: "translate" } as const;

/** Frames by letter: `a` and `b` of the first card, two allocations; `c` of the second; `r` RAM. */
function rangeOf(cards: XeCards, letters: string) {
  const { system, world, task } = cards.small;
  const [first, second] = cards.stacks.map(({ attached }) => attached);
  if (first === undefined || second === undefined) throw new Error("two cards are needed");
  const frames = new Map([
    ["a", takeDeviceFolio(system, first, 0)],
    ["b", takeDeviceFolio(system, first, 0)],
    ["c", takeDeviceFolio(system, second, 0)],
    ["r", task.mm.pageTable.val(BASE)],
  ]);
  const range = new HmmRange({ mm: task.mm, start: BASE, end: BASE + letters.length });
  letters.split("").forEach((letter, i) => {
    range.pfns[i] = frames.get(letter) ?? 0;
    range.flags[i] = letter === "." ? 0 : HMM_PFN_VALID;
  });
  const allocations = new Map(
    ["a", "b", "c"].map((one) => [
      frames.get(one),
      { start: BASE, nrPages: 1, timesliceEndPs: 0, nrUsed: 1 },
    ]),
  );
  return { world, range, target: first.pgmap, allocationOf: (pfn: number) => allocations.get(pfn) };
}

test.each([
  ["aa", false, false, 0],
  ["rr", false, false, 0],
  ["ab", false, false, -EOPNOTSUPP],
  ["ab", true, false, 0],
  ["ac", false, false, -EOPNOTSUPP],
  ["ac", true, false, -EOPNOTSUPP],
  ["arc", true, false, -EOPNOTSUPP],
  ["ar", false, false, -EOPNOTSUPP],
  ["ra", false, false, -EOPNOTSUPP],
  ["ar", true, false, 0],
  ["rr", false, true, -EFAULT],
  ["ar", false, true, -EOPNOTSUPP],
  ["ar", true, true, -EFAULT],
])("pages %s, mixing %s, device memory only %s: %i", (letters, mixedAllowed, devmemOnly, rc) => {
  const { world, range, allocationOf } = rangeOf(new XeCards(), letters);
  expect(checkPages(world, range, { mixedAllowed, devmemOnly, allocationOf })).toBe(rc);
});

test("a P2P page, as another driver would map it, is refused, mixing or not", () => {
  const cards = new XeCards({ designs: { "hmm.p2pOp": "v2" } });
  const { world, range, allocationOf } = rangeOf(cards, "r");
  const { attached } = cards.stack(0);
  const frame = takeDeviceFolio(cards.small.system, attached, 0);
  range.pfns[0] = attached.aliases?.aliasOf(frame) ?? 0;
  expect(world.frames.pgmapOf(range.pfns[0] ?? 0)?.type).toBe(MEMORY_DEVICE_PCI_P2PDMA);
  for (const mixedAllowed of [false, true]) {
    const rules = { mixedAllowed, devmemOnly: false, allocationOf };
    expect(checkPages(world, range, rules)).toBe(-EOPNOTSUPP);
  }
});

test.each([
  ["ab", "EQUAL"],
  ["cc", "OTHER"],
  ["rr", "SYSTEM"],
  ["ac", "MIXED_DEVICE"],
  ["ar", "MIXED"],
  ["a.", "UNPOPULATED"],
])("a scan of %s says %s", (letters, answer) => {
  const { world, range, target } = rangeOf(new XeCards(), letters);
  expect(scanRange(world, range, target)).toBe(answer);
});

/** What the page is, the preferred location, and then: copies, where it is. */
test.each([
  ["absent", "default", [], "gpu1"],
  ["absent", "gpu0", [], "gpu0"],
  ["absent", "system", [], "system"],
  ["system", "default", ["system to gpu1"], "gpu1"],
  ["system", "gpu0", ["system to gpu0"], "gpu0"],
  ["system", "system", [], "system"],
  ["own", "default", [], "gpu1"],
  ["own", "gpu0", ["gpu1 to gpu0"], "gpu0"],
  ["own", "system", ["gpu1 to system"], "system"],
  ["peer", "default", ["gpu0 to gpu1"], "gpu1"],
  ["peer", "gpu0", [], "gpu0"],
  ["peer", "system", ["gpu0 to system"], "system"],
  ["foreign", "default", ["gpu0 to system", "system to gpu1"], "gpu1"],
  ["foreign", "system", ["gpu0 to system"], "system"],
] as const)("page %s, preferred %s: copies %j, then on %s", (now, preferred, copies, place) => {
  const cards = new XeCards(now === "foreign" ? SEPARATE : {});
  const at = now === "absent" ? 512 : 0;
  if (now === "own") cards.access(1, "read");
  if (now === "peer" || now === "foreign") cards.access(0, "read");
  const isDevice = preferred === "gpu0";
  const preferredLocation = isDevice ? cards.small.device(preferred) : preferred;
  expect(cards.advise(1, { preferredLocation })).toBe(0);
  cards.copies();
  const verb = cards.accessing(1, "write", 5, 1, at);
  const seen = new Set<string>();
  // The log of effort is short: it is read at each wait.
  for (let step = verb.next(); ; step = verb.next()) {
    for (const way of cards.copies()) seen.add(way);
    if (step.done !== true) continue;
    expect(step.value.rc).toBe(0);
    break;
  }
  expect(cards.place(at)).toBe(place);
  expect(seen).toEqual(new Set(copies));
  expect(cards.access(1, "read", 0, 1, at).values).toEqual([5]);
});

test("with no owner a fault leaves no page of the chunk in device memory", () => {
  const cards = new XeCards();
  cards.access(0, "read");
  cards.advise(0, { preferredLocation: "system" });
  cards.access(0, "read", 0, 1);
  const places = new Set(Array.from({ length: 512 }, (_, at) => cards.place(at)));
  expect([...places].toSorted()).not.toContain("gpu0");
});

describe("faults that cannot be served", () => {
  test("no mapping: -ENOENT", () => {
    expect(new XeCards().access(0, "read", 0, 1, 4096).rc).toBe(-ENOENT);
  });

  test("an atomic that only the CPU may do: -EACCES, and nothing moves", () => {
    const cards = new XeCards();
    cards.advise(0, { atomic: "cpu" });
    expect(cards.access(0, "atomic", 1).rc).toBe(-EACCES);
    expect(cards.place(0)).toBe("system");
  });
});

test("a chunk larger than the card stays in system memory, whole and consistent", () => {
  const devices = [{ name: "gpu0", memoryMib: 4 }, { name: "gpu1" }];
  const cards = new XeCards({ devices }, { "xe.chunkSizes": [8 * 2 ** 20, 4096] });
  cards.small.fill(300);
  const values = Array.from({ length: 300 }, (_, i) => 100 + i);
  expect(cards.access(0, "read", 0, 300)).toMatchObject({ rc: 0, values });
  expect([cards.place(0), cards.place(299), cards.aperture(0)]).toEqual([
    "system",
    "system",
    APERTURE_SYSTEM,
  ]);
  expect(cards.stack(0).allocations.all()).toEqual([]);
  for (const stack of cards.stacks) stack.close(stack.open(cards.small.task.mm));
  assertWorldConsistent(cards.small.world);
});

test("a VM in another group than its own card's memory finds that foreign", () => {
  const cards = new XeCards();
  const vm = cards.stack(0).vm(cards.small.task.mm);
  // As after a member of an earlier group has left, which the VM fits and the pagemap had not.
  vm.peer.owner = createOwnerSpace("an earlier group");
  cards.copies();
  expect(cards.access(0, "read")).toMatchObject({ rc: 0 });
  expect([cards.place(0), cards.aperture(0)]).toEqual(["system", APERTURE_SYSTEM]);
  expect(cards.stack(0).stats.values.get("svm_2M_migrate_count")).toBeGreaterThan(0);
  expect(cards.access(0, "atomic", 5).rc).not.toBe(0);
  expect(cards.place(0)).not.toBe("gpu1");
});

test("who joins first decides about groups, and never about ways through PCI", () => {
  const devices = ["gpu0", "gpu1", "gpu2"].map((name) => ({ name }));
  for (const spec of [{}, SEPARATE, { host: "zen", iommu: "translate" } as const]) {
    const seen = new Set<string>();
    for (const order of [devices, devices.toReversed()]) {
      const { system } = new XeCards({ ...spec, devices: order }).small;
      const { pci } = system.machine;
      const fns = devices.map(({ name }) => {
        return system.machine.devices.find((one) => one.name === name)?.initiators[0] as PciDev;
      });
      const hops = fns.map((from) => fns.map((to) => pciP2pdmaDistance(pci, from, to.dev)));
      seen.add(JSON.stringify(hops));
    }
    expect(seen.size).toBe(1);
  }
});

test("a card whose memory no BAR shows shares with nobody, and its VM is at home with it", () => {
  const devices = [{ name: "gpu0" }, { name: "hidden", windowMib: 0 }, { name: "gpu2" }];
  const cards = new XeCards({ devices });
  const [first, hidden, last] = cards.stacks.map(({ attached }) => attached.owner);
  expect([first === last, hidden === first]).toEqual([true, false]);
  expect(cards.driver.join(cards.small.device("hidden")).owner).toBe(hidden);
  expect(cards.access(1, "read").rc).toBe(0);
  expect([cards.place(0), cards.aperture(1)]).toEqual(["hidden", APERTURE_LOCAL]);
});
