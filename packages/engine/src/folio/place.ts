// Where a frame is, as the effort log names places.
import { EFFORT_PLACE_DEVICE, type World } from "@faultline/core";

/** NUMA node number of a system frame, or the device's place number. */
export function placeOf(world: World, pfn: number): number {
  const chunk = world.frames.chunkOf(pfn);
  return chunk.pgmap === null ? chunk.node : EFFORT_PLACE_DEVICE + chunk.pgmap.device;
}
