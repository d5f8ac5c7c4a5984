// The profiles that a scenario names itself, checked and looked up.
import { type Diagnostic, hintForName, type YamlSource } from "@faultline/diagnostics";
import { type Profile, shippedProfile, shippedProfileIds } from "@faultline/profiles";
import type { PlannedMachine } from "../planned-machine.ts";
import type { ScenarioDocument } from "../schema/scenario-schema.ts";
import type { ProfileChoice } from "./profile-choice.ts";

type OwnProfiles = ReadonlyMap<string, Profile>;

/** What is wrong with `profile:`. */
export function checkProfiles(
  yaml: YamlSource,
  { profile }: ScenarioDocument,
  { devices }: PlannedMachine,
  own: OwnProfiles,
): Diagnostic[] {
  if (profile === undefined) return [];
  if (typeof profile === "string") return checkId(yaml, ["profile"], profile, own);
  const names = devices.map(({ name }) => name);
  return Object.entries(profile).flatMap(([device, id]) => {
    const path = ["profile", device];
    if (names.includes(device)) return checkId(yaml, path, id, own);
    const hint = hintForName("devices", device, names);
    return [yaml.diagnostic(path, "E_NAME_UNKNOWN", `unknown device: ${device}`, { hint })];
  });
}

function checkId(yaml: YamlSource, path: string[], id: string, own: OwnProfiles): Diagnostic[] {
  const known = [...own.keys(), ...shippedProfileIds()];
  if (known.includes(id)) return [];
  const hint = hintForName("profiles", id, known);
  return [yaml.diagnostic(path, "E_NAME_UNKNOWN", `unknown profile: ${id}`, { hint })];
}

/**
 * The profiles of a checked scenario; null for one that names none.
 * @param own profiles beside those of the package, by id: those of the plan's `plugins`.
 */
export function ownProfiles(
  { profile }: ScenarioDocument,
  own: ReadonlyMap<string, Profile> = new Map(),
): ProfileChoice | null {
  const find = (id: string): Profile | null => own.get(id) ?? shippedProfile(id);
  if (profile === undefined) return null;
  if (typeof profile === "string") return { all: find(profile), byDevice: new Map() };
  const byDevice = new Map<string, Profile>();
  for (const [device, id] of Object.entries(profile)) {
    const found = find(id);
    if (found !== null) byDevice.set(device, found);
  }
  return { all: null, byDevice };
}
