// Whether Linux trusts the memory entries (mm/numa_memblks.c): no two nodes may claim the same RAM,
// and all RAM must have a node.
import type { ByteRange } from "./linux-machine.ts";
import type { MemoryBlock } from "./read-affinity.ts";

/** RAM without a node that is tolerated. */
const MAX_LOST_BYTES = 1n << 20n;

/** Why the entries are not trusted, or null. */
export function coverageProblem(
  blocks: readonly MemoryBlock[],
  ram: readonly ByteRange[],
): string | null {
  const inRam = blocks.filter((block) => ram.some((range) => overlapBytes(block, range) > 0n));
  for (const [at, one] of inRam.entries()) {
    const other = inRam
      .slice(at + 1)
      .find((block) => block.node !== one.node && overlapBytes(block, one) > 0n);
    if (other === undefined) continue;
    return `memory of node ${one.node} and node ${other.node} overlaps`;
  }
  const lost = ram.reduce((sum, range) => sum + uncoveredBytes(range, inRam), 0n);
  return lost < MAX_LOST_BYTES ? null : `${lost} bytes of RAM belong to no node`;
}

/** The nodes that have RAM. */
export function nodesWithRam(
  blocks: readonly MemoryBlock[],
  ram: readonly ByteRange[],
): Set<number> {
  const withRam = blocks.filter((block) => ram.some((range) => overlapBytes(block, range) > 0n));
  return new Set(withRam.map(({ node }) => node));
}

function overlapBytes(a: ByteRange, b: ByteRange): bigint {
  const start = a.start > b.start ? a.start : b.start;
  const end = a.end < b.end ? a.end : b.end;
  return end > start ? end - start : 0n;
}

function uncoveredBytes(range: ByteRange, blocks: readonly ByteRange[]): bigint {
  let [at, lost] = [range.start, 0n];
  for (const block of blocks.toSorted((a, b) => (a.start < b.start ? -1 : 1))) {
    if (block.end <= at || block.start >= range.end) continue;
    if (block.start > at) lost += block.start - at;
    at = block.end;
  }
  return at < range.end ? lost + range.end - at : lost;
}
