// fork, and the write faults that follow it.
import type { TaskStruct } from "@faultline/core";
import type { Workload } from "../workload.ts";
import { AddressSpaceUnderTest, BATCH, BatchCursor, NR_PAGES, START } from "./address-space.ts";

/**
 * `fork/per-page`: the parent owns every page, writable, so that each must be write-protected. With
 * `isShuffled` the frames are in random order, as in a process that has run for long.
 */
export function forkPerPage(isShuffled: boolean): Workload {
  const space = new AddressSpaceUnderTest();
  space.map();
  if (isShuffled) for (const page of shuffledPages()) space.touch(page, 1, true);
  else space.writeAll();
  let child: TaskStruct | null = null;
  return {
    name: isShuffled ? "fork/per-page-shuffled" : "fork/per-page",
    unit: "ns/page",
    nrUnits: NR_PAGES,
    nrBatches: 16,
    prepare: () => {
      if (child !== null) space.exit(child);
      space.writeAll();
    },
    run: () => {
      child = space.fork();
    },
  };
}

/** Every page once, in an order that a fixed generator gives. */
function shuffledPages(): Float64Array {
  const pages = new Float64Array(NR_PAGES);
  // A full-period linear congruence modulo a power of two visits each number exactly once.
  for (let i = 0, x = 1; i < NR_PAGES; i++, x = (x * 1664525 + 1013904223) % NR_PAGES) {
    pages[i] = START + x;
  }
  return pages;
}

/** `cow/copy`: the child still maps the page, so the writer gets a copy. */
export function cowCopy(): Workload {
  const space = new AddressSpaceUnderTest();
  space.map();
  space.writeAll();
  let child: TaskStruct | null = null;
  const cursor = new BatchCursor(() => {
    if (child !== null) space.exit(child);
    child = space.fork();
  });
  return {
    name: "cow/copy",
    unit: "ns/page",
    nrUnits: BATCH,
    nrBatches: 192,
    prepare: () => cursor.advance(),
    run: () => space.touch(cursor.start, BATCH, true),
  };
}

/** `cow/reuse`: the child is gone, so the page becomes writable in place. */
export function cowReuse(): Workload {
  const space = new AddressSpaceUnderTest();
  space.map();
  space.writeAll();
  const cursor = new BatchCursor(() => space.exit(space.fork()));
  return {
    name: "cow/reuse",
    unit: "ns/page",
    nrUnits: BATCH,
    nrBatches: 192,
    prepare: () => cursor.advance(),
    run: () => space.touch(cursor.start, BATCH, true),
  };
}
