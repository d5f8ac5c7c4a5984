// The partition into cliques that keeps most connected pairs together: the best that any rule could
// do which lets only devices share that all reach each other.
import type { ConnectionMatrix } from "./connection-matrix.ts";

/** Members of a component up to which the answer is exact; the work grows as 3^n. */
export const MAX_EXACT_MEMBERS = 16;

/**
 * Cliques whose union is all members. Components are independent, so each is solved on its own:
 * exactly up to {@link MAX_EXACT_MEMBERS} members. A larger one gets the greedy cliques in
 * ascending order, improved by moving single members while that keeps more pairs: a lower bound.
 */
export function idealCliques(connections: ConnectionMatrix): number[][] {
  return connections
    .components()
    .flatMap((members) =>
      members.length <= MAX_EXACT_MEMBERS
        ? exactCliques(connections, members)
        : improvedCliques(connections, members),
    )
    .map((clique) => clique.toSorted((a, b) => a - b))
    .toSorted(([a = 0], [b = 0]) => a - b);
}

/** Best answer for each subset, from the smaller ones: some clique holds its lowest member. */
function exactCliques(connections: ConnectionMatrix, members: readonly number[]): number[][] {
  const n = members.length;
  const neighbours = members.map((a) =>
    members.reduce((mask, b, bit) => (connections.has(a, b) ? mask | (1 << bit) : mask), 0),
  );
  const isClique = new Uint8Array(1 << n);
  const best = new Int16Array(1 << n);
  const choice = new Int32Array(1 << n);
  isClique[0] = 1;
  for (let set = 1; set < 1 << n; set++) {
    const low = set & -set;
    const rest = set ^ low;
    const mayJoin = rest & (neighbours[31 - Math.clz32(low)] as number);
    isClique[set] = isClique[rest] === 1 && mayJoin === rest ? 1 : 0;
    if (isClique[set] === 1) {
      best[set] = pairsOf(bitCount(set));
      choice[set] = set;
      continue;
    }
    best[set] = -1;
    for (let others = mayJoin; ; others = (others - 1) & mayJoin) {
      if (isClique[others] === 1) {
        const kept = pairsOf(bitCount(others) + 1) + (best[rest ^ others] as number);
        if (kept > (best[set] as number)) {
          best[set] = kept;
          choice[set] = others | low;
        }
      }
      if (others === 0) break;
    }
  }
  const cliques: number[][] = [];
  for (let left = (1 << n) - 1; left !== 0; ) {
    const taken = choice[left] as number;
    cliques.push(members.filter((_, bit) => (taken & (1 << bit)) !== 0));
    left ^= taken;
  }
  return cliques;
}

function pairsOf(size: number): number {
  return (size * (size - 1)) / 2;
}

function bitCount(set: number): number {
  let count = 0;
  for (let left = set; left !== 0; left &= left - 1) count++;
  return count;
}

function improvedCliques(connections: ConnectionMatrix, members: readonly number[]): number[][] {
  const fits = (member: number, clique: readonly number[]): boolean =>
    clique.every((other) => other === member || connections.has(member, other));
  const cliques: number[][] = [];
  for (const member of members) {
    const clique = cliques.find((one) => fits(member, one));
    if (clique === undefined) cliques.push([member]);
    else clique.push(member);
  }
  for (let hasMoved = true; hasMoved; ) {
    hasMoved = false;
    for (const member of members) {
      const from = cliques.find((clique) => clique.includes(member)) as number[];
      // A member keeps as many pairs as its clique has others, so only a larger clique is better.
      const to = cliques.find(
        (clique) => clique !== from && clique.length > from.length - 1 && fits(member, clique),
      );
      if (to === undefined) continue;
      from.splice(from.indexOf(member), 1);
      to.push(member);
      hasMoved = true;
    }
  }
  return cliques.filter((clique) => clique.length > 0);
}
