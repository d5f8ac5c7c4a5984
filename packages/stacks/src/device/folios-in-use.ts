// Which frames of device memory hold something: what drivers look for before they empty it.
import { FRAME_TAIL, type World } from "@faultline/core";
import { folioRefCount } from "@faultline/engine";

/** First frames, ascending, of the folios that somebody references among `nrPages` frames. */
export function foliosInUse(world: World, first: number, nrPages: number): number[] {
  const heads: number[] = [];
  for (let pfn = first; pfn < first + nrPages; pfn++) {
    const isHead = (world.frames.flags(pfn) & FRAME_TAIL) === 0;
    if (isHead && folioRefCount(world, pfn) > 0) heads.push(pfn);
  }
  return heads;
}
