import { APERTURE_LOCAL, APERTURE_PCIE_P2P, APERTURE_SYSTEM, EAGAIN } from "@faultline/core";
import {
  cpuAccess,
  PROT_READ,
  PROT_WRITE,
  readPageContent,
  runToCompletion,
  sysFork,
  sysMmap,
  sysMunmap,
} from "@faultline/engine";
import { describe, expect, test } from "vitest";
import { BASE } from "../test-kit/small-system.ts";
import { XeCards } from "../test-kit/xe-cards.ts";
import { findXeProblems } from "./xe-invariants.ts";
import { XE_PPGTT_PTE_DM, xePte } from "./xe-pte.ts";

const MS = 1_000_000_000;
/** The mapping: four chunks of 2 MiB. */
const N = 2048;

const FILLED = [100, 101, 102, 103, 104, 105, 106, 107];

describe("a fault on system memory", () => {
  test("migrates the chunk of 2 MiB and maps it locally", () => {
    const cards = new XeCards();
    expect(cards.access(0, "read")).toMatchObject({ rc: 0, nrFaults: 1, values: FILLED });
    expect([cards.place(0), cards.place(511), cards.place(512)]).toEqual([
      "gpu0",
      "gpu0",
      "nothing",
    ]);
    expect(cards.aperture(0, 511)).toBe(APERTURE_LOCAL);
  });

  test("takes 64 KiB where 2 MiB does not fit and all pages are there, else a page", () => {
    const cards = new XeCards();
    const { small } = cards;
    small.map(40, N + 16);
    small.fill(16, 1, N + 16);
    cards.access(0, "read", 0, 1, N + 16);
    cards.access(0, "read", 0, 1, N + 32);
    const sizes = [N + 16, N + 32].map((at) => {
      return cards
        .stack(0)
        .vm(small.task.mm)
        .ranges.at(BASE + at)?.nrPages;
    });
    expect(sizes).toEqual([16, 1]);
  });

  test("uses the page where it is when the card has no room", () => {
    const cards = new XeCards({ devices: [{ name: "gpu0", memoryMib: 4 }, { name: "gpu1" }] });
    for (const chunk of [0, 1, 2]) {
      expect(cards.access(0, "write", chunk, 1, chunk * 512).rc).toBe(0);
    }
    // The oldest chunk made room for the newest.
    expect([0, 1, 2].map((chunk) => cards.place(chunk * 512))).toEqual(["system", "gpu0", "gpu0"]);
    expect(cards.access(0, "read", 0, 1, 0).values).toEqual([0]);
  });
});

describe("two cards that reach each other", () => {
  test("S1: the second takes the chunk by a direct copy, and maps it locally", () => {
    const cards = new XeCards();
    cards.access(0, "read");
    cards.copies();
    expect(cards.access(1, "read")).toMatchObject({ rc: 0, values: FILLED });
    expect(cards.copies()).toEqual(["gpu0 to gpu1"]);
    expect([cards.place(0), cards.aperture(1)]).toEqual(["gpu1", APERTURE_LOCAL]);
    expect(cards.stack(0).attached.owner).toBe(cards.stack(1).attached.owner);
  });

  test("S2: with the first preferred the second maps its BAR, and nothing moves", () => {
    const cards = new XeCards();
    cards.access(0, "read");
    cards.copies();
    expect(cards.advise(1, { preferredLocation: cards.small.device("gpu0") })).toBe(0);
    expect(cards.access(1, "read")).toMatchObject({ rc: 0, values: FILLED });
    expect([cards.copies(), cards.place(0)]).toEqual([[], "gpu0"]);
    expect(cards.aperture(1)).toBe(APERTURE_PCIE_P2P);
    const { mm } = cards.small.task;
    const mirror = cards.stack(1).open(mm);
    const leaf = mirror.lookup(BASE);
    const address = leaf === null ? null : mirror.addressOf(BASE, leaf);
    const bar = cards.small.device("gpu0").memory?.window?.bar.start ?? 0n;
    expect(address?.space).toBe(cards.small.system.machine.pci.physical);
    expect(BigInt(address?.page ?? 0) << 12n).toBeGreaterThanOrEqual(bar);
    const word = xePte({
      aperture: APERTURE_PCIE_P2P,
      writable: true,
      atomic: false,
      address: bar,
    });
    expect(word & XE_PPGTT_PTE_DM).toBe(0n);
  });

  test("the peer's memory is used in place where the design says so", () => {
    const link = [["gpu0", "gpu1"]] as const;
    for (const [policy, links, place] of [
      ["sameGroup", link, "gpu0"],
      ["sameGroup", [], "gpu1"],
      ["p2pToo", [], "gpu0"],
      ["driver", link, "gpu1"],
    ] as const) {
      const cards = new XeCards({ designs: { "policy.leaveInPlace": policy }, links });
      cards.access(0, "read");
      expect(cards.access(1, "read").values).toEqual(FILLED);
      expect(cards.place(0), policy).toBe(place);
    }
  });

  test("a policy that takes system pages only never pulls a peer's", () => {
    const cards = new XeCards({ designs: { "policy.onlySystemPages": "on" } });
    cards.access(0, "read");
    cards.copies();
    cards.access(1, "read");
    expect(cards.copies()).not.toContain("gpu0 to gpu1");
  });
});

describe("two cards that do not", () => {
  test("S3: no group, and the chunk bounces through system memory", () => {
    const cards = new XeCards({ host: "none", iommu: "translate" });
    expect(cards.stack(0).attached.owner).not.toBe(cards.stack(1).attached.owner);
    cards.access(0, "read");
    cards.copies();
    expect(cards.access(1, "read").values).toEqual(FILLED);
    expect(cards.copies()).toContain("gpu0 to system");
    expect(cards.place(0)).toBe("gpu1");
  });

  test("S4: on a Zen host they are a group again, and a peer's page has an IOVA", () => {
    const cards = new XeCards({ host: "zen", iommu: "translate" });
    cards.access(0, "read");
    cards.advise(1, { preferredLocation: cards.small.device("gpu0") });
    cards.access(1, "read");
    const mirror = cards.stack(1).open(cards.small.task.mm);
    const leaf = mirror.lookup(BASE);
    expect(leaf === null ? null : mirror.addressOf(BASE, leaf)?.space.kind).toBe("iova");
  });

  test("a foreign card cannot be the preferred location", () => {
    const cards = new XeCards({ host: "none", iommu: "translate" });
    expect(cards.advise(1, { preferredLocation: cards.small.device("gpu0") })).toBe(-67);
  });
});

describe("where the attributes want pages", () => {
  test("system: nothing migrates, and local memory comes back", () => {
    const cards = new XeCards();
    cards.access(0, "read");
    expect(cards.advise(0, { preferredLocation: "system" })).toBe(0);
    expect(cards.access(0, "read").values).toEqual(FILLED);
    expect([cards.place(0), cards.aperture(0)]).toEqual(["system", APERTURE_SYSTEM]);
  });

  test("an atomic needs local memory, unless the CPU owns atomics: then it is an error", () => {
    const cards = new XeCards();
    cards.advise(0, { preferredLocation: "system" });
    expect(cards.access(0, "atomic", 7).rc).toBe(0);
    expect([cards.place(0), cards.aperture(0)]).toEqual(["gpu0", APERTURE_LOCAL]);
    const cpu = new XeCards();
    cpu.advise(0, { atomic: "cpu" });
    expect(cpu.access(0, "atomic").rc).toBe(-13);
  });

  test("S14: after an atomic the CPU gets nothing for 5 ms, then the whole chunk", () => {
    const cards = new XeCards();
    cards.access(0, "atomic", 7);
    const { world, task } = cards.small;
    expect(cpuAccess(world, task, BASE, false)).not.toBe(0);
    world.pendingWait = null;
    expect(cards.place(0)).toBe("gpu0");
    cards.host.advance(5 * MS);
    expect(cpuAccess(world, task, BASE, false)).toBe(0);
    expect(readPageContent(world, task.mm, BASE)).toBe(7);
    expect([cards.place(0), cards.place(511)]).toEqual(["system", "system"]);
  });
});

test("another card gets nothing from a page that an atomic keeps, and does not hang", () => {
  const cards = new XeCards({ host: "none", iommu: "translate" });
  cards.access(0, "atomic", 7);
  expect(cards.access(1, "read").rc).toBe(-EAGAIN);
  expect(cards.place(0)).toBe("gpu0");
  cards.host.advance(5 * MS);
  expect(cards.access(1, "read").values).toEqual([7, 7, 7, 7, 7, 7, 7, 7]);
  expect(cards.place(0)).toBe("gpu1");
});

test("what is prefetched after a new mapping took an old one's place stays translated", () => {
  const cards = new XeCards();
  cards.access(0, "read");
  const { world, task } = cards.small;
  const range = { start: BASE, nrPages: 8 };
  runToCompletion(sysMunmap(world, task, range.start, range.nrPages));
  runToCompletion(sysMmap(world, task, { ...range, prot: PROT_READ | PROT_WRITE, shared: false }));
  const stack = cards.stack(0);
  expect(runToCompletion(stack.prefetch(stack.open(task.mm), task, range))).toBe(0);
  expect(cards.access(0, "read", 0, 1, 600).rc).toBe(0);
  expect(findXeProblems(cards.stacks)).toEqual([]);
  expect(cards.access(0, "read")).toMatchObject({ nrFaults: 0, values: [0, 0, 0, 0, 0, 0, 0, 0] });
});

test("S15: a write to an own page that fork made read-only does not reach the child", () => {
  const cards = new XeCards();
  cards.access(0, "read");
  const { world, task } = cards.small;
  const child = runToCompletion(sysFork(world, task));
  if (typeof child === "number") throw new Error(`fork failed: ${child}`);
  expect(cards.access(0, "read").values).toEqual(FILLED);
  expect(cards.access(0, "write", 1).rc).toBe(0);
  expect(cards.access(0, "read").values).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
  for (let i = 0; i < 8; i++) {
    expect(cpuAccess(world, child, BASE + i, false)).toBe(0);
    expect(readPageContent(world, child.mm, BASE + i)).toBe(100 + i);
  }
});
