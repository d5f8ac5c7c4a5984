// Which profile prices what.
import type { Profile } from "@faultline/profiles";

/** Profiles for a run. */
export interface ProfileChoice {
  /** For the CPUs, and for every device of its kind that has none of its own; null for none. */
  readonly all: Profile | null;
  /** By the name of a device. */
  readonly byDevice: ReadonlyMap<string, Profile>;
  /** For the CPUs where `all` is null, and devices without a profile. @defaultValue host-cpu */
  readonly host?: Profile;
}
