// The option that gives a scenario its clock: `--profile ID`, or `--profile DEVICE=ID` for one
// device, as often as needed; an id may also be the path of a profile of one's own.
import { type Diagnostic, diagnosticFor, hintForName } from "@faultline/diagnostics";
import { loadProfile, type Profile, shippedProfile, shippedProfileIds } from "@faultline/profiles";
import type { ProfileChoice, TimedPlan } from "@faultline/scenario";
import { Option } from "commander";
import type { CommandContext } from "./command-context.ts";
import { readSource } from "./read-source.ts";
import { showDiagnostics } from "./show-diagnostics.ts";

const PLACE = "<command line>";
const MAX_SHOWN = 16;

/** The option `--profile NAME`, which collects what it is given. */
export function profileOption(): Option {
  const text = "run under a clock, at the prices of a profile; DEVICE=NAME for one device";
  const option = new Option("--profile <name>", text);
  return option.argParser((name: string, before: readonly string[] | undefined) => [
    ...(before ?? []),
    name,
  ]);
}

/** Which profiles were chosen; null, with what is wrong shown, where one cannot be had. */
export function chosenProfiles(
  context: CommandContext,
  names: readonly string[],
): ProfileChoice | null {
  let all: Profile | null = null;
  const byDevice = new Map<string, Profile>();
  for (const text of names) {
    const at = text.indexOf("=");
    const profile = findProfile(context, text.slice(at + 1));
    if (profile === null) return null;
    if (at < 0) all = profile;
    else byDevice.set(text.slice(0, at), profile);
  }
  return { all, byDevice };
}

/** A profile by its id or its file; null, with what is wrong shown, where there is none. */
export function findProfile(context: CommandContext, name: string): Profile | null {
  if (isProfileFile(name)) {
    const read = readSource(context.io, name);
    if (read.source === undefined) {
      showDiagnostics(context, [read.problem]);
      return null;
    }
    const { profile, diagnostics } = loadProfile(read.source.text, read.source.file);
    showDiagnostics(context, diagnostics, [read.source]);
    return profile;
  }
  const profile = shippedProfile(name);
  if (profile === null) showDiagnostics(context, [unknownProfile(name)]);
  return profile;
}

/** All of several profiles; null, with everything that is wrong shown, where one cannot be had. */
export function findProfiles(context: CommandContext, names: readonly string[]): Profile[] | null {
  const found = names.map((name) => findProfile(context, name));
  const profiles = found.filter((profile) => profile !== null);
  return profiles.length < found.length ? null : profiles;
}

/** Whether a name is that of a file rather than an id. */
export function isProfileFile(name: string): boolean {
  return name === "-" || /[/\\]|\.(?:ya?ml|json)$/.test(name);
}

/** What to say about an id that nobody knows. */
export function unknownProfile(id: string): Diagnostic {
  const hint = hintForName("profiles", id, shippedProfileIds(), MAX_SHOWN);
  return diagnosticFor(PLACE, "E_NAME_UNKNOWN", `unknown profile: ${id}`, { hint });
}

/** A device that `DEVICE=NAME` names and that the scenario does not have; null when all are. */
export function unknownDevice({ byDevice }: ProfileChoice, { plan }: TimedPlan): Diagnostic | null {
  const devices = plan.machine?.devices.map(({ name }) => name) ?? [];
  const unknown = [...byDevice.keys()].find((name) => !devices.includes(name));
  if (unknown === undefined) return null;
  const hint = hintForName("devices", unknown, devices, MAX_SHOWN);
  return diagnosticFor(PLACE, "E_NAME_UNKNOWN", `unknown device: ${unknown}`, { hint });
}
