import { type AddressSpace, type TaskStruct, World } from "@faultline/core";
import { describe, expect, it } from "vitest";
import { allocFolio, zeroFolio } from "../folio/folio-alloc.ts";
import { runToCompletion } from "../verb.ts";
import { createFile } from "./create-file.ts";
import { filemapAddFolio, filemapGetPage } from "./filemap.ts";
import { fileRead, fileWrite } from "./read-write.ts";
import { filePunchHole, fileTruncate } from "./truncate.ts";

interface Setup {
  readonly world: World;
  readonly task: TaskStruct;
  readonly file: AddressSpace;
  readonly head: number;
}

/** A file of 600 pages whose first block is one huge folio; page `i` holds `i + 1`. */
function hugeCached(): Setup {
  const world = new World();
  const task = world.createTask(0);
  const file = createFile(world, "tmpfs", 600);
  const head = allocFolio(world, world.geometry.pmdOrder, 0);
  zeroFolio(world, head);
  filemapAddFolio(world, file, 0, head);
  const tokens = Array.from({ length: 600 }, (_, i) => i + 1);
  runToCompletion(fileWrite(world, task, file, 0, tokens));
  return { world, task, file, head };
}

/** Orders of the folios that cache the pages from `from` on, in the order of the file. */
function ordersFrom({ world, file }: Setup, from: number, to: number): number[] {
  const orders: number[] = [];
  for (let index = from; index < to; ) {
    const pfn = filemapGetPage(world, file, index);
    const order = pfn === 0 ? 0 : world.frames.order(pfn);
    orders.push(pfn === 0 ? -1 : order);
    index += 1 << order;
  }
  return orders;
}

function contentOf({ world, task, file }: Setup, index: number): number {
  const tokens: number[] = [];
  runToCompletion(fileRead(world, task, file, index, 1, tokens));
  return tokens[0] ?? -1;
}

describe("truncating into a huge folio", () => {
  it("keeps halves of the folio in front of the new end", () => {
    const setup = hugeCached();
    runToCompletion(fileTruncate(setup.world, setup.file, 10));
    expect(ordersFrom(setup, 0, 10)).toEqual([3, 1]);
    expect(setup.file.nrCached).toBe(10);
    expect(contentOf(setup, 9)).toBe(10);
  });

  it("cuts at both ends of a punched hole", () => {
    const setup = hugeCached();
    runToCompletion(filePunchHole(setup.world, setup.file, 4, 4));
    const around = ordersFrom(setup, 0, 512);
    expect(around).toEqual([2, -1, -1, -1, -1, 0, 0, 1, 2, 4, 5, 6, 7, 8]);
    expect([contentOf(setup, 3), contentOf(setup, 4), contentOf(setup, 8)]).toEqual([4, 0, 9]);
  });

  it("gives every page back in the end", () => {
    const setup = hugeCached();
    const { world, file } = setup;
    runToCompletion(filePunchHole(world, file, 100, 37));
    runToCompletion(fileTruncate(world, file, 0));
    expect(file.nrCached).toBe(0);
    for (let pfn = setup.head; pfn < setup.head + 512; pfn++) {
      expect(world.frames.extraRefs(pfn)).toBe(0);
    }
    expect(allocFolio(world, world.geometry.pmdOrder, 0)).not.toBe(0);
  });

  it("only clears the pages of a folio that somebody references", () => {
    const setup = hugeCached();
    const { world, file, head } = setup;
    world.frames.addPins(head, 1);
    runToCompletion(filePunchHole(world, file, 4, 4));
    expect(ordersFrom(setup, 0, 512)).toEqual([9]);
    expect([contentOf(setup, 3), contentOf(setup, 4), contentOf(setup, 8)]).toEqual([4, 0, 9]);
  });
});
