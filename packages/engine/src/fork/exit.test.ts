import { expect, it } from "vitest";
import { SmallWorld } from "../test-kit/small-world.ts";

it("mappings that share upper tables leave none behind", () => {
  const small = new SmallWorld();
  const nrTables = small.world.tables.nrTables;
  const child = small.fork();
  expect(small.world.tables.nrTables).toBe(nrTables + 1);
  // Neighbours in one block, in one table of slots, and far apart.
  for (const at of [0, 64, 4096, 2 ** 20]) small.map(8, { at });
  for (const page of [1, 65, 4097, 2 ** 20]) small.write(page, 1);
  small.exit(small.task);
  expect(small.world.tables.nrTables).toBe(1);
  small.exit(child);
  expect(small.world.tables.nrTables).toBe(0);
});
