import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  APERTURE_INTERCONNECT,
  APERTURE_LOCAL,
  APERTURE_PCIE_P2P,
  APERTURE_SYSTEM,
  type Aperture,
  DevicePageTable,
  type DeviceTranslation,
} from "./device-page-table.ts";
import { TableArena } from "./table-arena.ts";

type Leaf = Pick<DeviceTranslation, "aperture" | "pfn" | "writable" | "atomic">;

const APERTURES: readonly Aperture[] = [
  APERTURE_LOCAL,
  APERTURE_INTERCONNECT,
  APERTURE_PCIE_P2P,
  APERTURE_SYSTEM,
];

const create = (): DevicePageTable => new DevicePageTable(new TableArena(5), 4);

describe("DevicePageTable", () => {
  test("an aligned block gets one large leaf, the rest single pages", () => {
    const table = create();
    table.map(30, 40, APERTURE_LOCAL, 1022, { writable: true });
    expect([31, 32, 63, 64].map((page) => table.lookup(page)?.leafPages)).toEqual([1, 32, 32, 1]);
    expect(table.lookup(69)?.pfn).toBe(1022 + 39);
  });

  test("a block whose frames are not aligned is mapped page by page", () => {
    const table = create();
    table.map(32, 32, APERTURE_SYSTEM, 5, { writable: false });
    expect(table.lookup(40)).toEqual({
      aperture: APERTURE_SYSTEM,
      writable: false,
      atomic: false,
      pfn: 13,
      leafPages: 1,
    });
  });

  test("agrees with a map of pages, whatever is mapped and unmapped", () => {
    const operation = fc.record({
      page: fc.nat(200),
      nrPages: fc.integer({ min: 1, max: 120 }),
      aperture: fc.constantFrom(null, ...APERTURES),
      pfn: fc.oneof(
        fc.nat(2000),
        fc.nat(60).map((block) => block * 32),
      ),
      writable: fc.boolean(),
      atomic: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 20 }), (operations) => {
        const table = create();
        const model = new Map<number, Leaf>();
        for (const { page, nrPages, aperture, pfn, writable, atomic } of operations) {
          if (aperture === null) table.unmap(page, nrPages);
          else table.map(page, nrPages, aperture, pfn, { writable, atomic });
          for (let i = 0; i < nrPages; i++) {
            if (aperture === null) model.delete(page + i);
            else model.set(page + i, { aperture, pfn: pfn + i, writable, atomic });
          }
        }
        const visited: number[] = [];
        table.forEach(10, 2 ** 40, (page, nrPages, leaf) => {
          for (let i = 0; i < nrPages; i++) visited.push(page + i, leaf.pfn + i);
        });
        const inOrder = [...model].filter(([page]) => page >= 10).toSorted(([a], [b]) => a - b);
        expect(visited).toEqual(inOrder.flatMap(([page, leaf]) => [page, leaf.pfn]));
        for (let page = 0; page < 330; page++) {
          const found = table.lookup(page);
          const expected = model.get(page);
          if (expected === undefined) expect(found).toBeNull();
          else expect(found).toMatchObject(expected);
        }
      }),
    );
  });
});
