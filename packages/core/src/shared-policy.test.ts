import { describe, expect, test } from "vitest";
import { MPOL_BIND, type Mempolicy } from "./mempolicy.ts";
import { SharedPolicy } from "./shared-policy.ts";

const on = (node: number): Mempolicy => ({ mode: MPOL_BIND, nodes: [node] });

describe("SharedPolicy", () => {
  test("a later policy replaces the middle of an earlier one", () => {
    const policies = new SharedPolicy();
    policies.set(0, 10, on(0));
    policies.set(4, 6, on(1));
    expect([0, 3, 4, 5, 6, 9, 10].map((i) => policies.lookup(i)?.nodes[0])).toEqual([
      0,
      0,
      1,
      1,
      0,
      0,
      undefined,
    ]);
  });

  test("no policy at all is the default again", () => {
    const policies = new SharedPolicy();
    policies.set(0, 10, on(1));
    policies.set(2, 20, null);
    expect([1, 2, 9].map((i) => policies.lookup(i)?.nodes[0])).toEqual([1, undefined, undefined]);
  });
});
