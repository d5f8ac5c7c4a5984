// Taking device pages back from every address space that maps them, without knowing which ones do:
// how a driver empties its memory. Mirrors mm/migrate_device.c migrate_device_pfns.
import { FRAME_LOCKED, FRAME_TAIL, type World } from "@faultline/core";
import { folioRefCount } from "../folio/folio-count.ts";
import {
  clearSource,
  MIGRATE_PFN_COMPOUND,
  MIGRATE_PFN_MIGRATE,
  MIGRATE_PFN_VALID,
  type MigrateWords,
} from "./migrate-vma.ts";
import { migrateDeviceUnmap } from "./migrate-vma-setup.ts";

/**
 * Locks and unmaps the folios whose heads the caller put into `words.srcPfn` (0 for none). A page
 * that nobody references, the tail of a folio, and a folio that somebody has locked are left out.
 * @kernel mm/migrate_device.c migrate_device_pfns (v7.2)
 */
export function migrateDevicePfns(world: World, words: MigrateWords): void {
  const { frames } = world;
  for (let i = 0; i < words.nrPages; i++) {
    const head = words.srcPfn[i] as number;
    if (head === 0) continue;
    const isWhole = (frames.flags(head) & (FRAME_TAIL | FRAME_LOCKED)) === 0;
    if (!isWhole || folioRefCount(world, head) === 0) {
      clearSource(words, i);
      continue;
    }
    frames.addFlags(head, FRAME_LOCKED);
    frames.addExtraRefs(head, 1);
    const compound = frames.order(head) > 0 ? MIGRATE_PFN_COMPOUND : 0;
    words.srcFlags[i] = MIGRATE_PFN_VALID | MIGRATE_PFN_MIGRATE | compound;
  }
  migrateDeviceUnmap(world, words, 0);
}
