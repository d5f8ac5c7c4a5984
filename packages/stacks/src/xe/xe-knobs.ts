// Parameters of xe, under the names that scenarios use. Defaults are those of Linux 7.2 on a
// discrete card.
import {
  DURATION,
  findKnobProblems,
  isWhole,
  type KnobProblem,
  type KnobRule,
  type KnobTable,
  SWITCH,
  takeKnobs,
  wholeNumber,
} from "../device/check-knobs.ts";

/** All parameters. */
export interface XeKnobs {
  /** Chunk sizes in bytes, tried in this order. @defaultValue 2 MiB, 64 KiB, 4 KiB */
  readonly "xe.chunkSizes": readonly number[];
  /** Bytes of one notifier. @defaultValue 512 MiB */
  readonly "xe.notifierSize": number;
  /** Chunks up to this many bytes must be present to be chosen. @defaultValue 64 KiB */
  readonly "xe.checkThreshold": number;
  /** Attempts to migrate: for ordinary faults, and for those that need local memory. */
  readonly "xe.tries": { readonly normal: number; readonly vram: number };
  /** How long a page stays that an atomic fault has brought. @defaultValue 5 */
  readonly "xe.timesliceMs": number;
  /** The platform migrates nothing smaller than 64 KiB. @defaultValue false */
  readonly "xe.needs64k": boolean;
  /** The device can do atomic operations on system memory. @defaultValue false */
  readonly "xe.atomicsOnSystem": boolean;
  /** A migration moves every page of its chunk, or none. @defaultValue true */
  readonly "xe.allOrNothing": boolean;
  /** Bytes that one job of the copy engine moves at most. @defaultValue 8 MiB */
  readonly "xe.copyJobBytes": number;
  /** Device and system pages may stand in one chunk. @defaultValue false */
  readonly "xe.mixedAllowed": boolean;
  /** Memory that was unmapped loses its attributes: a flag at the creation of a VM. */
  readonly "xe.madviseAutoreset": boolean;
  /** Entries of the page attribute table. @defaultValue 32 */
  readonly "xe.patEntries": number;
  /**
   * Where pages should be that no advice is about: on the device itself, in system memory, or on a
   * peer, by name; on the device where the peer is in another owner group.
   * @defaultValue "local"
   */
  readonly "policy.preferred": "local" | "system" | `peer:${string}`;
}

/** xe in 7.2. */
export const DEFAULT_XE_KNOBS: XeKnobs = {
  "xe.chunkSizes": [2 * 2 ** 20, 64 * 2 ** 10, 4 * 2 ** 10],
  "xe.notifierSize": 512 * 2 ** 20,
  "xe.checkThreshold": 64 * 2 ** 10,
  "xe.tries": { normal: 1, vram: 3 },
  "xe.timesliceMs": 5,
  "xe.needs64k": false,
  "xe.atomicsOnSystem": false,
  "xe.allOrNothing": true,
  "xe.copyJobBytes": 8 * 2 ** 20,
  "xe.mixedAllowed": false,
  "xe.madviseAutoreset": false,
  "xe.patEntries": 32,
  "policy.preferred": "local",
};

const SMALLEST_BYTES = 4096;

const TABLE: KnobTable = {
  page: "docs/xe.md",
  rules: {
    "xe.chunkSizes": [isSizeList, "powers of two from 4096 on, in the order of the attempts"],
    "xe.notifierSize": [isPowerOfTwo, "a power of two from 4096 on"],
    "xe.checkThreshold": wholeNumber(0),
    "xe.tries": [isTries, "{ normal: N, vram: N }, whole numbers from 0 and from 1 on"],
    "xe.timesliceMs": DURATION,
    "xe.needs64k": SWITCH,
    "xe.atomicsOnSystem": SWITCH,
    "xe.allOrNothing": SWITCH,
    "xe.copyJobBytes": wholeNumber(SMALLEST_BYTES),
    "xe.mixedAllowed": SWITCH,
    "xe.madviseAutoreset": SWITCH,
    "xe.patEntries": wholeNumber(1, 32),
    "policy.preferred": [isPlace, "local, system, or peer: and the name of a device"],
  } satisfies Record<keyof XeKnobs, KnobRule>,
};

/** Every problem of given parameters. */
export function findXeKnobProblems(given: Readonly<Record<string, unknown>>): KnobProblem[] {
  return findKnobProblems(TABLE, given);
}

/**
 * The parameters with everything that is not given at its default.
 * @throws ArgumentError naming the first parameter that cannot be taken.
 */
export function xeKnobs(given: object): XeKnobs {
  return takeKnobs(TABLE, DEFAULT_XE_KNOBS, given);
}

function isPowerOfTwo(value: unknown): boolean {
  if (!isWhole(value, SMALLEST_BYTES)) return false;
  const bits = BigInt(Number(value));
  return (bits & (bits - 1n)) === 0n;
}

function isSizeList(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((one) => isPowerOfTwo(one));
}

function isTries(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { normal, vram, ...others } = value as Readonly<Record<string, unknown>>;
  return isWhole(normal, 0) && isWhole(vram, 1) && Object.keys(others).length === 0;
}

function isPlace(value: unknown): boolean {
  return typeof value === "string" && /^(?:local|system|peer:.+)$/.test(value);
}
