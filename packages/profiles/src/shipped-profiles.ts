// The profiles that come with the package. They are read from YAML when the package is made; here
// they are objects, so that nothing is read at run time and a browser has them too.
import { writeYaml } from "@faultline/diagnostics";
import { type Inherited, inherit } from "./inherit.ts";
import type { Profile } from "./profile.ts";
import { profileSchema } from "./profile-schema.ts";
import { resolveProfile } from "./resolve-profile.ts";
import { profileDocuments } from "./shipped/profiles-data.ts";

const inherited = new Map<string, Inherited>();
const profiles = new Map<string, Profile>();

/** Ids of the shipped profiles, in the order in which tables show them. */
export function shippedProfileIds(): string[] {
  return Object.keys(profileDocuments);
}

/** A shipped profile; null when there is none with this id. */
export function shippedProfile(id: string): Profile | null {
  const known = profiles.get(id);
  if (known !== undefined) return known;
  const document = inheritedProfile(id);
  if (document === null) return null;
  const { extends: baseId } = document.document;
  const base = baseId === undefined ? null : shippedProfile(baseId);
  const { profile } = resolveProfile(document, base);
  profiles.set(id, profile);
  return profile;
}

/** A shipped profile as YAML, as it was written; null when there is none with this id. */
export function shippedProfileYaml(id: string): string | null {
  return Object.hasOwn(profileDocuments, id) ? writeYaml(profileDocuments[id]) : null;
}

/** The document of a shipped profile with what it inherits; null when there is none. */
export function inheritedProfile(id: string): Inherited | null {
  const known = inherited.get(id);
  if (known !== undefined) return known;
  if (!Object.hasOwn(profileDocuments, id)) return null;
  const document = profileSchema.parse(profileDocuments[id]);
  const base = document.extends === undefined ? null : inheritedProfile(document.extends);
  const whole = inherit(base, document);
  inherited.set(id, whole);
  return whole;
}
