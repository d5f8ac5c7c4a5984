// A profile with everything it inherits: what it is, and every number with its origin.
import { engineValue, type ProfileField } from "./field.ts";
import type { ProfileDocument } from "./profile-schema.ts";
import { FIELD_KINDS, type FieldKind, type ProfileStack } from "./vocabulary.ts";

/** A profile, ready to price. */
export interface Profile {
  readonly id: string;
  readonly title: string;
  readonly vendor: string;
  readonly hardware: string;
  readonly mode: string;
  readonly stack: ProfileStack;
  /** True when hardly anything about the machine is published. */
  readonly isMostlyGap: boolean;
  /** Every number by its path, inherited ones too; those under `observed.` price nothing. */
  readonly fields: ReadonlyMap<string, ProfileField>;
  /** The profile that it changes. */
  readonly base: Profile | null;
  /** The document with what it inherits. */
  readonly document: ProfileDocument;
}

/** How many numbers of a profile come from where. */
export interface ProfileCounts {
  readonly byKind: Readonly<Record<FieldKind, number>>;
  readonly total: number;
  /** 0 to 1. */
  readonly shareAssumed: number;
}

/** The numbers that a simulation uses; observed totals are not among them. */
export function modelFields({ fields }: Pick<Profile, "fields">): ProfileField[] {
  return [...fields.values()].filter(({ path }) => !path.startsWith("observed."));
}

/**
 * A parameter of the driver, under its own name: a time in ps, a size in bytes, a plain number or a
 * word; null where the profile does not set it.
 */
export function policyValue(
  { fields }: Pick<Profile, "fields">,
  name: string,
): number | string | boolean | null {
  const field = fields.get(`policy.${name}`);
  return field === undefined ? null : (engineValue(field) ?? field.value);
}

/** A constant of the device in ps, bytes per second or as it is; null where there is none. */
export function deviceConstant({ fields }: Pick<Profile, "fields">, name: string): number | null {
  const field = fields.get(`device.${name}`);
  return field === undefined ? null : engineValue(field);
}

/** Counts the numbers that a simulation uses by where they come from. */
export function profileCounts(profile: Pick<Profile, "fields">): ProfileCounts {
  const fields = modelFields(profile);
  const byKind = Object.fromEntries(
    FIELD_KINDS.map((kind) => [kind, fields.filter((field) => field.kind === kind).length]),
  ) as Record<FieldKind, number>;
  const total = fields.length;
  return { byKind, total, shareAssumed: total === 0 ? 0 : byKind.assumed / total };
}

/** The figures that a profile's prices and policies rest on. */
export function fittedFigures(profile: Pick<Profile, "fields">): Set<string> {
  return new Set(modelFields(profile).flatMap(({ figures }) => figures));
}
