// A scenario with the files that it is made of: those that it extends below it, the steps of those
// that it includes among its own, and what it sets on top.
import {
  type Diagnostic,
  diagnosticAtPlace,
  type DocumentPath,
  knownKeys,
  type Place,
  readYaml,
  type SourceText,
  type ValueOrigin,
  type YamlSource,
} from "@faultline/diagnostics";
import type { ReadReferenced } from "../load-machine-file.ts";
import { scenarioSchema } from "../schema/scenario-schema.ts";
import { applyOverrides } from "./apply-overrides.ts";
import { patchDocument } from "./immer-patches.ts";
import { layOver } from "./lay-over.ts";
import { type Override, overridesAt } from "./override.ts";

/** A scenario as one document. */
export interface ComposedScenario {
  /** Every value with the place of who wrote it; null where the files do not make a document. */
  readonly yaml: YamlSource | null;
  readonly diagnostics: readonly Diagnostic[];
  /** Texts of the files that were read, for excerpts. */
  readonly sources: readonly SourceText[];
}

/** So that no handful of files can grow without end. */
const MAX_STEPS = 2 ** 16;

/** Files that extend or include each other in a row. */
const MAX_DEPTH = 32;

/**
 * Composes a scenario: `extends`, `include` and `set` are followed and are no longer in what comes
 * back, which is not yet checked in any other way.
 * @param read reads the files that it names.
 * @param overrides go over everything; see {@link applyOverrides}.
 */
export function composeScenario(
  yaml: YamlSource,
  read: ReadReferenced,
  overrides: readonly Override[] = [],
): ComposedScenario {
  const composer = new Composer(read);
  const place = yaml.place([]);
  const composed = composer.compose(yaml, [{ file: yaml.source.file, place }]);
  const { diagnostics, sources } = composer;
  if (composed === null || diagnostics.length > 0) return { yaml: null, diagnostics, sources };
  const changed = overrideScenario(composed, overrides);
  diagnostics.push(...changed.diagnostics);
  return { yaml: diagnostics.length > 0 ? null : changed.yaml, diagnostics, sources };
}

/** Lays values over a scenario; a wrong path is told with the keys that scenarios have. */
export function overrideScenario(
  yaml: YamlSource,
  overrides: readonly Override[],
): ReturnType<typeof applyOverrides> {
  return applyOverrides(yaml, overrides, (value) => (path) => {
    return knownKeys(scenarioSchema, value, path);
  });
}

/** A file that is being composed, and the reference that led to it. */
interface Opened {
  readonly file: string;
  readonly place: Place;
}

class Composer {
  readonly diagnostics: Diagnostic[] = [];
  readonly sources: SourceText[] = [];
  private readonly read: ReadReferenced;
  private readonly composed = new Map<string, YamlSource | null>();

  constructor(read: ReadReferenced) {
    this.read = read;
  }

  /** Null where something is wrong, which is then in the diagnostics. */
  compose(yaml: YamlSource, opened: readonly Opened[]): YamlSource | null {
    if (!isMapping(yaml.value)) return yaml;
    const { extends: below, set, steps } = yaml.value;
    let result: YamlSource | null = Array.isArray(steps)
      ? this.withIncluded(yaml, steps, opened)
      : yaml;
    const base = below === undefined ? null : this.base(yaml, below, opened);
    if (result === null || (below !== undefined && base === null)) return null;
    result = withoutKeys(result, ["extends", "set"]);
    if (base !== null) result = layOver(base, result);
    if (set === undefined) return result;
    if (!isMapping(set)) {
      const message = "expected a mapping of paths to values";
      this.diagnostics.push(yaml.diagnostic(["set"], "E_VALUE_TYPE", message));
      return null;
    }
    const { yaml: changed, diagnostics } = overrideScenario(result, overridesAt(yaml, ["set"]));
    this.diagnostics.push(...diagnostics);
    return changed;
  }

  /** What the document is laid over: the files of `extends`, the first at the bottom. */
  private base(yaml: YamlSource, named: unknown, opened: readonly Opened[]): YamlSource | null {
    const files: readonly unknown[] = Array.isArray(named) ? named : [named];
    let base: YamlSource | null = null;
    for (const [at, file] of files.entries()) {
      const path = Array.isArray(named) ? ["extends", at] : ["extends"];
      const next = this.open(yaml, path, file, opened);
      if (next === null) return null;
      base = base === null ? next : layOver(base, next);
    }
    return base;
  }

  /** The steps with those of other files in place of each `include`. */
  private withIncluded(
    yaml: YamlSource,
    steps: readonly unknown[],
    opened: readonly Opened[],
  ): YamlSource | null {
    if (!steps.some(isInclude)) return yaml;
    const all: unknown[] = [];
    const origins: ValueOrigin[] = [];
    for (const [index, step] of steps.entries()) {
      const path = ["steps", index];
      if (!isInclude(step)) {
        origins.push({ path: ["steps", all.length], place: placeIn(yaml, path) });
        all.push(step);
        continue;
      }
      const from = this.included(yaml, step, path, opened);
      if (from === null) return null;
      const { steps: others = [] } = from.value as { readonly steps?: readonly unknown[] };
      for (const n of others.keys()) {
        const place = placeIn(from, ["steps", n]);
        origins.push({ path: ["steps", all.length + n], place });
      }
      all.push(...others);
      if (all.length > MAX_STEPS) {
        const message = `too many steps: ${all.length}`;
        this.diagnostics.push(yaml.diagnostic(path, "E_VALUE_RANGE", message));
        return null;
      }
    }
    const { value } = patchDocument(yaml.value, (draft) => {
      draft.steps = all;
    });
    return yaml.patched(value, origins);
  }

  private included(
    yaml: YamlSource,
    step: Readonly<Record<string, unknown>>,
    path: DocumentPath,
    opened: readonly Opened[],
  ): YamlSource | null {
    for (const key of Object.keys(step)) {
      if (key === "include") continue;
      const details = { ofKey: true, hint: "the steps of the file say everything themselves" };
      const message = `${key} beside include`;
      this.diagnostics.push(yaml.diagnostic([...path, key], "E_KEY_UNKNOWN", message, details));
    }
    const from = this.open(yaml, [...path, "include"], step.include, opened);
    if (from === null) return null;
    const { steps } = from.value as { readonly steps?: unknown };
    if (Array.isArray(steps)) return from;
    const message = "the file has no list of steps";
    this.diagnostics.push(yaml.diagnostic([...path, "include"], "E_KEY_MISSING", message));
    return null;
  }

  /** Reads and composes a file that a value names. */
  private open(
    yaml: YamlSource,
    path: DocumentPath,
    name: unknown,
    opened: readonly Opened[],
  ): YamlSource | null {
    const place = yaml.place(path);
    if (typeof name !== "string") {
      const message = "expected the path of a scenario file";
      this.diagnostics.push(diagnosticAtPlace(place, "E_VALUE_TYPE", message));
      return null;
    }
    const source = this.read(name, place.file);
    if (source === null) {
      const hint = "the path starts at the folder of the file that names it";
      const message = `no such file: ${name}`;
      this.diagnostics.push(diagnosticAtPlace(place, "E_FILE_NOT_FOUND", message, { hint }));
      return null;
    }
    const { file } = source;
    const first = opened.findIndex((one) => one.file === file);
    if (first >= 0 || opened.length > MAX_DEPTH) {
      const message = first >= 0 ? `${file} is made of itself` : "too many files in a row";
      const way = opened.slice(Math.max(0, first) + 1).map((one) => {
        return { ...one.place, message: `leads to ${one.file}` };
      });
      const problem = diagnosticAtPlace(place, "E_FILE_CYCLE", message, { related: way });
      this.diagnostics.push(problem);
      return null;
    }
    return this.parsed(source, [...opened, { file, place }]);
  }

  /** Each file is composed once, however often it is named. */
  private parsed(source: SourceText, opened: readonly Opened[]): YamlSource | null {
    const known = this.composed.get(source.file);
    if (known !== undefined) return known;
    this.sources.push(source);
    const { yaml, diagnostics } = readYaml(source.text, source.file);
    this.diagnostics.push(...diagnostics);
    const isDocument = yaml !== null && isMapping(yaml.value);
    if (yaml !== null && !isDocument) {
      const message = "expected a mapping";
      this.diagnostics.push(yaml.diagnostic([], "E_VALUE_TYPE", message));
    }
    const composed = isDocument ? this.compose(yaml, opened) : null;
    this.composed.set(source.file, composed);
    return composed;
  }
}

function placeIn(yaml: YamlSource, path: DocumentPath): ValueOrigin["place"] {
  return (inside, ofKey) => yaml.place([...path, ...inside], ofKey);
}

function withoutKeys(yaml: YamlSource, keys: readonly string[]): YamlSource {
  const { value } = patchDocument(yaml.value, (draft) => {
    for (const key of keys) delete draft[key];
  });
  return yaml.patched(value, []);
}

function isInclude(step: unknown): step is Readonly<Record<string, unknown>> {
  return isMapping(step) && Object.hasOwn(step, "include");
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
