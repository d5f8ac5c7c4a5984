// Another profile from the same evidence: every number that has a range is drawn from it, and what
// is left of published totals follows, so that those totals stay what they are. What is inherited
// is drawn first, as the profile that states it would draw it.
import { type Balanced, solveBalances } from "./balance.ts";
import { quantile, type UniformRng } from "./draw.ts";
import type { ProfileField } from "./field.ts";
import type { Profile } from "./profile.ts";

/**
 * Draws every ranged number of a profile: inherited ones first, each in the order of its fields.
 * @param rng gives numbers of [0, 1); the same numbers give the same profile on every machine.
 */
export function sampleProfile(profile: Profile, rng: UniformRng): Profile {
  return { ...profile, fields: drawn(profile, rng).fields };
}

/** A profile with every ranged number at the lower (0) or upper (1) end of its range. */
export function atEnds(profile: Profile, end: number): Balanced {
  return drawn(profile, () => end);
}

function drawn(profile: Profile, rng: UniformRng): Balanced {
  const inherited = profile.base === null ? null : drawn(profile.base, rng).fields;
  const fields = new Map<string, ProfileField>();
  for (const [path, field] of profile.fields) {
    const { range, statedIn } = field;
    if (statedIn !== profile.id) fields.set(path, inherited?.get(path) ?? field);
    else if (range === null || path.startsWith("observed.")) fields.set(path, field);
    else fields.set(path, { ...field, value: quantile(range.low, range.high, range.draw, rng()) });
  }
  return solveBalances(profile, fields);
}
