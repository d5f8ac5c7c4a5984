// The profiles that a scenario names itself, checked and looked up.
import { type Diagnostic, hintForName, type YamlSource } from "@faultline/diagnostics";
import { type Profile, shippedProfile, shippedProfileIds } from "@faultline/profiles";
import type { PlannedMachine } from "../planned-machine.ts";
import type { ScenarioDocument } from "../schema/scenario-schema.ts";
import type { ProfileChoice } from "./profile-choice.ts";

/** What is wrong with `profile:`. */
export function checkProfiles(
  yaml: YamlSource,
  { profile }: ScenarioDocument,
  { devices }: PlannedMachine,
): Diagnostic[] {
  if (profile === undefined) return [];
  if (typeof profile === "string") return checkId(yaml, ["profile"], profile);
  const names = devices.map(({ name }) => name);
  return Object.entries(profile).flatMap(([device, id]) => {
    const path = ["profile", device];
    if (names.includes(device)) return checkId(yaml, path, id);
    const hint = hintForName("devices", device, names);
    return [yaml.diagnostic(path, "E_NAME_UNKNOWN", `unknown device: ${device}`, { hint })];
  });
}

function checkId(yaml: YamlSource, path: string[], id: string): Diagnostic[] {
  const known = shippedProfileIds();
  if (known.includes(id)) return [];
  const hint = hintForName("profiles", id, known);
  return [yaml.diagnostic(path, "E_NAME_UNKNOWN", `unknown profile: ${id}`, { hint })];
}

/** The profiles of a checked scenario; null for one that names none. */
export function ownProfiles({ profile }: ScenarioDocument): ProfileChoice | null {
  if (profile === undefined) return null;
  if (typeof profile === "string") return { all: shippedProfile(profile), byDevice: new Map() };
  const byDevice = new Map<string, Profile>();
  for (const [device, id] of Object.entries(profile)) {
    const found = shippedProfile(id);
    if (found !== null) byDevice.set(device, found);
  }
  return { all: null, byDevice };
}
