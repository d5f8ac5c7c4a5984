// Emptying a device before it goes away: every folio of its memory leaves, whoever maps it.
import { FRAME_CHUNK_SHIFT, FRAME_CHUNK_SIZE, FRAME_TAIL } from "@faultline/core";
import { type AttachedDevice, type DeviceSystem, folioRefCount } from "@faultline/engine";
import { evictFrames } from "./evict-frames.ts";

/**
 * Moves the device's folios to system memory.
 * @returns pages that could not leave: somebody holds them, or system memory is full.
 */
export function evictDevice(system: DeviceSystem, attached: AttachedDevice): number {
  evictFrames(system, attached, foliosInUse(system, attached));
  return foliosInUse(system, attached).reduce(
    (sum, head) => sum + 2 ** system.world.frames.order(head),
    0,
  );
}

/** First frames of all folios that somebody references, ascending. */
function foliosInUse({ world }: DeviceSystem, { pgmap }: AttachedDevice): number[] {
  const { frames } = world;
  const heads: number[] = [];
  for (const [index, chunk] of frames.chunks.entries()) {
    if (pgmap === null || chunk?.pgmap !== pgmap) continue;
    const first = index << FRAME_CHUNK_SHIFT;
    for (let pfn = first; pfn < first + FRAME_CHUNK_SIZE; pfn++) {
      const isHead = (frames.flags(pfn) & FRAME_TAIL) === 0;
      if (isHead && folioRefCount(world, pfn) > 0) heads.push(pfn);
    }
  }
  return heads;
}
