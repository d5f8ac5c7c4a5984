// struct mempolicy: where new pages of a task or VMA come from. MPOL_DEFAULT is `null`.

/** Pages come from these nodes and no other. */
export const MPOL_BIND = "MPOL_BIND";
/** Pages come from this node while it has any. */
export const MPOL_PREFERRED = "MPOL_PREFERRED";
/** Pages come from these nodes in turn. */
export const MPOL_INTERLEAVE = "MPOL_INTERLEAVE";

/** A memory policy set by mbind or set_mempolicy. */
export interface Mempolicy {
  readonly mode: typeof MPOL_BIND | typeof MPOL_PREFERRED | typeof MPOL_INTERLEAVE;
  /** Node numbers, ascending. */
  readonly nodes: readonly number[];
}

/** True when both policies would place every page alike (`mpol_equal`). */
export function mempolicyEqual(a: Mempolicy | null, b: Mempolicy | null): boolean {
  if (a === null || b === null) return a === b;
  if (a.mode !== b.mode || a.nodes.length !== b.nodes.length) return false;
  return a.nodes.every((node, i) => node === b.nodes[i]);
}
