// What each formation of owner spaces makes of a machine: how many linked pairs end in one space.
import type { Machine, MachineDevice } from "@faultline/core";
import {
  formOwnerSpaces,
  type JoinOrderStudy,
  MAX_EXACT_MEMBERS,
  OWNER_FORMATIONS,
  type OwnerFormation,
  pciP2pdmaDistance,
  studyJoinOrders,
} from "@faultline/engine";

/**
 * When two devices count as connected: `links`, by a private link or switch that is up; `p2p`, as
 * xe asks: the PCI distance is 0 or more, the way over the host bridge included.
 */
export type ConnectedBy = "links" | "p2p";

/** Every predicate. */
export const CONNECTED_BY: readonly ConnectedBy[] = ["links", "p2p"];

/** What to study. */
export interface OwnerStudyOptions {
  /** @defaultValue all */
  readonly formations?: readonly OwnerFormation[];
  /** @defaultValue links */
  readonly connectedBy?: ConnectedBy;
  /** Of the sample, where there are too many orders to try all. @defaultValue 1 */
  readonly seed?: number;
}

/** The answer, with device names. */
export interface OwnerStudy {
  readonly connectedBy: ConnectedBy;
  readonly seed: number;
  /** The devices that have memory, in the machine's order. */
  readonly devices: readonly string[];
  readonly nrConnected: number;
  readonly formations: readonly JoinOrderStudy<string>[];
  /** Whether `ideal` is known to be the best; otherwise it is a lower bound. */
  readonly idealIsExact: boolean;
}

/** Studies the devices that have memory: only their pages can be private. */
export function ownerStudy(machine: Machine, options: OwnerStudyOptions = {}): OwnerStudy {
  const { formations = OWNER_FORMATIONS, connectedBy = "links", seed = 1 } = options;
  const members = machine.devices.filter(({ memory }) => memory !== null);
  const byName = new Map(members.map((device) => [device.name, device]));
  const devices = members.map(({ name }) => name);
  const isConnected = (a: string, b: string): boolean =>
    areConnected(machine, connectedBy, byName.get(a), byName.get(b));
  const hiveOf = (name: string): string | null => byName.get(name)?.hive ?? null;
  const studies = formations.map((formation) =>
    studyJoinOrders({ formation, members: devices, isConnected, hiveOf, seed }),
  );
  const components = formOwnerSpaces("transitive", devices, isConnected, hiveOf);
  return {
    connectedBy,
    seed,
    devices,
    nrConnected: studies[0]?.nrConnected ?? 0,
    formations: studies,
    idealIsExact: components.every(({ length }) => length <= MAX_EXACT_MEMBERS),
  };
}

function areConnected(
  { fabric, pci }: Machine,
  connectedBy: ConnectedBy,
  a: MachineDevice | undefined,
  b: MachineDevice | undefined,
): boolean {
  if (a === undefined || b === undefined) return false;
  if (connectedBy === "links") return fabric.isLinked(a.name, b.name);
  return a.initiators.some((provider) =>
    b.initiators.some((client) => pciP2pdmaDistance(pci, provider, client.dev) >= 0),
  );
}
