import {
  APERTURE_LOCAL,
  APERTURE_PCIE_P2P,
  APERTURE_SYSTEM,
  EBUSY,
  ENOLINK,
  EOPNOTSUPP,
} from "@faultline/core";
import { runToCompletion } from "@faultline/engine";
import { describe, expect, test } from "vitest";
import { bindDrivers } from "../bind-drivers.ts";
import { BASE } from "../test-kit/small-system.ts";
import { XeCards } from "../test-kit/xe-cards.ts";
import { xeLeafAt } from "./xe-leaf.ts";
import { XE_PAGE_PRESENT, XE_PAGE_RW, XE_PDE_PS_2M, XE_PTE_PS64, xePte } from "./xe-pte.ts";

const MS = 1_000_000_000;
const MIB = 2 ** 20;
const FILLED = [100, 101, 102, 103, 104, 105, 106, 107];
const SEPARATE = { host: "none", iommu: "translate" } as const;

describe("what did not migrate", () => {
  /** The second card has too little memory for a chunk of 8 MiB. */
  function small(policy: "driver" | "never" | "onFail") {
    const devices = [{ name: "gpu0" }, { name: "gpu1", memoryMib: 4 }];
    const designs = { "policy.leaveInPlace": policy };
    const cards = new XeCards({ devices, designs }, { "xe.chunkSizes": [8 * MIB, 4096] });
    cards.access(0, "read");
    return cards;
  }

  test.each(["driver", "onFail"] as const)("is used on the peer under %s", (policy) => {
    const cards = small(policy);
    expect(cards.access(1, "read").values).toEqual(FILLED);
    expect([cards.place(0), cards.aperture(1)]).toEqual(["gpu0", APERTURE_PCIE_P2P]);
  });

  test("goes to system memory where a peer's memory is never used in place", () => {
    const cards = small("never");
    expect(cards.access(1, "read").values).toEqual(FILLED);
    expect([cards.place(0), cards.aperture(1)]).toEqual(["system", APERTURE_SYSTEM]);
  });
});

describe("a policy of only system pages", () => {
  const designs = { "policy.onlySystemPages": "on" } as const;

  test("uses a peer's chunk where it is, and does not send it to system memory either", () => {
    const cards = new XeCards({ designs });
    cards.access(0, "read");
    cards.copies();
    expect(cards.access(1, "read").values).toEqual(FILLED);
    expect([cards.copies(), cards.place(0)]).toEqual([[], "gpu0"]);
    expect(cards.aperture(1)).toBe(APERTURE_PCIE_P2P);
  });

  test("still brings an atomic's chunk, by way of system memory", () => {
    const cards = new XeCards({ designs });
    cards.access(0, "read");
    expect(cards.access(1, "atomic", 9).rc).toBe(0);
    expect([cards.place(0), cards.aperture(1)]).toEqual(["gpu1", APERTURE_LOCAL]);
    expect(cards.access(1, "read").values).toEqual([9, 9, 9, 9, 9, 9, 9, 9]);
  });
});

describe("the preferred location of what nobody advised", () => {
  test("local, system and a peer", () => {
    for (const [preferred, place, aperture] of [
      ["local", "gpu1", APERTURE_LOCAL],
      ["system", "system", APERTURE_SYSTEM],
      ["peer:gpu0", "gpu0", APERTURE_PCIE_P2P],
    ] as const) {
      const cards = new XeCards({}, { "policy.preferred": preferred });
      expect(cards.access(1, "read").values).toEqual(FILLED);
      expect([cards.place(0), cards.aperture(1)], preferred).toEqual([place, aperture]);
    }
  });

  test("a peer of another group is not: the chunk comes to the card itself", () => {
    const cards = new XeCards(SEPARATE, { "policy.preferred": "peer:gpu0" });
    cards.access(1, "read");
    expect(cards.place(0)).toBe("gpu1");
  });

  test("advice wins over it", () => {
    const cards = new XeCards({}, { "policy.preferred": "system" });
    cards.advise(1, { preferredLocation: cards.small.device("gpu1") });
    cards.access(1, "read");
    expect(cards.place(0)).toBe("gpu1");
  });
});

describe("a timeslice", () => {
  /** An atomic, while somebody holds a page of its chunk until the first attempt has failed. */
  function heldOnce(): { cards: XeCards; keptMs: number } {
    const cards = new XeCards();
    const { world, task } = cards.small;
    const held = world.frames.head(task.mm.pageTable.val(BASE));
    world.frames.addExtraRefs(held, 1);
    const { stats } = cards.stack(0);
    let nrWaits = 0;
    const verb = cards.accessing(0, "atomic", 7, 1);
    for (let step = verb.next(); step.done !== true; step = verb.next()) {
      const hasBegun = (stats.values.get("svm_2M_migrate_count") ?? 0) > 0;
      if (hasBegun && step.value.reason === "device") nrWaits++;
      // The attempt waits once, for its eviction; the second wait is for the pages' collection.
      if (nrWaits === 2) world.frames.addExtraRefs(held, -1);
      if (nrWaits === 2) nrWaits++;
    }
    const [allocation] = cards.stack(0).allocations.all();
    return { cards, keptMs: ((allocation?.timesliceEndPs ?? 0) - cards.host.now()) / MS };
  }

  test("of an atomic is 5 ms, and nothing else has one", () => {
    const cards = new XeCards();
    cards.access(0, "read");
    expect(
      cards
        .stack(0)
        .allocations.all()
        .map((one) => one.timesliceEndPs),
    ).toEqual([0]);
    const other = new XeCards();
    other.access(0, "atomic", 7);
    const ends = other
      .stack(0)
      .allocations.all()
      .map((one) => one.timesliceEndPs);
    expect(ends).toEqual([5 * MS]);
  });

  test("doubles with the attempt that fails, and with the collection that does", () => {
    const { cards, keptMs } = heldOnce();
    expect(cards.stack(0).stats.values.get("svm_2M_migrate_count")).toBe(2);
    expect(keptMs).toBe(20);
    expect(cards.access(0, "read", 0, 1).values).toEqual([7]);
  });
});

describe("a card that is asked to pull a range", () => {
  function pull(cards: XeCards, by: number, forWhom: number, nrPages = 8): number {
    const stack = cards.stack(by);
    const { task } = cards.small;
    const range = { start: BASE, nrPages };
    return runToCompletion(stack.pullFor(cards.stack(forWhom), stack.open(task.mm), task, range));
  }

  test("takes whole chunks, a peer's directly", () => {
    const cards = new XeCards();
    cards.access(1, "read");
    cards.copies();
    expect(pull(cards, 0, 1)).toBe(0);
    expect([cards.copies(), cards.place(0), cards.place(511)]).toEqual([
      ["gpu1 to gpu0"],
      "gpu0",
      "gpu0",
    ]);
  });

  test("refuses another owner group, unless the design lets requests cross: then by RAM", () => {
    expect(pull(new XeCards(SEPARATE), 0, 1)).toBe(-ENOLINK);
    const designs = { "migrate.crossDriver": "on" } as const;
    const cards = new XeCards({ ...SEPARATE, designs });
    cards.access(1, "read", 0, 1);
    cards.copies();
    expect(pull(cards, 0, 1, 1)).toBe(0);
    expect(cards.place(0)).toBe("gpu0");
    expect(cards.copies()).not.toContain("gpu1 to gpu0");
  });

  test("refuses another driver, unless the design lets requests cross", () => {
    for (const [crosses, rc] of [
      ["off", -EOPNOTSUPP],
      ["on", 0],
    ] as const) {
      const devices = [{ name: "gpu0" }, { name: "gpu1" }, { name: "other" }];
      const designs = { "migrate.crossDriver": crosses };
      const cards = new XeCards({ devices, designs }, {}, ["other"]);
      const device = cards.small.device("other");
      const request = { device, stack: "ideal" as const, knobs: {} };
      const [other] = bindDrivers(cards.small.system, cards.host, [request]);
      if (other === undefined) throw new Error("no driver");
      const stack = cards.stack(0);
      const { task } = cards.small;
      const range = { start: BASE, nrPages: 8 };
      const verb = stack.pullFor(other, stack.open(task.mm), task, range);
      expect(runToCompletion(verb), crosses).toBe(rc);
    }
  });

  test("does not take a peer's under the policy of only system pages", () => {
    const cards = new XeCards({ designs: { "policy.onlySystemPages": "on" } });
    cards.access(1, "read");
    expect(pull(cards, 0, 1)).toBe(-EBUSY);
    expect(cards.place(0)).toBe("gpu1");
  });

  test("takes all of a chunk or nothing", () => {
    const cards = new XeCards();
    const { world, task } = cards.small;
    const held = world.frames.head(task.mm.pageTable.val(BASE));
    world.frames.addExtraRefs(held, 1);
    expect(pull(cards, 0, 1)).toBe(-EBUSY);
    expect([cards.place(0), cards.place(1)]).toEqual(["system", "system"]);
    world.frames.addExtraRefs(held, -1);
    expect(pull(cards, 0, 1)).toBe(0);
  });
});

describe("counters", () => {
  test("say who copied: a card from system memory, a peer that pushes, a CPU's fault", () => {
    const cards = new XeCards({}, { "xe.copyJobBytes": MIB });
    cards.small.fill(512);
    const of = (n: number) => Object.fromEntries(cards.stack(n).stats.values);
    cards.access(0, "read");
    expect(of(0)).toMatchObject({
      svm_pagefault_count: 1,
      svm_2M_pagefault_count: 1,
      svm_2M_migrate_count: 1,
      svm_2M_device_copy_kb: 2048,
      copy_jobs: 2,
    });
    cards.access(1, "read");
    expect(of(0)).toMatchObject({ svm_2M_cpu_copy_kb: 2048, copy_jobs: 4 });
    expect(of(1)["svm_2M_device_copy_kb"]).toBeUndefined();
    cards.small.fill(1);
    expect(of(1)).toMatchObject({ svm_2M_cpu_copy_kb: 2048 });
  });

  test("holes are zeroed, and are no copies", () => {
    const cards = new XeCards();
    cards.access(0, "read");
    expect(cards.stack(0).stats.values.get("svm_2M_device_copy_kb")).toBe(32);
  });
});

describe("leaves", () => {
  test("are as large as the chunk and the addresses allow", () => {
    for (const [sizes, at, size] of [
      [[2 * MIB], 5, "2M"],
      [[64 * 1024, 4096], 5, "64K"],
      [[4096], 5, "4K"],
    ] as const) {
      const cards = new XeCards({}, { "xe.chunkSizes": sizes });
      cards.small.fill(512);
      cards.access(0, "read", 0, 512);
      const vm = cards.stack(0).vm(cards.small.task.mm);
      const leaf = xeLeafAt(cards.stack(0), vm, BASE + at);
      expect(leaf?.size, size).toBe(size);
      expect(leaf?.aperture).toBe(APERTURE_LOCAL);
    }
  });

  test("carry the size and the caching index in bits that depend on the size", () => {
    const plain = {
      aperture: APERTURE_SYSTEM,
      writable: true,
      atomic: false,
      address: 0n,
    } as const;
    const base = XE_PAGE_PRESENT | XE_PAGE_RW;
    expect(xePte(plain)).toBe(base);
    expect(xePte({ ...plain, size: "64K" })).toBe(base | XE_PTE_PS64);
    expect(xePte({ ...plain, size: "2M" })).toBe(base | XE_PDE_PS_2M);
    const all = { ...plain, patIndex: 31 };
    expect(xePte(all)).toBe(base | 0x6000_0000_0000_0098n);
    expect(xePte({ ...all, size: "2M" })).toBe(base | 0x6000_0000_0000_1098n);
  });

  test("take the index from the advice", () => {
    const cards = new XeCards();
    cards.adviseAt(0, { patIndex: 3 }, 0, 512);
    cards.access(0, "read");
    const vm = cards.stack(0).vm(cards.small.task.mm);
    expect(xeLeafAt(cards.stack(0), vm, BASE)?.patIndex).toBe(3);
    expect(xeLeafAt(cards.stack(0), vm, BASE + 512)).toBeNull();
  });
});
