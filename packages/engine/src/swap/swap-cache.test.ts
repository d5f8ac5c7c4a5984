import { FRAME_DIRTY, FRAME_SWAPCACHE, World } from "@faultline/core";
import { describe, expect, test } from "vitest";
import { allocFolio, folioGet, folioPut } from "../folio/folio-alloc.ts";
import {
  folioAllocSwap,
  folioFreeSwap,
  folioSwapped,
  freeSwapAndCache,
  swapCacheAddFolio,
  swapCacheReplaceFolio,
  swapDevice,
  swapDup,
  swapFree,
} from "./swap-cache.ts";

function setUp(nrSwapPages = 1024): World {
  return new World({ nrSwapPages });
}

describe("the swap cache", () => {
  test("holds one reference for each page of a folio", () => {
    const world = setUp();
    const small = allocFolio(world, 0, 0);
    const large = allocFolio(world, 9, 0);
    expect(folioAllocSwap(world, small)).toBe(true);
    expect(folioAllocSwap(world, large)).toBe(true);
    expect(world.frames.extraRefs(small)).toBe(1);
    expect(world.frames.extraRefs(large)).toBe(512);
    expect(swapDevice(world).nrFree).toBe(1024 - 513);
    expect(world.frames.flags(large) & FRAME_DIRTY).toBe(FRAME_DIRTY);
  });

  test("changes nothing when the device has too few free slots, or there is none", () => {
    const world = setUp(100);
    const large = allocFolio(world, 9, 0);
    expect(folioAllocSwap(world, large)).toBe(false);
    expect(swapDevice(world).nrFree).toBe(100);
    expect(world.frames.flags(large) & FRAME_SWAPCACHE).toBe(0);
    const without = new World();
    expect(folioAllocSwap(without, allocFolio(without, 0, 0))).toBe(false);
  });

  test("keeps a folio while an entry names its slot", () => {
    const world = setUp();
    const head = allocFolio(world, 0, 0);
    folioAllocSwap(world, head);
    const slot = swapDevice(world).slotOfPfn.get(head) as number;
    swapDup(world, slot);
    expect(folioSwapped(world, head)).toBe(true);
    expect(folioFreeSwap(world, head)).toBe(false);
    folioGet(world, head);
    swapFree(world, slot, 1);
    expect(folioFreeSwap(world, head)).toBe(true);
    expect(swapDevice(world).nrFree).toBe(1024);
    expect(folioFreeSwap(world, head)).toBe(false);
    folioPut(world, head);
    expect(world.frames.isFree(head)).toBe(true);
  });

  test("follows a folio to its copy", () => {
    const world = setUp();
    const [src, dst] = [allocFolio(world, 0, 0), allocFolio(world, 0, 0)];
    const slot = swapDevice(world).alloc();
    swapCacheAddFolio(world, slot, src);
    swapCacheReplaceFolio(world, src, dst);
    expect(swapDevice(world).cachedPfn[slot]).toBe(dst);
    expect(swapDevice(world).slotOfPfn.get(src)).toBeUndefined();
    expect(swapDevice(world).slotOfPfn.get(dst)).toBe(slot);
  });

  test("lets an unmapped page go with the last entry that is thrown away", () => {
    const world = setUp();
    const head = allocFolio(world, 0, 0);
    folioAllocSwap(world, head);
    const slot = swapDevice(world).slotOfPfn.get(head) as number;
    swapDup(world, slot);
    swapDup(world, slot);
    freeSwapAndCache(world, slot);
    expect(world.frames.isFree(head)).toBe(false);
    freeSwapAndCache(world, slot);
    expect(world.frames.isFree(head)).toBe(true);
    expect(swapDevice(world).nrFree).toBe(1024);
  });
});
