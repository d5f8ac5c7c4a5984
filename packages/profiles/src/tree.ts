// Reading and writing a document at a path of keys.

type Tree = Record<string, unknown>;

/** What is at a path; undefined where there is nothing. */
export function valueAt(tree: object, keys: readonly string[]): unknown {
  return keys.reduce<unknown>((value, key) => (value as Tree | undefined)?.[key], tree);
}

/** Puts a value at a path, with what is missing on the way. */
export function setAt(tree: object, keys: readonly string[], value: unknown): void {
  let at = tree as Tree;
  for (const key of keys.slice(0, -1)) at = (at[key] ??= {}) as Tree;
  at[keys.at(-1) ?? ""] = value;
}

/** Takes away what is at a path. */
export function removeAt(tree: object, keys: readonly string[]): void {
  const parent = valueAt(tree, keys.slice(0, -1)) as Tree | undefined;
  if (parent !== undefined) delete parent[keys.at(-1) ?? ""];
}
