// The fault paths ask the world for its page geometry, so they work in every one of them.
import { PAGE_GEOMETRIES, VM_HUGEPAGE } from "@faultline/core";
import { expect, test } from "vitest";
import { SmallWorld } from "../test-kit/small-world.ts";

test.each(PAGE_GEOMETRIES)("$name: first touch, huge leaf, fork and copy", (geometry) => {
  const nrPages = 16 * 2 ** geometry.maxPageOrder;
  const small = new SmallWorld({ geometry, nodes: [{ nrPages, cpus: [0] }] });
  const { blockPages } = small.world;
  small.map(2 * blockPages, { flags: VM_HUGEPAGE });
  small.map(4, { at: 2 * blockPages });
  small.watch();
  const last = blockPages - 1;
  expect([small.read(0), small.write(last, 5), small.write(2 * blockPages, 6)]).toEqual([0, 0, 0]);
  expect([small.leaf(0), small.leaf(blockPages), small.leaf(2 * blockPages)]).toEqual([
    "H(w,ax)",
    "empty",
    "P(w,ax)",
  ]);
  expect(small.events).toEqual([`CLEAR 0-${blockPages}`]);

  const child = small.fork();
  small.write(last, 7, child);
  small.write(2 * blockPages, 8, child);
  expect([small.leaf(0), small.leaf(last, child), small.leaf(0, child)]).toEqual([
    "H(r)",
    "P(w,ax)",
    "P(r)",
  ]);
  expect([small.content(last), small.content(last, child)]).toEqual([5, 7]);
  expect([small.content(2 * blockPages), small.content(2 * blockPages, child)]).toEqual([6, 8]);
});
