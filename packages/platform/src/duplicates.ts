// Values that must differ and do not, each shown with the one before it.
import type { Diagnostic, DocumentPath, YamlSource } from "@faultline/diagnostics";

/** Reports values that occur twice, each with its first place. */
export function duplicates(
  yaml: YamlSource,
  code: Diagnostic["code"],
  what: string,
  values: readonly (readonly [value: string, path: DocumentPath])[],
  hint?: string,
): Diagnostic[] {
  const first = new Map<string, DocumentPath>();
  return values.flatMap(([value, path]) => {
    const earlier = first.get(value);
    if (earlier === undefined) {
      first.set(value, path);
      return [];
    }
    const related = { path: earlier, message: "the first one is here" };
    return [yaml.diagnostic(path, code, `${what}: ${value}`, { hint, related })];
  });
}
