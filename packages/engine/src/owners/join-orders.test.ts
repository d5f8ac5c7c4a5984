import { describe, expect, test } from "vitest";
import { studyJoinOrders } from "./join-orders.ts";
import type { OwnerFormation } from "./owner-formation.ts";

function study(formation: OwnerFormation, names: string, pairs: readonly string[], seed = 1) {
  return studyJoinOrders({
    formation,
    members: names.split(""),
    isConnected: (a, b) => pairs.includes(a + b) || pairs.includes(b + a),
    hiveOf: () => null,
    nrSamples: 500,
    seed,
  });
}

const paw = ["AB", "BC", "CD", "BD"];

describe("a study of join orders", () => {
  test("tries every order of few members and shows a best and a worst one", () => {
    const found = study("greedyClique", "ABCD", paw);
    expect(found).toMatchObject({ nrConnected: 4, nrOrders: 24, isSample: false });
    expect(found.given).toMatchObject({ nrKept: 2, nrUnconnected: 0 });
    expect(found.worst).toMatchObject({ order: ["A", "B", "C", "D"], nrKept: 2 });
    expect(found.best.nrKept).toBe(3);
    const again = study("greedyClique", found.best.order.join(""), paw);
    expect(again.given.nrKept).toBe(3);
    expect(again.given.spaces).toEqual(found.best.spaces);
  });

  test("has the exact mean over all orders", () => {
    // Three in a chain: the middle one goes with whoever of the others comes first, always one.
    expect(study("greedyClique", "ABC", ["AB", "BC"])).toMatchObject({ nrOrders: 6, sumKept: 6 });
  });

  test("draws a sample of many, the same for one seed, with the given order in it", () => {
    const names = "ABCDEFGHIJ";
    const pairs = names
      .split("")
      .flatMap((a, at) => [a + names[(at + 1) % 10], a + names[(at + 2) % 10]]);
    const found = study("greedyClique", names, pairs);
    expect(found).toMatchObject({ nrOrders: 500, isSample: true });
    expect(study("greedyClique", names, pairs)).toEqual(found);
    expect(study("greedyClique", names, pairs, 2).sumKept).not.toBe(found.sumKept);
    expect(found.worst.nrKept).toBeLessThanOrEqual(found.given.nrKept);
    expect(found.best.nrKept).toBeGreaterThanOrEqual(found.given.nrKept);
  });

  test("counts pairs that share without being connected", () => {
    const found = study("global", "ABCD", paw);
    expect(found).toMatchObject({ nrOrders: 1, given: { nrKept: 4, nrUnconnected: 2 } });
  });

  test("of nobody is empty", () => {
    expect(study("greedyClique", "", [])).toMatchObject({ nrOrders: 1, best: { order: [] } });
  });
});
