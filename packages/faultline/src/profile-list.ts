// The list of profiles: how many numbers each has, and how many of them nobody published.
import { FIELD_KINDS, type Profile, profileCounts } from "@faultline/profiles";
import { plainTable } from "./plain-table.ts";

/** What the list says about a profile, as data. */
export function profileSummary(profile: Profile): object {
  const { id, title, vendor, stack, hardware, mode, isMostlyGap, document } = profile;
  const { byKind, total, shareAssumed } = profileCounts(profile);
  const numbers = { total, ...byKind, shareAssumed };
  return {
    id,
    title,
    vendor,
    stack,
    hardware,
    mode,
    extends: document.extends,
    isMostlyGap,
    numbers,
  };
}

/** The list as a table. */
export function profileListText(profiles: readonly Profile[]): string {
  const head = ["profile", "vendor", "stack", ...FIELD_KINDS, "assumed %", "machine"];
  const rows = profiles.map((profile) => {
    const { id, vendor, stack, title, isMostlyGap } = profile;
    const { byKind, shareAssumed } = profileCounts(profile);
    const counts = FIELD_KINDS.map((kind) => byKind[kind]);
    const share = Math.round(shareAssumed * 100);
    return [id, vendor, stack, ...counts, share, isMostlyGap ? `${title} (mostly a gap)` : title];
  });
  const aligns = head.map((_, i) => (i >= 3 && i < head.length - 1 ? "right" : "left"));
  return plainTable(head, rows, aligns);
}
