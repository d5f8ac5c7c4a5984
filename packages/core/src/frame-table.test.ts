import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FRAME_TAIL } from "./frame-flags.ts";
import { FrameTable } from "./frame-table.ts";
import { InvariantError } from "./invariant-error.ts";

function table(): FrameTable {
  const frames = new FrameTable();
  frames.addChunk(0, null);
  return frames;
}

describe("FrameTable", () => {
  test("counts far beyond its narrow columns and back", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -70000, max: 70000 }), { maxLength: 12 }),
        (deltas) => {
          const frames = table();
          let mapcount = 0;
          let refs = 0;
          for (const delta of deltas) {
            if (mapcount + delta >= 0) {
              mapcount += delta;
              frames.addPageMapcount(9, delta);
            }
            if (refs + delta >= 0) {
              refs += delta;
              frames.addExtraRefs(9, delta);
            }
            expect([frames.pageMapcount(9), frames.extraRefs(9)]).toEqual([mapcount, refs]);
          }
          expect(frames.mapcountOverflow.size).toBe(mapcount >= 0xffff ? 1 : 0);
          expect(frames.refsOverflow.size).toBe(refs >= 0xff ? 1 : 0);
        },
      ),
    );
  });

  test("a count below zero is our bug", () => {
    expect(() => table().addPageMapcount(3, -1)).toThrow(InvariantError);
    expect(() => table().addExtraRefs(3, -1)).toThrow(InvariantError);
    expect(() => table().addPins(3, -1)).toThrow(InvariantError);
  });

  test("the head of a tail page is the first page of its folio", () => {
    const frames = table();
    for (let pfn = 512; pfn < 1024; pfn++) frames.setFlags(pfn, 9 | (pfn > 512 ? FRAME_TAIL : 0));
    expect([512, 700, 1023].map((pfn) => frames.head(pfn))).toEqual([512, 512, 512]);
    expect(frames.head(1024)).toBe(1024);
  });

  test("a pin is also a reference", () => {
    const frames = table();
    frames.addPins(5, 2);
    expect([frames.pinCount(5), frames.extraRefs(5)]).toEqual([2, 2]);
    frames.addPins(5, -2);
    expect([frames.pinCount(5), frames.extraRefs(5), frames.flags(5)]).toEqual([0, 0, 0]);
  });

  test("a frame that does not exist is our bug", () => {
    expect(() => table().flags(1 << 20)).toThrow("no page frame 1048576");
  });
});
