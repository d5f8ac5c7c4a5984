// What tells kinds of faults apart: who faults, by which access.
import type { FaultKind } from "@faultline/report";

/** What tells kinds of faults apart. */
export type FaultKindName = Pick<FaultKind, "device" | "access">;

/** `gpu0 write`. */
export function kindName({ device, access }: FaultKindName): string {
  return `${device} ${access}`;
}

/** Whether two kinds are of the same device and access. */
export function isSameKind(one: FaultKindName, other: FaultKindName): boolean {
  return one.device === other.device && one.access === other.access;
}
