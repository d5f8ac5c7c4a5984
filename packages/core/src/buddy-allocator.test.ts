import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BuddyAllocator } from "./buddy-allocator.ts";
import { FrameTable } from "./frame-table.ts";

const MAX_ORDER = 10;

function allocator(nrPages = 1 << 16): { frames: FrameTable; buddy: BuddyAllocator } {
  const frames = new FrameTable();
  return { frames, buddy: new BuddyAllocator(frames, 0, nrPages, MAX_ORDER) };
}

describe("BuddyAllocator", () => {
  test("never hands out page 0", () => {
    const { buddy } = allocator(1 << MAX_ORDER);
    const pages = new Set<number>();
    for (let pfn = buddy.alloc(0); pfn !== 0; pfn = buddy.alloc(0)) pages.add(pfn);
    expect(pages.size).toBe((1 << MAX_ORDER) - 1);
    expect(pages.has(0)).toBe(false);
  });

  test("single pages leave in ascending order", () => {
    const { buddy } = allocator();
    const first = buddy.alloc(0);
    expect(Array.from({ length: 40 }, () => buddy.alloc(0))).toEqual(
      Array.from({ length: 40 }, (_, i) => first + 1 + i),
    );
  });

  test("blocks are naturally aligned", () => {
    const { buddy } = allocator();
    for (let order = 1; order <= MAX_ORDER; order++) {
      expect(buddy.alloc(order) % (1 << order)).toBe(0);
    }
  });

  test("activates memory only when it is asked for", () => {
    const { frames, buddy } = allocator(1 << 26);
    buddy.alloc(0);
    expect(frames.chunks.length).toBe(1);
    expect(buddy.nrFree).toBe((1 << 26) - 2);
  });

  test("any order of frees merges everything again", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: MAX_ORDER }), { maxLength: 60 }),
        fc.infiniteStream(fc.nat()),
        (orders, picks) => {
          const { buddy } = allocator(1 << 16);
          buddy.free(buddy.alloc(MAX_ORDER), MAX_ORDER);
          const before = buddy.freeBlocks();
          const held: (readonly [number, number])[] = [];
          for (const order of orders) {
            const pfn = buddy.alloc(order);
            if (pfn !== 0) held.push([pfn, order]);
          }
          for (const pick of picks) {
            if (held.length === 0) break;
            for (const [pfn, order] of held.splice(pick % held.length, 1)) buddy.free(pfn, order);
          }
          buddy.drain();
          expect(buddy.freeBlocks()).toEqual(before);
        },
      ),
    );
  });

  test("a run of pages freed at once merges like pages freed one by one", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 900 }), fc.nat({ max: 90 }), (nrPages, skip) => {
        const { buddy } = allocator(1 << 16);
        buddy.free(buddy.alloc(MAX_ORDER), MAX_ORDER);
        const before = buddy.freeBlocks();
        const pages = Array.from({ length: skip + nrPages }, () => buddy.alloc(0));
        const run = pages.slice(skip).filter((pfn, i, all) => pfn === (all[0] ?? 0) + i);
        buddy.freeRun(run[0] ?? 0, run.length);
        for (const pfn of pages) if (!run.includes(pfn)) buddy.free(pfn, 0);
        buddy.drain();
        expect(buddy.freeBlocks()).toEqual(before);
      }),
    );
  });

  test("blocks in use never overlap, and every page is either used or free", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 80 }), (orders) => {
        const { buddy } = allocator(1 << MAX_ORDER);
        const used = new Set<number>();
        for (const [i, order] of orders.entries()) {
          const pfn = buddy.alloc(order);
          if (pfn === 0) continue;
          for (let page = pfn; page < pfn + (1 << order); page++) {
            expect(used.has(page)).toBe(false);
            used.add(page);
          }
          if (i % 3 !== 0) continue;
          buddy.free(pfn, order);
          for (let page = pfn; page < pfn + (1 << order); page++) used.delete(page);
        }
        // Page 0 is nobody's once the node's first chunk is active.
        const unusable = orders.length === 0 ? 0 : 1;
        expect(buddy.nrFree).toBe((1 << MAX_ORDER) - used.size - unusable);
      }),
    );
  });
});
