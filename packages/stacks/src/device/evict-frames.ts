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
  type MigrateWords,
} from "@faultline/engine";
import { abandonTargets } from "./fill-targets.ts";

/**
 * Moves folios to system memory near the device, as far as they can leave and there is room.
 * @param heads first frames of the folios.
 * @param onCopy called when folios have their targets; a negative errno keeps them where they are.
 * @returns false when none of them found room.
 */
export function evictFrames(
  { world }: DeviceSystem,
  { device }: AttachedDevice,
  heads: readonly number[],
  onCopy: (words: MigrateWords) => number = () => 0,
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
  if (onCopy(words) !== 0) abandonTargets(world, words);
  migrateDevicePages(world, words);
  migrateDeviceFinalize(world, words);
  return hasRoom;
}
