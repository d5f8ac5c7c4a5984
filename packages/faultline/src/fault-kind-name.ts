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

/** The kinds of some runs, those of the same device and access together, in order of appearance. */
export function kindsTogether(
  runs: readonly { readonly kinds: readonly FaultKind[] }[],
): [FaultKind, ...FaultKind[]][] {
  const groups = new Map<string, [FaultKind, ...FaultKind[]]>();
  for (const kind of runs.flatMap(({ kinds }) => kinds)) {
    const known = groups.get(kindName(kind));
    if (known === undefined) groups.set(kindName(kind), [kind]);
    else known.push(kind);
  }
  return [...groups.values()];
}
