// "Did you mean …?": the known name that a mistyped one was probably meant to be.
import { distance } from "fastest-levenshtein";

/**
 * The candidate nearest to `word`, or undefined when none is near: at most one edit in three
 * characters (at least one, at most three). Letter case, `-`, `_` and spaces do not count as edits.
 * Among equally near candidates the first in the given order wins.
 */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = plain(word);
  if (wanted === "") return undefined;
  const limit = Math.min(3, Math.max(1, Math.floor(wanted.length / 3)));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    const edits = distance(wanted, plain(candidate));
    if (edits >= bestDistance) continue;
    best = candidate;
    bestDistance = edits;
  }
  return best;
}

/**
 * A hint that lists what could have been written and picks the likely one:
 * `declared owner spaces are hive0, hive_b; did you mean hive_b?`.
 */
export function hintForName(
  kind: string,
  word: string,
  candidates: readonly string[],
  maxListed = 8,
): string {
  if (candidates.length === 0) return `there are no ${kind}`;
  const listed = candidates.slice(0, maxListed).join(", ");
  const rest = candidates.length - maxListed;
  const list = `${kind} are ${listed}${rest > 0 ? ` and ${rest} more` : ""}`;
  const guess = didYouMean(word, candidates);
  return guess === undefined ? list : `${list}; did you mean ${guess}?`;
}

function plain(word: string): string {
  return word.toLowerCase().replaceAll(/[-_\s]/g, "");
}
