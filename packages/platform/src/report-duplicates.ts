// Values that must differ and do not, each shown with the first one.
import type { Diagnostic, DocumentPath, YamlSource } from "@faultline/diagnostics";
import { duplicates } from "./duplicates.ts";

/** Reports values that occur twice, each with its first place. */
export function reportDuplicates(
  yaml: YamlSource,
  code: Diagnostic["code"],
  what: string,
  values: readonly (readonly [value: string, path: DocumentPath])[],
  hint?: string,
): Diagnostic[] {
  return duplicates(values, ([value]) => value).flatMap(([value, [first, ...others]]) => {
    const related = { path: first[1], message: "the first one is here" };
    return others.map(([, path]) =>
      yaml.diagnostic(path, code, `${what}: ${value}`, { hint, related }),
    );
  });
}
