import { ENOMEM } from "@faultline/core";
import { expect, it } from "vitest";
import { pinUserPages, unpinUserPages } from "../gup/pin-user-pages.ts";
import { findWorldProblems } from "../invariants/find-world-problems.ts";
import { BASE, SmallWorld } from "../test-kit/small-world.ts";
import { runToCompletion } from "../verb.ts";
import { sysFork } from "./fork.ts";

it("a fork without memory for its copies leaves nothing behind", () => {
  const small = new SmallWorld({ nodes: [{ nrPages: 2048, cpus: [0] }] });
  const { world, task } = small;
  small.map(900);
  for (let page = 0; page < 900; page++) small.write(page, page + 1);
  const request = { write: true, longterm: true };
  const { pfns } = pinUserPages(world, task, task.mm, BASE, 900, request);
  expect(pfns).toHaveLength(900);
  const [nrFree, nrTables] = [world.buddies[0]?.nrFree, world.tables.nrTables];
  expect(runToCompletion(sysFork(world, task))).toBe(-ENOMEM);
  expect(world.tasks.size).toBe(1);
  expect(world.buddies[0]?.nrFree).toBe(nrFree);
  expect(world.tables.nrTables).toBe(nrTables);
  expect(findWorldProblems(world)).toEqual([]);
  unpinUserPages(world, pfns);
  expect(runToCompletion(sysFork(world, task))).toBeTypeOf("object");
});
