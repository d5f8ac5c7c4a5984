// For migrations that collect the memory of a whole owner space: what is on the target already
// stays.
import type { DevPagemap, World } from "@faultline/core";
import { MIGRATE_PFN_MIGRATE, MIGRATE_PFN_VALID, type MigrateVma } from "@faultline/engine";

/** Takes pages of the target itself out of what was collected. @returns 0 */
export function leaveOwnPages(world: World, args: MigrateVma, target: DevPagemap | null): number {
  for (let i = 0; i < args.nrPages; i++) {
    const flags = args.srcFlags[i] as number;
    if ((flags & MIGRATE_PFN_VALID) === 0) continue;
    if (world.frames.pgmapOf(args.srcPfn[i] as number) !== target) continue;
    args.srcFlags[i] = flags & ~MIGRATE_PFN_MIGRATE;
  }
  return 0;
}
