// First touches: new pages, zero pages, huge pages, and giving them back.
import { heldBytes } from "../held-bytes.ts";
import type { Workload } from "../workload.ts";
import { AddressSpaceUnderTest, BATCH, BatchCursor, NR_PAGES } from "./address-space.ts";

/** `fault/first-touch-4k`, with the bytes the simulator holds per page. */
export function firstTouch(): Workload {
  const space = new AddressSpaceUnderTest();
  space.map();
  const cursor = new BatchCursor(() => {
    space.unmap();
    space.map();
  });
  return {
    name: "fault/first-touch-4k",
    unit: "ns/page",
    nrUnits: BATCH,
    nrBatches: 192,
    prepare: () => cursor.advance(),
    run: () => space.touch(cursor.start, BATCH, true),
    bytesPerPage,
  };
}

/** What a machine with 1 GiB in use holds; the code it runs is compiled by now. */
function bytesPerPage(): number {
  const before = heldBytes();
  const space = new AddressSpaceUnderTest();
  space.map();
  space.writeAll();
  const bytes = heldBytes() - before;
  space.unmap();
  return bytes / NR_PAGES;
}

/** `fault/zero-page-read` */
export function zeroPageRead(): Workload {
  const space = new AddressSpaceUnderTest();
  space.map();
  const cursor = new BatchCursor(() => {
    space.unmap();
    space.map();
  });
  return {
    name: "fault/zero-page-read",
    unit: "ns/page",
    nrUnits: BATCH,
    nrBatches: 192,
    prepare: () => cursor.advance(),
    run: () => space.touch(cursor.start, BATCH, false),
  };
}

/** `fault/thp-2m`: one fault maps 512 pages. */
export function thpFault(): Workload {
  const space = new AddressSpaceUnderTest();
  const blockPages = space.world.blockPages;
  const blocksPerBatch = 16;
  const pages = blocksPerBatch * blockPages;
  space.map();
  const cursor = new BatchCursor(() => {
    space.unmap();
    space.map();
    space.adviseHugepage();
  }, pages);
  return {
    name: "fault/thp-2m",
    unit: "ns/op",
    nrUnits: blocksPerBatch,
    nrBatches: 128,
    prepare: () => cursor.advance(),
    run: () => space.touch(cursor.start, pages, true, blockPages),
  };
}

/** `munmap/per-page` of 1 GiB written page by page. */
export function munmap(): Workload {
  const space = new AddressSpaceUnderTest();
  return {
    name: "munmap/per-page",
    unit: "ns/page",
    nrUnits: NR_PAGES,
    nrBatches: 12,
    prepare: () => {
      space.map();
      space.writeAll();
    },
    run: () => space.unmap(),
  };
}
