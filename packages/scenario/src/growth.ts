// How much counts have grown.

/** What each count of `after` has more than `before`; what was not counted before grew from 0. */
export function growth(
  after: Readonly<Record<string, number>>,
  before: Readonly<Record<string, number>>,
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)]),
  );
}
