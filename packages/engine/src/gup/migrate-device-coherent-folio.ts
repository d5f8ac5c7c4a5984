// Moving one coherent device folio to system memory, for a pin that may last.
// Mirrors migrate_device_coherent_folio of mm/migrate_device.c.
import { EBUSY, type TaskStruct, type World } from "@faultline/core";
import { allocFolioFor, copyFolioContent } from "../folio/folio-alloc.ts";
import { migrateDevicePfns } from "../migrate/migrate-device-pfns.ts";
import { migrateDeviceFinalize, migrateDevicePages } from "../migrate/migrate-pages.ts";
import {
  createMigrateWords,
  MIGRATE_PFN_MIGRATE,
  MIGRATE_PFN_VALID,
} from "../migrate/migrate-vma.ts";

/**
 * Moves the folio for all its mappers, to where the current task's policy puts new pages.
 * @returns 0, or -EBUSY when somebody else references the folio or memory is short.
 * @kernel mm/migrate_device.c migrate_device_coherent_folio (v7.2)
 */
export function migrateDeviceCoherentFolio(world: World, task: TaskStruct, head: number): number {
  const words = createMigrateWords(1);
  words.srcPfn[0] = head;
  migrateDevicePfns(world, words);
  if (((words.srcFlags[0] as number) & MIGRATE_PFN_MIGRATE) !== 0) {
    const target = allocFolioFor(world, task, null, world.frames.order(head));
    if (target !== 0) {
      copyFolioContent(world, target, head);
      words.dstPfn[0] = target;
      words.dstFlags[0] = MIGRATE_PFN_VALID;
    }
  }
  migrateDevicePages(world, words);
  migrateDeviceFinalize(world, words);
  const isMoved = ((words.srcFlags[0] as number) & MIGRATE_PFN_MIGRATE) !== 0;
  return isMoved ? 0 : -EBUSY;
}
