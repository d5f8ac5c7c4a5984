// Changing a document that is a value: immer's patches say what was changed.
import type { DocumentPath } from "@faultline/diagnostics";
import { enablePatches, produceWithPatches } from "immer";

enablePatches();

/** A part of a document that may be changed while a recipe runs. */
export type Draft = Record<string | number, unknown>;

/** A changed document. */
export interface Patched {
  readonly value: unknown;
  /** What was replaced or added; what was only taken away has no place any more. */
  readonly written: readonly DocumentPath[];
}

/** Runs a recipe on a document, which stays as it was. */
export function patchDocument(document: unknown, recipe: (draft: Draft) => void): Patched {
  const [value, patches] = produceWithPatches(document as Draft, (draft) => {
    recipe(draft);
  });
  const written = patches.filter(({ op }) => op !== "remove").map(({ path }) => path);
  return { value, written };
}
