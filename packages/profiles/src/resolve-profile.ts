// From a document with what it inherits to a profile whose numbers are all known.
import { type BalanceProblem, solveBalances } from "./balance.ts";
import { fieldOf, type ProfileField } from "./field.ts";
import { type Inherited, statedIn } from "./inherit.ts";
import { leavesOf } from "./leaves.ts";
import type { Profile } from "./profile.ts";
import { atEnds } from "./sample-profile.ts";

/** A profile, and what of it cannot be. */
export interface ResolvedProfile {
  readonly profile: Profile;
  readonly problems: readonly BalanceProblem[];
}

/**
 * Follows figures and solves balances; the document's numbers have been checked one by one.
 * @param base the profile that the document extends.
 */
export function resolveProfile(inherited: Inherited, base: Profile | null): ResolvedProfile {
  const { document } = inherited;
  const { id, title, vendor = "", hardware = "", mode = "", stack = "ideal" } = document;
  const fields = new Map<string, ProfileField>();
  for (const leaf of leavesOf(document, stack)) {
    const path = leaf.path.join(".");
    const owner = statedIn(inherited, path);
    const known = owner === id ? undefined : base?.fields.get(path);
    fields.set(path, known ?? fieldOf(leaf, owner));
  }
  const balanced = solveBalances({ id, stack, document }, fields);
  const profile: Profile = {
    id,
    title,
    vendor,
    hardware,
    mode,
    stack,
    isMostlyGap: document.mostly_gap ?? false,
    fields: balanced.fields,
    base,
    document,
  };
  return { profile, problems: balanced.problems };
}

/** Balances that are solved at the middle of every range but not at their ends. */
export function endProblems(profile: Profile): BalanceProblem[] {
  const found = [0, 1].flatMap((end) => atEnds(profile, end).problems);
  const byPath = new Map(found.map(({ path, message }) => [path, message]));
  return [...byPath].map(([path, message]) => ({
    path,
    message: `${message} when others are at the ends of their ranges`,
  }));
}
