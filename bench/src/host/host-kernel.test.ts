import { expect, test } from "vitest";
import { missingNode } from "./host-kernel.ts";

test.each([
  ["0-1", null],
  ["0,1", null],
  ["0-7", null],
  ["0", "needs memory on NUMA nodes 0 and 1, and the machine has it on 0"],
  ["0,8", "needs memory on NUMA nodes 0 and 1, and the machine has it on 0,8"],
  ["", "needs memory on NUMA nodes 0 and 1, and the machine has it on "],
  [null, "the kernel knows no NUMA nodes"],
])("with memory on nodes %s, moving pages is missing: %s", (nodes, why) => {
  expect(missingNode(nodes)).toBe(why);
});
