// The per-page lists of the record format: letters, snapshot bytes, tokens, statuses.

import type { ListKind } from "./compare-lists.ts";
import {
  encodeBytes,
  encodeLetters,
  encodeStatuses,
  encodeTokens,
  type Token,
} from "./run-length.ts";

/** One letter per page. */
export const LETTERS: ListKind<string> = {
  show: (letters, first, end) => encodeLetters(letters.slice(first, end)),
  sizeOf: (letters) => letters.length,
  differsAt: (expected, actual, i) => expected.charCodeAt(i) !== actual.charCodeAt(i),
};

/** One byte per page. */
export const BYTES: ListKind<Uint8Array> = {
  show: (bytes, first, end) => encodeBytes(bytes.subarray(first, end)),
  sizeOf: (bytes) => bytes.length,
  differsAt: (expected, actual, i) => expected[i] !== actual[i],
};

/** One token per page. */
export const TOKENS: ListKind<readonly Token[]> = {
  show: (tokens, first, end) => encodeTokens(tokens.slice(first, end)),
  sizeOf: (tokens) => tokens.length,
  differsAt: (expected, actual, i) => expected[i] !== actual[i],
};

/** One status per page. */
export const STATUSES: ListKind<ArrayLike<number>> = {
  show: (statuses, first, end) => encodeStatuses(Array.from(statuses).slice(first, end)),
  sizeOf: (statuses) => statuses.length,
  differsAt: (expected, actual, i) => expected[i] !== actual[i],
};
