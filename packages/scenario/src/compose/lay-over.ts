// One document over another: mappings are merged key by key, everything else is replaced.
import { type DocumentPath, type ValueOrigin, type YamlSource } from "@faultline/diagnostics";
import { type Draft, patchDocument } from "./immer-patches.ts";

/**
 * Lays `over` on `base`; null in `over` takes away what `base` has. A value that only one of them
 * has keeps its place there; of a value that both have alike, `base` wrote it.
 */
export function layOver(base: YamlSource, over: YamlSource): YamlSource {
  const { value, written } = patchDocument(base.value, (draft) => merge(draft, over.value));
  const origins: ValueOrigin[] = [
    {
      path: [],
      // The document as a whole is the one that was asked for.
      place: (inside, ofKey) => (inside.length === 0 ? over.place([]) : base.place(inside, ofKey)),
    },
    ...written.map((path): ValueOrigin => {
      const place = (inside: DocumentPath, ofKey: boolean) =>
        over.place([...path, ...inside], ofKey);
      return { path, place };
    }),
  ];
  return over.patched(value, origins);
}

function merge(draft: Draft, over: unknown): void {
  for (const [key, value] of Object.entries(over as Draft)) {
    if (value === null) delete draft[key];
    else if (isMapping(value) && isMapping(draft[key])) merge(draft[key], value);
    else draft[key] = value;
  }
}

function isMapping(value: unknown): value is Draft {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
