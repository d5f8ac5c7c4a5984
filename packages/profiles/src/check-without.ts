// What a document leaves out of what it inherits has to be there.
import { type Diagnostic, hintForName, type YamlSource } from "@faultline/diagnostics";

/**
 * Paths of `without:` that name nothing.
 * @param known paths that a hint may name.
 */
export function checkWithout(
  yaml: YamlSource,
  without: readonly string[],
  known: readonly string[],
  isInherited: (path: string) => boolean,
): Diagnostic[] {
  return without.flatMap((path, i): Diagnostic[] => {
    if (isInherited(path)) return [];
    const hint = hintForName("numbers of the profile", path, known, 3);
    const message = `nothing to leave out: ${path}`;
    return [yaml.diagnostic(["without", i], "E_NAME_UNKNOWN", message, { hint })];
  });
}
