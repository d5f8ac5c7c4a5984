import fc from "fast-check";
import { expect, test } from "vitest";
import { ExactSum } from "./exact-sum.ts";

test("a sum stays exact far beyond 2^53", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 2 ** 52 - 1 }), { maxLength: 50, size: "max" }),
      (values) => {
        const sum = new ExactSum();
        let exact = 0n;
        for (const value of values) {
          sum.add(value);
          exact += BigInt(value);
        }
        expect(sum.toBigInt()).toBe(exact);
        expect(sum.toNumber()).toBe(Number(exact));
      },
    ),
  );
});
