// Emptying a device before it goes away: every folio of its memory leaves, whoever maps it.
import { FRAME_CHUNK_SHIFT, FRAME_CHUNK_SIZE } from "@faultline/core";
import type { AttachedDevice, DeviceSystem } from "@faultline/engine";
import { evictFrames } from "./evict-frames.ts";
import { foliosInUse } from "./folios-in-use.ts";

/**
 * Moves the device's folios to system memory.
 * @returns pages that could not leave: somebody holds them, or system memory is full.
 */
export function evictDevice(system: DeviceSystem, attached: AttachedDevice): number {
  evictFrames(system, attached, foliosOf(system, attached));
  return foliosOf(system, attached).reduce(
    (sum, head) => sum + 2 ** system.world.frames.order(head),
    0,
  );
}

function foliosOf({ world }: DeviceSystem, { pgmap }: AttachedDevice): number[] {
  return [...world.frames.chunks.entries()].flatMap(([index, chunk]) => {
    if (pgmap === null || chunk?.pgmap !== pgmap) return [];
    return foliosInUse(world, index << FRAME_CHUNK_SHIFT, FRAME_CHUNK_SIZE);
  });
}
