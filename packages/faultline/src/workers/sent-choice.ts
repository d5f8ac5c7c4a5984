// Profiles on their way to a worker. Who is given a copy of one cannot see that it is shipped, and
// whether a scenario is priced as it says itself hangs on that: so shipped ones go by name.
import { type Profile, shippedProfile } from "@faultline/profiles";
import type { ProfileChoice } from "@faultline/scenario";

/** A choice of profiles, by name where they are shipped. */
export interface SentChoice {
  readonly all: Profile | string | null;
  readonly byDevice: ReadonlyMap<string, Profile | string>;
}

/** A choice as it is sent to a worker. */
export function sentChoice({ all, byDevice }: ProfileChoice): SentChoice {
  const sent = (profile: Profile): Profile | string => {
    return shippedProfile(profile.id) === profile ? profile.id : profile;
  };
  return {
    all: all === null ? null : sent(all),
    byDevice: new Map([...byDevice].map(([name, profile]) => [name, sent(profile)])),
  };
}

/** The choice as the worker has it. */
export function receivedChoice({ all, byDevice }: SentChoice): ProfileChoice {
  const received = (sent: Profile | string): Profile | null => {
    return typeof sent === "string" ? shippedProfile(sent) : sent;
  };
  return {
    all: all === null ? null : received(all),
    byDevice: new Map(
      [...byDevice].flatMap(([name, sent]) => {
        const profile = received(sent);
        return profile === null ? [] : [[name, profile] as const];
      }),
    ),
  };
}
