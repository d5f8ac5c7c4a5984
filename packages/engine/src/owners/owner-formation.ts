// How devices come to share an owner space: one of the open questions of cross-device HMM, so each
// answer that a driver gives, or that was proposed, is a choice here.
import type { Designs } from "@faultline/core";

/**
 * - `perDevice`: every device owns itself (nouveau, and amdkfd beside a hive);
 * - `hive`: the devices of one hive share (amdkfd);
 * - `greedyClique`: a device joins the first group whose members it all reaches (xe);
 * - `transitive`: what reaches each other over others shares, whether it can use the way or not;
 * - `global`: all devices share (UVM);
 * - `ideal`: the cliques that keep most linked pairs together.
 *
 * The values of the design `owner.formation`, without the choice that leaves it to each driver.
 */
export type OwnerFormation = Exclude<Designs["owner.formation"], "driver">;

/** Every formation, from the fewest devices in a space to what nobody ships. */
export const OWNER_FORMATIONS: readonly OwnerFormation[] = [
  "perDevice",
  "hive",
  "greedyClique",
  "transitive",
  "global",
  "ideal",
];

/** Whether the order in which drivers probe changes the spaces. */
export function isOrderDependent(formation: OwnerFormation): boolean {
  return formation === "greedyClique";
}
