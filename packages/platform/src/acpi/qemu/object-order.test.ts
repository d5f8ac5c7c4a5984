import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { objectOrder } from "./object-order.ts";

/** The domains of `gi0`… in the order of the table, when they start at 2. */
function domains(nrObjects: number, backends: readonly string[]): number[] {
  const ids = Array.from({ length: nrObjects }, (_, at) => `gi${at}`);
  return objectOrder([...ids, ...backends])
    .filter((id) => id.startsWith("gi"))
    .map((id) => Number(id.slice(2)) + 2);
}

describe("the order of objects", () => {
  test("is that of real tables with eight and with sixteen objects", () => {
    expect(domains(8, ["m0", "m1"])).toEqual([7, 6, 5, 4, 3, 9, 2, 8]);
    expect(domains(16, ["m0", "m1"])).toEqual([
      11, 14, 17, 3, 6, 9, 12, 15, 4, 7, 10, 13, 16, 2, 5, 8,
    ]);
  });

  test("has every object once, however many there are", () => {
    const id = fc.stringMatching(/^[a-z][a-z0-9.-]{0,8}$/);
    fc.assert(
      fc.property(fc.uniqueArray(id, { maxLength: 300 }), (ids) => {
        expect(objectOrder(ids).toSorted()).toEqual(ids.toSorted());
      }),
    );
  });

  test("can depend on what else is there", () => {
    const ids = ["a", "b", "c", "d", "e", "f", "g"];
    const alone = objectOrder(ids);
    const more = objectOrder([...ids, "m0", "m1"]).filter((id) => ids.includes(id));
    expect(more).not.toEqual(alone);
  });
});
