// What an access through an entry of a device's table really reaches. Mostly the page that the
// entry names; not so where a device-private frame number was mapped as if it were memory.
import { APERTURE_SYSTEM, type DeviceTranslation, MEMORY_DEVICE_PRIVATE } from "@faultline/core";
import type { DeviceSystem } from "@faultline/engine";

/** What a read returns where nothing answers: all ones. */
export const NOTHING_ANSWERS = 0xffffffff;

/**
 * The frame behind a translation, or null where no memory answers. A private frame's number names a
 * hole in the physical address space; numbered outside of that space, it names whatever memory has
 * the same number.
 */
export function reachedFrame(
  system: DeviceSystem,
  { aperture, pfn }: Pick<DeviceTranslation, "aperture" | "pfn">,
): number | null {
  const { world } = system;
  const isMemory = aperture !== APERTURE_SYSTEM;
  if (isMemory || world.frames.pgmapOf(pfn)?.type !== MEMORY_DEVICE_PRIVATE) {
    return system.contentPfn(pfn);
  }
  if (world.designs["private.outsidePhysical"] === "off") return null;
  return system.memoryFrame(world.frames.devicePageOf(pfn));
}
