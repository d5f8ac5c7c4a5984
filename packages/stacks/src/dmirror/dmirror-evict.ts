// Evicting a device: every page on it goes to system memory, in every process that maps it.
// Mirrors dmirror_device_evict_chunk of lib/test_hmm.c.
import { FRAME_FREE, FRAME_TAIL, type TaskStruct, type World } from "@faultline/core";
import {
  allocFolioFor,
  copyFolioContent,
  createMigrateWords,
  MIGRATE_PFN_COMPOUND,
  MIGRATE_PFN_MIGRATE,
  MIGRATE_PFN_VALID,
  type MigrateWords,
  migrateDeviceFinalize,
  migrateDevicePages,
  migrateDevicePfns,
} from "@faultline/engine";
import type { DeviceChunk } from "./device-memory.ts";
import type { DmirrorDevice } from "./dmirror-device.ts";

/** Evicts every chunk of the device; what is pinned stays. */
export function dmirrorEvictDevice(world: World, task: TaskStruct, device: DmirrorDevice): void {
  if (device.memory.nrPagesInUse === 0) return;
  for (const chunk of device.memory.chunks) {
    const heads = usedFolios(world, chunk);
    if (heads.length === 0) continue;
    const words = createMigrateWords(heads.length);
    words.srcPfn.set(heads);
    migrateDevicePfns(world, words);
    allocAndCopy(world, task, words);
    migrateDevicePages(world, words);
    migrateDeviceFinalize(world, words);
  }
}

/** Heads of the chunk's folios that are in use, ascending. */
function usedFolios(world: World, chunk: DeviceChunk): number[] {
  const heads: number[] = [];
  const end = chunk.firstPfn + chunk.nrPages;
  // Frames below were never handed out.
  for (let pfn = chunk.firstPfn + chunk.nrUntouched; pfn < end; pfn++) {
    if ((world.frames.flags(pfn) & (FRAME_FREE | FRAME_TAIL)) === 0) heads.push(pfn);
  }
  return heads;
}

/** @kernel lib/test_hmm.c dmirror_device_evict_chunk (v7.2) */
function allocAndCopy(world: World, task: TaskStruct, words: MigrateWords): void {
  for (let i = 0; i < words.nrPages; i++) {
    const flags = words.srcFlags[i] as number;
    if ((flags & MIGRATE_PFN_MIGRATE) === 0) continue;
    const source = words.srcPfn[i] as number;
    const target = allocFolioFor(world, task, null, world.frames.order(source));
    if (target === 0) continue;
    copyFolioContent(world, target, source);
    words.dstPfn[i] = target;
    words.dstFlags[i] = MIGRATE_PFN_VALID | (flags & MIGRATE_PFN_COMPOUND);
  }
}
