// A UFFDIO_MOVE under way, as its steps see it.
import type { MmStruct, VmAreaStruct, World } from "@faultline/core";

/** A move under way: where it stands and what is left. */
export interface UffdMove {
  readonly mm: MmStruct;
  readonly dstVma: VmAreaStruct;
  readonly srcVma: VmAreaStruct;
  /** Next destination page. */
  dst: number;
  /** Next source page. */
  src: number;
  /** Source page after the last one. */
  readonly srcEnd: number;
  /** UFFDIO_MOVE_MODE_ALLOW_SRC_HOLES */
  readonly allowsHoles: boolean;
}

/** A step that met a migration entry; `world.pendingWait` says which. */
export const MOVE_WAIT = 1;

/** Leaves word that a migration must end first. */
export function waitForMigration(world: World, pfn: number): number {
  world.pendingWait = { reason: "migration-entry", object: pfn };
  return MOVE_WAIT;
}
