// Values laid over a document, one path after another; each keeps the place of who wrote it.
import {
  type Diagnostic,
  diagnosticAtPlace,
  type DocumentPath,
  type Place,
  type ValueOrigin,
  valueAt,
  type YamlSource,
} from "@faultline/diagnostics";
import { type Draft, patchDocument } from "./immer-patches.ts";
import type { Override } from "./override.ts";
import {
  type KnownKeysAt,
  type ResolvedPath,
  resolveOverridePath,
} from "./resolve-override-path.ts";

/** A document with what was laid over it; the document as it was where a path is wrong. */
export interface Overridden {
  readonly yaml: YamlSource;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Lays values over a document, in order; the document itself stays as it is, so that many variants
 * can be made of one. A path is keys with dots between them; entries of lists are named by their
 * `name` or their position from 0: `machine.devices.gpu0.knobs.granularity`, `steps.2.pages`. Keys
 * that hold dots are written as they are (`designs.hmm.p2pOp`) or in quotation marks. Missing
 * mappings on the way are made; null takes a value away. Whether the values make sense is for the
 * document's own checks, whose diagnostics then point to who wrote the values.
 * @param knownKeysAt keys that a mapping may have besides those that it has; an empty list allows
 * any. @defaultValue any key
 */
export function applyOverrides(
  yaml: YamlSource,
  overrides: readonly Override[],
  knownKeysAt: (document: unknown) => KnownKeysAt = () => () => [],
): Overridden {
  const diagnostics: Diagnostic[] = [];
  let result = yaml;
  for (const override of overrides) {
    const resolved = resolveOverridePath(result.value, override.path, knownKeysAt(result.value));
    if ("code" in resolved) {
      const { start, end, code, message, hint } = resolved;
      diagnostics.push(diagnosticAtPlace(override.pathPlace(start, end), code, message, { hint }));
      continue;
    }
    result = applyOne(result, override, resolved);
  }
  return { yaml: diagnostics.length === 0 ? result : yaml, diagnostics };
}

function applyOne(yaml: YamlSource, override: Override, { keys, ends }: ResolvedPath): YamlSource {
  const { value, written } = patchDocument(yaml.value, (draft) => {
    setAt(draft, keys, override.value);
  });
  const last = keys.at(-1);
  if (override.value === null && typeof last === "number") {
    return yaml.patched(value, movedUp(yaml, keys.slice(0, -1), last));
  }
  const origins = written.map((path): ValueOrigin => {
    const place = (inside: DocumentPath, ofKey: boolean): Place => {
      const depth = path.length + inside.length;
      // A mapping that was made on the way is written by the part of the path that names it.
      if (depth < keys.length) return override.pathPlace(0, ends[depth - 1] as number);
      const isKey = ofKey && depth === keys.length;
      if (!isKey) return override.valuePlace(inside.slice(keys.length - path.length));
      const before = ends[depth - 2];
      return override.pathPlace(before === undefined ? 0 : before + 1, ends[depth - 1] as number);
    };
    return { path, place };
  });
  return yaml.patched(value, origins);
}

/** Entries behind one that was taken away stand where they stood. */
function movedUp(yaml: YamlSource, list: DocumentPath, removed: number): ValueOrigin[] {
  const length = (valueAt(yaml.value, list) as readonly unknown[]).length;
  return Array.from({ length: length - 1 - removed }, (_, n) => {
    const before = [...list, removed + n + 1];
    return {
      path: [...list, removed + n],
      place: (inside, ofKey) => yaml.place([...before, ...inside], ofKey),
    };
  });
}

function setAt(draft: Draft, keys: DocumentPath, value: unknown): void {
  let at = draft;
  for (const key of keys.slice(0, -1)) {
    at[key] ??= {};
    at = at[key] as Draft;
  }
  const last = keys.at(-1) as string | number;
  if (value !== null) at[last] = value;
  else if (Array.isArray(at)) at.splice(Number(last), 1);
  else delete at[last];
}
