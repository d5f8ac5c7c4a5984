// One value of a document that somebody else wants to be another, with where they wrote so.
import {
  type Diagnostic,
  diagnosticAt,
  type DocumentPath,
  type Place,
  readYamlPart,
  SourceText,
  valueAt,
  type YamlSource,
} from "@faultline/diagnostics";

/** A value for a path of a document. */
export interface Override {
  /** `machine.swap`, `steps.2.pages`, `machine.devices.gpu0.knobs`: see {@link applyOverrides}. */
  readonly path: string;
  /** Null takes away what is there. */
  readonly value: unknown;
  /** Where the characters of the path from `start` to `end` are written. */
  readonly pathPlace: (start: number, end: number) => Place;
  /** Where the value is written, or a value inside it. */
  readonly valuePlace: (inside: DocumentPath) => Place;
}

/** Overrides that were written as text, with their problems. */
export interface ParsedOverrides {
  readonly overrides: readonly Override[];
  /** The arguments, one to a line, for excerpts. */
  readonly source: SourceText;
  readonly diagnostics: readonly Diagnostic[];
}

/** How diagnostics name what stands on the command line. */
const COMMAND_LINE = "<command line>";

/**
 * Reads arguments of a command line, `path=value` each. Values are YAML: `4`, `2MiB`, `[0, 1]`,
 * `{ gpu0: intel-xe-svm-thp }`; nothing after the `=` takes the value away.
 * @param option as it is shown in front of each argument.
 */
export function parseOverrides(args: readonly string[], option = "--set"): ParsedOverrides {
  const lines = args.map((arg) => `${option} ${arg.replaceAll(/\s/g, " ")}`);
  const source = new SourceText(COMMAND_LINE, lines.join("\n"));
  const diagnostics: Diagnostic[] = [];
  const overrides: Override[] = [];
  for (const [at, line] of lines.entries()) {
    const start = source.lineStart(at + 1) + option.length + 1;
    const end = source.lineStart(at + 1) + line.length;
    const equals = source.text.slice(start, end).indexOf("=");
    if (equals < 1) {
      const hint = `${option} takes PATH=VALUE, such as machine.swap=64MiB`;
      const message = `no ${equals < 0 ? "value" : "path"}: ${args[at]}`;
      diagnostics.push(diagnosticAt(source, start, end, "E_OPTION_INVALID", message, { hint }));
      continue;
    }
    const { yaml, diagnostics: problems } = readYamlPart(source, start + equals + 1, end);
    diagnostics.push(...problems);
    if (yaml === null) continue;
    overrides.push({
      path: source.text.slice(start, start + equals),
      value: yaml.value,
      pathPlace: (from, to) => source.place(start + from, start + to),
      valuePlace: (inside) => yaml.place(inside),
    });
  }
  return { overrides, source, diagnostics };
}

/** The entries of a mapping inside a document: paths as keys, with their values. */
export function overridesAt(yaml: YamlSource, at: DocumentPath): Override[] {
  const entries = Object.entries(valueAt(yaml.value, at) ?? {});
  return entries.map(([path, value]) => overrideFrom(yaml, [...at, path], path, value));
}

/**
 * A value for a path that stands in no text of its own, as a sweep's values do.
 * @param yaml where the value comes from, for diagnostics.
 * @param at what diagnostics point to.
 */
export function overrideFrom(
  yaml: YamlSource,
  at: DocumentPath,
  path: string,
  value: unknown,
): Override {
  const keyPlace = yaml.place(at, true);
  const isPlain = keyPlace.end - keyPlace.start === path.length;
  return {
    path,
    value,
    pathPlace: (from, to) => {
      if (!isPlain) return keyPlace;
      const { start, column } = keyPlace;
      return { ...keyPlace, start: start + from, end: start + to, column: column + from };
    },
    valuePlace: (inside) => yaml.place([...at, ...inside]),
  };
}
