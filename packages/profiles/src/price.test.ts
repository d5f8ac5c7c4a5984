import {
  EFFORT_FAULT_ENTRY,
  EFFORT_FOLIO_ALLOC,
  EFFORT_PAGE_COPY,
  EFFORT_PAGE_ZERO,
  EFFORT_PLACE_DEVICE,
  EFFORT_PTE_SET,
  EFFORT_PTE_WALK,
  EFFORT_TLB_FLUSH,
  type EffortItem,
} from "@faultline/core";
import { describe, expect, test } from "vitest";
import { loadProfile } from "./load-profile.ts";
import { operationSchema } from "./operation-schema.ts";
import { addCopy, addEffort, addStage, noTime, priceOperation, shareAssumed } from "./price.ts";
import {
  effortSlot,
  PRICE_ORIGINS,
  type PriceTable,
  priceTable,
  stageSlot,
} from "./price-table.ts";

const measured = (value: number, unit: string): string =>
  `{ kind: measured, value: ${value}, unit: ${unit}, source: example }`;

const TEXT = `
version: 1
id: example
title: Round numbers
vendor: none
hardware: none
stack: uvm
costs:
  deliver:
    per_fault: ${measured(4, "us")}
  fetch:
    per_batch: ${measured(20, "us")}
    per_fault: { kind: assumed, low: 0.5, high: 2, unit: us, reason: example }
  range_fault:
    per_page: ${measured(20, "ns")}
    covers: [pte_walk, lock]
  copy:
    to_device:
      latency: ${measured(2, "us")}
      bandwidth: ${measured(10, "GB/s")}
    to_system:
      points:
        - { size: 4KiB, time: ${measured(2, "us")} }
        - { size: 64KiB, time: ${measured(8, "us")} }
        - { size: 128KiB, time: ${measured(16, "us")} }
effort:
  fault_entry:
    per_unit: ${measured(800, "ns")}
  pte_set:
    per_unit: ${measured(30, "ns")}
    per_huge_unit: ${measured(300, "ns")}
  page_zero:
    per_item: ${measured(500, "ns")}
    bandwidth: ${measured(16.384, "GB/s")}
  page_copy:
    bandwidth: ${measured(8.192, "GB/s")}
  tlb_flush:
    per_unit: ${measured(100, "ns")}
    per_cpu: ${measured(400, "ns")}
    per_secondary: ${measured(9, "us")}
`;

function example(): PriceTable {
  const { profile, diagnostics } = loadProfile(TEXT, "example.yaml");
  if (profile === null) throw new Error(diagnostics[0]?.message);
  return priceTable(profile);
}

const table = example();

function item(kind: number, count: number, rest: Partial<EffortItem> = {}): number {
  const time = noTime();
  addEffort(table, time, { kind, count, order: 0, from: 0, to: 0, ...rest });
  return time.totalPs;
}

describe("a price table", () => {
  test("holds integer picoseconds at the slots of stages and bases", () => {
    expect(table.stagePs[stageSlot("deliver", "per_fault")]).toBe(4_000_000);
    expect(table.stagePs[stageSlot("range_fault", "per_page")]).toBe(20_000);
    expect(table.stagePs[stageSlot("replay", "per_batch")]).toBe(0);
    expect(table.effortPs[effortSlot(EFFORT_PTE_SET, "per_huge_unit")]).toBe(300_000);
  });

  test("says beside each price where it is from", () => {
    const origins = [
      table.stageOrigin[stageSlot("deliver", "per_fault")],
      table.stageOrigin[stageSlot("fetch", "per_fault")],
      table.stageOrigin[stageSlot("replay", "per_batch")],
      table.effortOrigin[effortSlot(EFFORT_PTE_WALK, "per_unit")],
    ];
    expect(origins.map((origin) => PRICE_ORIGINS[origin ?? 0])).toEqual([
      "measured",
      "assumed",
      "unpriced",
      "unpriced",
    ]);
  });

  test("turns bytes per second into time per page of the machine", () => {
    const { profile } = loadProfile(TEXT, "example.yaml");
    if (profile === null) throw new Error("no profile");
    const large = priceTable(profile, 65536);
    const slot = effortSlot(EFFORT_PAGE_ZERO, "per_unit");
    expect([table.effortPs[slot], large.effortPs[slot]]).toEqual([250_000, 4_000_000]);
  });

  test("says which kernel effort the costs of a stage contain already", () => {
    const mask = table.stageCovers[4] ?? 0; // range_fault
    expect([mask & (1 << EFFORT_PTE_WALK), mask & (1 << EFFORT_PTE_SET)]).toEqual([1, 0]);
  });
});

describe("kernel effort", () => {
  test("is priced per item and per unit", () => {
    expect(item(EFFORT_FAULT_ENTRY, 1)).toBe(800_000);
    expect(item(EFFORT_PAGE_ZERO, 1)).toBe(750_000);
    expect(item(EFFORT_PAGE_ZERO, 512)).toBe(500_000 + 512 * 250_000);
  });

  test("of a higher order has its own price where the profile gives one", () => {
    expect([item(EFFORT_PTE_SET, 2), item(EFFORT_PTE_SET, 2, { order: 9 })]).toEqual([
      60_000, 600_000,
    ]);
    expect(item(EFFORT_FAULT_ENTRY, 1, { order: 9 })).toBe(800_000);
  });

  test("of a flush counts the other CPUs", () => {
    expect(item(EFFORT_TLB_FLUSH, 1, { from: 0b1 })).toBe(100_000);
    expect(item(EFFORT_TLB_FLUSH, 2, { from: 0b1011 })).toBe(2 * (100_000 + 2 * 400_000));
    expect(item(EFFORT_TLB_FLUSH, 1, { from: 0xffffffff })).toBe(100_000 + 31 * 400_000);
  });

  test("of a flush costs more for each device that is bound to the address space", () => {
    const time = noTime();
    const flush = { kind: EFFORT_TLB_FLUSH, count: 2, order: 0, from: 1, to: 0 };
    addEffort(table, time, flush, 3);
    expect(time.totalPs).toBe(2 * (100_000 + 3 * 9_000_000));
  });

  test("of a copy is the CPU's between nodes and the device's otherwise", () => {
    expect(item(EFFORT_PAGE_COPY, 2)).toBe(1_000_000);
    const device = EFFORT_PLACE_DEVICE + 1;
    expect(item(EFFORT_PAGE_COPY, 1, { to: device })).toBe(2_409_600);
    expect(item(EFFORT_PAGE_COPY, 1, { from: device })).toBe(2_000_000);
    expect(item(EFFORT_PAGE_COPY, 1, { from: device, to: device })).toBe(0);
  });

  test("that has no price takes no time", () => {
    expect(item(EFFORT_FOLIO_ALLOC, 3)).toBe(0);
  });
});

describe("a transfer", () => {
  const ps = (nrBytes: number): number => {
    const time = noTime();
    addCopy(table, time, "to_system", nrBytes);
    return time.totalPs;
  };

  test("between two points is on the line between them", () => {
    expect([ps(4096), ps(65536), ps(98304)]).toEqual([2_000_000, 8_000_000, 12_000_000]);
  });

  test("beyond the last point goes on as before it, and below the first as after it", () => {
    expect(ps(262144)).toBe(32_000_000);
    expect(ps(0)).toBe(1_600_000);
  });
});

describe("an operation", () => {
  const priced = (text: object) => priceOperation(table, operationSchema.parse(text));

  test("adds up its stages, its transfers and its effort", () => {
    const time = priced({
      faults: 3,
      batches: 1,
      pages: 10,
      copies: [{ path: "to_device", size: "40KiB" }],
      effort: { fault_entry: 1 },
      secondary_flushes: 2,
    });
    // 3 x 4 us, 20 us, 3 x 1 us (the middle of 0.5 to 2), 10 x 20 ns, 2 us + 4.096 us, 0.8 us
    // and 2 x 9 us.
    expect(time.totalPs).toBe(12e6 + 20e6 + 3e6 + 0.2e6 + 6.096e6 + 0.8e6 + 18e6);
    expect([...time.stagePs].map((ps) => ps / 1e6)).toEqual([
      0, 12, 23, 0, 0.2, 0, 0, 6.096, 0, 0, 0,
    ]);
    expect(time.effortPs).toBe(18.8e6);
    expect(shareAssumed(time)).toBeCloseTo(3 / 60.096, 12);
  });

  test("can be a few stages only", () => {
    expect(priced({ faults: 1, batches: 1, stages: ["fetch"] }).totalPs).toBe(21e6);
  });

  test("parts of time sum up to the total, by stage and by origin", () => {
    const time = noTime();
    addStage(table, time, "deliver", "per_fault", 2);
    addStage(table, time, "fetch", "per_fault", 2);
    addCopy(table, time, "to_device", 8192);
    addEffort(table, time, { kind: EFFORT_FAULT_ENTRY, count: 1, order: 0, from: 0, to: 0 });
    const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);
    expect(sum(time.stagePs) + time.effortPs).toBe(time.totalPs);
    expect(sum(time.originPs)).toBe(time.totalPs);
  });

  test("of nothing takes no time, of which no share is assumed", () => {
    expect([priced({}).totalPs, shareAssumed(priced({}))]).toEqual([0, 0]);
  });
});
