// Groups of devices that links connect completely, as drivers form owner spaces of them: whoever
// joins enters the first group that it has a link to every member of.

/** Two ends of a link. */
export type LinkedPair = readonly [a: string, b: string];

/** Groups, and how many linked pairs are inside one. */
export interface DirectLinkGroups {
  readonly groups: readonly (readonly string[])[];
  readonly linkedPairsKept: number;
}

/** Forms groups in the order of joining. */
export function directLinkGroups(
  names: readonly string[],
  pairs: readonly LinkedPair[],
): DirectLinkGroups {
  const linked = new Set(pairs.flatMap(([a, b]) => [`${a} ${b}`, `${b} ${a}`]));
  const groups: string[][] = [];
  for (const name of names) {
    const group = groups.find((one) => one.every((member) => linked.has(`${name} ${member}`)));
    if (group === undefined) groups.push([name]);
    else group.push(name);
  }
  const isKept = ([a, b]: LinkedPair): boolean =>
    groups.some((group) => group.includes(a) && group.includes(b));
  return { groups, linkedPairsKept: pairs.filter(isKept).length };
}

/** The groups when devices join in the order of the file, and in that of their bus addresses. */
export function directLinkGroupsByOrder(
  busIds: readonly string[],
  pairs: readonly LinkedPair[],
): { readonly fileOrder: DirectLinkGroups; readonly busAddressOrder: DirectLinkGroups } {
  return {
    fileOrder: directLinkGroups(busIds, pairs),
    busAddressOrder: directLinkGroups(busIds.toSorted(), pairs),
  };
}

/** Sets that pairs connect, however indirectly; names without a pair are left out. */
export function connectedSets(names: readonly string[], pairs: readonly LinkedPair[]): string[][] {
  const setOf = new Map<string, string[]>(names.map((name) => [name, [name]]));
  for (const [a, b] of pairs) {
    const [one, other] = [setOf.get(a), setOf.get(b)];
    if (one === undefined || other === undefined || one === other) continue;
    for (const name of other) setOf.set(name, one);
    one.push(...other);
  }
  const sets = [...new Set(setOf.values())].filter((set) => set.length > 1);
  return sets.map((set) => set.toSorted((a, b) => names.indexOf(a) - names.indexOf(b)));
}
