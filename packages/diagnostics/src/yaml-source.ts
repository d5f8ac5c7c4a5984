// Reading YAML while keeping where everything stands, so that each problem can point at its words.
import {
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type YAMLError,
} from "yaml";
import {
  type Diagnostic,
  diagnosticAt,
  diagnosticAtPlace,
  type Place,
  type Severity,
} from "./diagnostic.ts";
import { SourceText } from "./source-text.ts";

/** A path into a document: keys and list positions. */
export type DocumentPath = readonly (string | number)[];

/** Who wrote a part of a document that others have contributed to. */
export interface ValueOrigin {
  /** The part, by its path in the document. */
  readonly path: DocumentPath;
  /** Where a value below the part is written, or its key. */
  readonly place: (inside: DocumentPath, ofKey: boolean) => Place;
}

/** A document that is not just what its file says. */
export interface InnerDocument {
  /** Where in the file it stands. */
  readonly root: DocumentPath;
  readonly value: unknown;
  /** Parts that others wrote, by their paths in the file; a later one covers those before it. */
  readonly origins?: readonly ValueOrigin[];
}

/** A parsed file with positions. */
export class YamlSource {
  readonly source: SourceText;
  readonly value: unknown;
  private readonly document: Document;
  private readonly root: DocumentPath;
  private readonly origins: readonly ValueOrigin[];

  /** @param inner a document inside another, with its path there. @defaultValue the whole file */
  constructor(source: SourceText, document: Document, inner: InnerDocument | null = null) {
    this.source = source;
    this.document = document;
    this.root = inner?.root ?? [];
    this.origins = inner?.origins ?? [];
    this.value = inner === null ? document.toJS({ maxAliasCount: 100 }) : inner.value;
  }

  /** The value at a path as a document of its own, which still knows where it stands. */
  below(path: DocumentPath): YamlSource {
    const { origins } = this;
    const inner = { root: [...this.root, ...path], value: valueAt(this.value, path), origins };
    return new YamlSource(this.source, this.document, inner);
  }

  /**
   * This document with another value, of which others have written parts.
   * @param origins who wrote what; each covers those before it and what was there.
   */
  patched(value: unknown, origins: readonly ValueOrigin[]): YamlSource {
    const { root } = this;
    const placed = origins.map(({ path, place }) => ({ path: [...root, ...path], place }));
    const inner = { root, value, origins: [...this.origins, ...placed] };
    return new YamlSource(this.source, this.document, inner);
  }

  /**
   * This document laid over the value of another one: mappings are merged, everything else is
   * replaced. What is wrong with a key that only the other one has is shown where this one begins.
   */
  over(value: unknown): YamlSource {
    const inner = { root: this.root, value: merged(value, this.value), origins: this.origins };
    return new YamlSource(this.source, this.document, inner);
  }

  /** Start and end offsets of the value at a path of the file; of its key when `ofKey`. */
  private range(path: DocumentPath, ofKey: boolean): readonly [number, number] {
    let node: unknown = this.document.contents;
    let found: readonly [number, number] = nodeRange(node) ?? [0, 0];
    for (const [depth, step] of path.entries()) {
      const isLast = depth === path.length - 1;
      if (isMap(node)) {
        const pair = node.items.find((item) => isScalar(item.key) && item.key.value === step);
        if (pair === undefined) return headOf(this.source.text, found);
        const keyRange = nodeRange(pair.key) ?? found;
        node = pair.value;
        found = isLast && ofKey ? keyRange : (nodeRange(node) ?? keyRange);
      } else if (isSeq(node)) {
        node = node.items[Number(step)];
        found = nodeRange(node) ?? found;
      } else {
        break;
      }
    }
    return found;
  }

  /** The place of the value at a path, shortened to its first line. */
  place(inside: DocumentPath, ofKey = false): Place {
    const path = [...this.root, ...inside];
    const origin = this.origins.findLast((one) => one.path.every((key, at) => key === path[at]));
    if (origin !== undefined) return origin.place(path.slice(origin.path.length), ofKey);
    const [start, end] = headOf(this.source.text, this.range(path, ofKey));
    return this.source.place(start, end);
  }

  /** A diagnostic about the value at a path. */
  diagnostic(
    path: DocumentPath,
    code: Diagnostic["code"],
    message: string,
    details: {
      severity?: Severity;
      hint?: string | undefined;
      ofKey?: boolean;
      /** Another value that helps to understand the problem. */
      related?: { path: DocumentPath; message: string };
    } = {},
  ): Diagnostic {
    const { severity, hint, related } = details;
    return diagnosticAtPlace(this.place(path, details.ofKey === true), code, message, {
      severity,
      hint,
      related: related && [{ ...this.place(related.path), message: related.message }],
    });
  }
}

/** The value at a path, or undefined where there is none. */
export function valueAt(value: unknown, path: DocumentPath): unknown {
  let at = value;
  for (const step of path) {
    if (typeof at !== "object" || at === null) return undefined;
    at = (at as Record<string | number, unknown>)[step];
  }
  return at;
}

function merged(under: unknown, over: unknown): unknown {
  if (!isMapping(under) || !isMapping(over)) return over ?? under;
  const keys = new Set([...Object.keys(under), ...Object.keys(over)]);
  const entries = [...keys].map((key) => {
    const below = Object.hasOwn(under, key) ? under[key] : undefined;
    return [key, Object.hasOwn(over, key) ? merged(below, over[key]) : below];
  });
  return Object.fromEntries(entries);
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Long mappings and lists are pointed at by their first line. */
function headOf(text: string, [start, end]: readonly [number, number]): [number, number] {
  const lineEnd = text.indexOf("\n", start);
  return [start, lineEnd === -1 || lineEnd > end ? end : lineEnd];
}

function nodeRange(node: unknown): readonly [number, number] | null {
  if (!isNode(node) || node.range === null || node.range === undefined) return null;
  return [node.range[0], node.range[1]];
}

/** What reading a text gave: a source when the text is YAML, and every syntax problem. */
export interface YamlResult {
  readonly yaml: YamlSource | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Parses one YAML document. */
export function readYaml(text: string, fileName: string): YamlResult {
  return readYamlText(new SourceText(fileName, text), text);
}

/** Parses a part of a text as a document of its own; its places are those of the whole text. */
export function readYamlPart(source: SourceText, start: number, end: number): YamlResult {
  const before = source.text.slice(0, start).replaceAll(/[^\n]/g, " ");
  return readYamlText(source, before + source.text.slice(start, end));
}

function readYamlText(source: SourceText, text: string): YamlResult {
  const document = parseDocument(text, { lineCounter: new LineCounter(), prettyErrors: false });
  const diagnostics = document.errors.map((error) =>
    diagnosticAt(source, error.pos[0], error.pos[1], "E_YAML_SYNTAX", describeError(error)),
  );
  diagnostics.push(...unresolvedAliases(source, document));
  if (diagnostics.length > 0) return { yaml: null, diagnostics };
  try {
    return { yaml: new YamlSource(source, document), diagnostics };
  } catch (error) {
    // Resolving aliases is the one step after parsing that can refuse a document.
    const message = messageOf(error instanceof Error ? error.message : String(error));
    return { yaml: null, diagnostics: [diagnosticAt(source, 0, 0, "E_YAML_SYNTAX", message)] };
  }
}

function unresolvedAliases(source: SourceText, document: Document): Diagnostic[] {
  const found: Diagnostic[] = [];
  visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document) !== undefined) return;
      const [start, end] = nodeRange(alias) ?? [0, 0];
      const message = `alias without an anchor before it: ${alias.source}`;
      found.push(diagnosticAt(source, start, end, "E_YAML_SYNTAX", message));
    },
  });
  return found;
}

function describeError({ code, message }: YAMLError): string {
  return code === "MULTIPLE_DOCS" ? "a file holds one document" : messageOf(message);
}

function messageOf(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1).replace(/\.$/, "");
}
