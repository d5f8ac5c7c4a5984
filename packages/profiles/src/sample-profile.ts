// Another profile from the same evidence: every number that has a range is drawn from it, and what
// is left of published totals follows, so that those totals stay what they are. What is inherited
// is drawn first, as the profile that states it would draw it. Prices that only shared CPUs have
// are drawn from numbers of their own, so that they change no draw of the others.
import { type Balanced, solveBalances } from "./balance.ts";
import { quantile, type UniformRng } from "./draw.ts";
import type { ProfileField } from "./field.ts";
import type { Profile } from "./profile.ts";

/** What only runs with shared CPUs look at. */
const OF_SHARED_CPUS: readonly string[] = ["device.shootdown_handler", "device.interrupt_handler"];

/**
 * Draws every ranged number of a profile: inherited ones first, each in the order of its fields.
 * @param rng gives numbers of [0, 1); the same numbers give the same profile on every machine.
 * @param cpuRng the same, for what only runs with shared CPUs look at. @defaultValue it stays
 */
export function sampleProfile(
  profile: Profile,
  rng: UniformRng,
  cpuRng: UniformRng | null = null,
): Profile {
  return { ...profile, fields: allDrawn(profile, rng, cpuRng).fields };
}

/** A profile with every ranged number at the lower (0) or upper (1) end of its range. */
export function atEnds(profile: Profile, end: number): Balanced {
  return allDrawn(
    profile,
    () => end,
    () => end,
  );
}

function allDrawn(profile: Profile, rng: UniformRng, cpuRng: UniformRng | null): Balanced {
  const { fields, problems } = drawn(profile, rng);
  if (cpuRng === null) return { fields, problems };
  const all = new Map(fields);
  for (const path of OF_SHARED_CPUS) {
    const field = all.get(path);
    if (field !== undefined) all.set(path, drawnField(field, cpuRng));
  }
  return { fields: all, problems };
}

function drawn(profile: Profile, rng: UniformRng): Balanced {
  const inherited = profile.base === null ? null : drawn(profile.base, rng).fields;
  const fields = new Map<string, ProfileField>();
  for (const [path, field] of profile.fields) {
    const { range, statedIn } = field;
    if (statedIn !== profile.id) fields.set(path, inherited?.get(path) ?? field);
    else if (range === null || path.startsWith("observed.")) fields.set(path, field);
    else if (!OF_SHARED_CPUS.includes(path)) fields.set(path, drawnField(field, rng));
    else fields.set(path, field);
  }
  return solveBalances(profile, fields);
}

function drawnField(field: ProfileField, rng: UniformRng): ProfileField {
  const { range } = field;
  if (range === null) return field;
  return { ...field, value: quantile(range.low, range.high, range.draw, rng()) };
}
