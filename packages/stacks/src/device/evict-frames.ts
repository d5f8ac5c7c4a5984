// Emptying device memory by its frames alone, without their address spaces: what drivers do under
// memory pressure.
import {
  type AttachedDevice,
  allocFolio,
  copyFolioContent,
  createMigrateWords,
  type DeviceSystem,
  MIGRATE_PFN_COMPOUND,
  MIGRATE_PFN_MIGRATE,
  MIGRATE_PFN_VALID,
  migrateDeviceFinalize,
  migrateDevicePages,
  migrateDevicePfns,
} from "@faultline/engine";

/**
 * Moves folios to system memory near the device, as far as they can leave and there is room.
 * @param heads first frames of the folios.
 * @returns false when none of them found room.
 */
export function evictFrames(
  { world }: DeviceSystem,
  { device }: AttachedDevice,
  heads: readonly number[],
): boolean {
  const words = createMigrateWords(heads.length);
  words.srcPfn.set(heads);
  migrateDevicePfns(world, words);
  for (let i = 0; i < words.nrPages; i++) {
    const flags = words.srcFlags[i] as number;
    if ((flags & MIGRATE_PFN_MIGRATE) === 0) continue;
    const source = words.srcPfn[i] as number;
    const copy = allocFolio(world, world.frames.order(source), Math.max(0, device.node));
    if (copy === 0) continue;
    copyFolioContent(world, copy, source);
    words.dstPfn[i] = copy;
    words.dstFlags[i] = MIGRATE_PFN_VALID | (flags & MIGRATE_PFN_COMPOUND);
  }
  const hasRoom = words.dstPfn.some((pfn) => pfn !== 0);
  migrateDevicePages(world, words);
  migrateDeviceFinalize(world, words);
  return hasRoom;
}
