import { describe, expect, test } from "vitest";
import { BASE, SmallWorld } from "../test-kit/small-world.ts";
import { createMigrateVma, MIGRATE_VMA_SELECT_SYSTEM } from "./migrate-vma.ts";
import { migrateVmaFinalize } from "./migrate-pages.ts";
import { migrateVmaSetup } from "./migrate-vma-setup.ts";

/** Four pages, the last one empty, with extra references on some of them. */
function setup(held: readonly number[]): number {
  const small = new SmallWorld();
  const vma = small.map(4);
  for (const page of [0, 1, 2]) small.write(page, 5);
  const { pageTable } = small.task.mm;
  for (const page of held) small.world.frames.addExtraRefs(pageTable.val(BASE + page), 1);
  const flags = MIGRATE_VMA_SELECT_SYSTEM;
  const range = { vma, start: BASE, end: BASE + 4, flags, pgmapOwner: null };
  const args = createMigrateVma(range);
  expect(migrateVmaSetup(small.world, args)).toBe(0);
  migrateVmaFinalize(small.world, args);
  return args.cpages;
}

describe("what migrate_vma_setup() says it has", () => {
  test("counts pages and holes", () => {
    expect(setup([])).toBe(4);
  });

  test("leaves out a page that somebody else holds", () => {
    expect(setup([1])).toBe(3);
  });

  test("counts the hole alone when every page is held", () => {
    expect(setup([0, 1, 2])).toBe(1);
  });
});
