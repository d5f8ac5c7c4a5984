import {
  APERTURE_SYSTEM,
  type Designs,
  EAGAIN,
  EFFORT_IOPTE_SET,
  EFFORT_IOTLB_SYNC,
  EFFORT_IOVA_ALLOC,
  IOMMU_CACHE,
  IOMMU_MMIO,
  type IommuDomain,
} from "@faultline/core";
import {
  ACCESS_SIGBUS,
  cpuAccess,
  dmaSetMask,
  physicalPage,
  runToCompletion,
  sysMunmap,
} from "@faultline/engine";
import { describe, expect, test } from "vitest";
import { BASE, type SmallSystemSpec } from "../test-kit/small-system.ts";
import { XeCards } from "../test-kit/xe-cards.ts";
import { findXeProblems } from "../xe/xe-invariants.ts";

const TRANSLATED = { host: "zen", iommu: "translate" } as const;
const SYSTEM = { "policy.preferred": "system" } as const;

function cardsWith(
  twoStep: Designs["dma.twoStep"],
  spec: Partial<SmallSystemSpec> = {},
  knobs: ConstructorParameters<typeof XeCards>[1] = {},
): XeCards {
  return new XeCards({ ...TRANSLATED, ...spec, designs: { "dma.twoStep": twoStep } }, knobs);
}

function domainOf(cards: XeCards, n: number): IommuDomain {
  const [fn] = cards.stack(n).attached.device.initiators;
  const domain = fn?.dev.iommu;
  if (domain === undefined || domain === null) throw new Error("the card has no domain");
  return domain;
}

/** What a card's counters, its domain and the log of effort say: reservations, entries, flushes. */
function spent(cards: XeCards, n = 0) {
  const { values } = cards.stack(n).stats;
  const { nrAllocs, nrSyncs, nrEntries } = domainOf(cards, n);
  const { totals } = cards.small.world.effort;
  return {
    counted: [values.get("iova_reservations") ?? 0, values.get("iotlb_syncs") ?? 0],
    domain: [nrAllocs, nrEntries, nrSyncs],
    effort: [EFFORT_IOVA_ALLOC, EFFORT_IOPTE_SET, EFFORT_IOTLB_SYNC].map((kind) => totals[kind]),
  };
}

/** Runs a fault up to the moment in which the copy engine works, and hands on what follows. */
function atCopy(cards: XeCards, n: number, look: () => void): void {
  const verb = cards.accessing(n, "read", 0, 1);
  let nrCopies = 0;
  for (let step = verb.next(); step.done !== true; step = verb.next()) {
    if (step.value.reason !== "copy") continue;
    nrCopies++;
    look();
  }
  expect(nrCopies).toBe(1);
}

describe("a chunk in system memory", () => {
  test("takes IOVAs once, an entry for each page, and one flush", () => {
    const cards = cardsWith("on", {}, SYSTEM);
    expect(cards.access(0, "read").rc).toBe(0);
    const once = { counted: [1, 1], domain: [1, 512, 1], effort: [1, 512, 1] };
    expect(spent(cards)).toEqual(once);
    const mirror = cards.stack(0).open(cards.small.task.mm);
    const pages = [0, 1, 511].map((at) => {
      const leaf = mirror.lookup(BASE + at);
      return leaf === null ? -1 : (mirror.addressOf(BASE + at, leaf)?.page ?? -1);
    });
    expect(pages.map((page) => page - (pages[0] ?? 0))).toEqual([0, 1, 511]);
    expect(cards.aperture(0)).toBe(APERTURE_SYSTEM);
    expect(findXeProblems(cards.stacks)).toEqual([]);
  });

  test("takes them page by page without the design, each with its flush", () => {
    const cards = cardsWith("off", {}, SYSTEM);
    cards.access(0, "read");
    expect(spent(cards)).toEqual({
      counted: [512, 512],
      domain: [512, 512, 512],
      effort: [512, 512, 512],
    });
    expect(findXeProblems(cards.stacks)).toEqual([]);
  });

  test.each(["on", "off"] as const)("a huge page is one mapping either way: %s", (twoStep) => {
    const cards = cardsWith(twoStep, { settings: { thpEnabled: "always" } }, SYSTEM);
    cards.access(0, "read", 0, 1, 512);
    expect(spent(cards).counted).toEqual([1, 1]);
  });

  test("loses all of it in one go when part of it changes", () => {
    const cards = cardsWith("on", {}, SYSTEM);
    cards.access(0, "read");
    const { world, task } = cards.small;
    runToCompletion(sysMunmap(world, task, BASE + 100, 1));
    expect(spent(cards)).toEqual({ counted: [1, 2], domain: [1, 0, 2], effort: [1, 1024, 2] });
    expect(cards.stack(0).attached.ownMappings).toEqual(
      new Map(cards.stack(0).attached.device.initiators.map(({ dev }) => [dev, 0])),
    );
  });

  test("gives its IOVAs back: there is always room for the next", () => {
    const cards = cardsWith("on", {}, SYSTEM);
    cards.access(0, "read");
    const mirror = cards.stack(0).open(cards.small.task.mm);
    const first = mirror.lookup(BASE);
    const address = first === null ? null : mirror.addressOf(BASE, first);
    cards.stack(0).vm(cards.small.task.mm).zap(BASE, 512);
    cards.access(0, "read");
    const again = mirror.lookup(BASE);
    expect(again === null ? null : mirror.addressOf(BASE, again)).toEqual(address);
  });

  test.each([null, "identity"] as const)("is not mapped at all with an IOMMU of %s", (iommu) => {
    const cards = cardsWith("on", { iommu }, SYSTEM);
    cards.access(0, "read");
    const mirror = cards.stack(0).open(cards.small.task.mm);
    const leaf = mirror.lookup(BASE);
    expect(leaf === null ? null : mirror.addressOf(BASE, leaf)?.space.kind).toBe("physical");
    expect(cards.stack(0).stats.values.has("iova_reservations")).toBe(false);
    expect(cards.small.world.effort.totals[EFFORT_IOTLB_SYNC]).toBe(0);
  });
});

test("a peer's memory is mapped as device memory, folio by folio, whatever the design", () => {
  for (const [thpEnabled, nrMappings] of [
    ["never", 512],
    ["always", 1],
  ] as const) {
    const cards = cardsWith("on", { settings: { thpEnabled } });
    cards.small.fill(512, 0, 512);
    cards.access(0, "read", 0, 1, 512);
    cards.advise(1, { preferredLocation: cards.small.device("gpu0") });
    expect(cards.access(1, "read", 0, 1, 512).rc).toBe(0);
    expect(spent(cards, 1).counted, thpEnabled).toEqual([nrMappings, nrMappings]);
    const mirror = cards.stack(1).open(cards.small.task.mm);
    const leaf = mirror.lookup(BASE + 512);
    const page = leaf === null ? 0 : (mirror.addressOf(BASE + 512, leaf)?.page ?? 0);
    expect(domainOf(cards, 1).lookup(page)?.prot).toBe(IOMMU_MMIO);
    expect(findXeProblems(cards.stacks)).toEqual([]);
  }
});

describe("a copy", () => {
  test.each([
    ["on", [1, 2]],
    ["off", [512, 1024]],
  ] as const)("from system memory has its source mapped while it runs: %s", (twoStep, counted) => {
    const cards = cardsWith(twoStep);
    cards.small.fill(512);
    atCopy(cards, 0, () => {
      expect(domainOf(cards, 0).nrEntries).toBe(512);
    });
    expect(domainOf(cards, 0).nrEntries).toBe(0);
    expect(spent(cards).counted).toEqual(counted);
  });

  test("to system memory has its target mapped: a CPU's fault, and an eviction", () => {
    const cards = cardsWith("on");
    cards.small.fill(512);
    cards.access(0, "read", 0, 1);
    expect(cpuAccess(cards.small.world, cards.small.task, BASE, false)).toBe(0);
    expect(spent(cards).counted).toEqual([2, 4]);
    const small = cardsWith("on", { devices: [{ name: "gpu0", memoryMib: 4 }] });
    small.small.fill(1536);
    for (const chunk of [0, 1, 2]) small.access(0, "read", 0, 1, chunk * 512);
    expect(small.place(0)).toBe("system");
    expect(spent(small).counted).toEqual([4, 8]);
  });

  test("S4: a push goes to IOVAs of the source's domain that lead into the target's BAR", () => {
    const cards = cardsWith("on");
    cards.small.fill(512);
    cards.access(0, "read", 0, 1);
    const before = domainOf(cards, 0).nrAllocs;
    atCopy(cards, 1, () => {
      const [from, to] = [domainOf(cards, 0), domainOf(cards, 1)];
      expect([from.nrEntries, to.nrEntries]).toEqual([512, 0]);
    });
    expect(domainOf(cards, 0).nrAllocs - before).toBe(512);
    expect(domainOf(cards, 0).nrEntries).toBe(0);
  });

  test("back that cannot be mapped is the end of a program: SIGBUS, and the page stays", () => {
    const cards = new XeCards();
    cards.access(0, "read");
    const [fn] = cards.stack(0).attached.device.initiators;
    if (fn !== undefined) dmaSetMask(fn.dev, 12);
    expect(cpuAccess(cards.small.world, cards.small.task, BASE, false)).toBe(ACCESS_SIGBUS);
    expect(cards.place(0)).toBe("gpu0");
  });

  test("what cannot be mapped does not move, and is not used in place either", () => {
    const cards = new XeCards();
    const [fn] = cards.stack(0).attached.device.initiators;
    if (fn !== undefined) dmaSetMask(fn.dev, 12);
    expect(cards.access(0, "read").rc).toBe(-EAGAIN);
    expect([cards.place(0), cards.aperture(0)]).toEqual(["system", undefined]);
    expect(cards.stack(0).allocations.all()).toEqual([]);
  });
});

test("the entries of a push are those of device memory, and lead to the target's frames", () => {
  const cards = cardsWith("on");
  cards.small.fill(512);
  cards.access(0, "read", 0, 1);
  const domain = domainOf(cards, 0);
  const seen = new Set<number>();
  const prots = new Set<number>();
  const map = domain.map.bind(domain);
  domain.map = (iova, pte) => {
    seen.add(pte.pfn);
    prots.add(pte.prot);
    map(iova, pte);
  };
  cards.access(1, "read", 0, 1);
  const { pageTable } = cards.small.task.mm;
  const { system } = cards.small;
  expect(prots).toEqual(new Set([IOMMU_MMIO]));
  expect(prots.has(IOMMU_CACHE)).toBe(false);
  expect(seen.has(physicalPage(system, pageTable.val(BASE)))).toBe(true);
});
