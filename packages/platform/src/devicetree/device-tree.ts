// A flattened device tree: nodes with properties that are bytes. Where it was read from source,
// each node and property knows its place in the text.
import {
  type Diagnostic,
  diagnosticAt,
  type DiagnosticDetails,
  diagnosticFor,
  type Place,
  type SourceText,
} from "@faultline/diagnostics";

/** Offsets in the source text, `end` exclusive. */
export type TextRange = readonly [start: number, end: number];

/** One property. */
export interface DtProperty {
  readonly name: string;
  /** The value as it is in a blob: integers are big-endian, texts end with a zero byte. */
  readonly value: Uint8Array;
  /** Where its name stands; null when it was not read from source. */
  readonly range: TextRange | null;
}

/** One node. */
export interface DtNode {
  /** Name with unit address, such as `memory@0`; empty for the root. */
  readonly name: string;
  /** Path from the root, such as `/cpus/cpu@0`; `/` for the root. */
  readonly path: string;
  readonly parent: DtNode | null;
  readonly labels: readonly string[];
  readonly properties: ReadonlyMap<string, DtProperty>;
  readonly children: readonly DtNode[];
  readonly range: TextRange | null;
}

/** Memory that firmware keeps for itself. */
export interface DtReservation {
  readonly address: bigint;
  readonly sizeBytes: bigint;
}

/** A whole tree. */
export interface DeviceTree {
  /** How diagnostics name the file. */
  readonly file: string;
  /** The text it was read from; null for a blob. */
  readonly source: SourceText | null;
  readonly root: DtNode;
  readonly reservations: readonly DtReservation[];
  /** Physical id of the CPU that boots. */
  readonly bootCpu: number;
}

/** Deepest nesting that is read, as in the kernel. */
export const MAX_DEPTH = 64;

/** All nodes below and including one, each before its children. */
export function* nodesOf(node: DtNode): Generator<DtNode> {
  yield node;
  for (const child of node.children) yield* nodesOf(child);
}

/** A part of a tree that a diagnostic can be about; a blob has no places, so the path is said. */
export interface DtPart {
  readonly tree: DeviceTree;
  readonly node: DtNode;
  /** The property, when it is about one. */
  readonly property?: string | undefined;
}

/** The place of a node or of one of its properties; the file as a whole for a blob. */
export function placeOf({ tree, node, property }: DtPart): Place {
  const range = rangeOf(node, property);
  const whole = { file: tree.file, start: 0, end: 0, line: 0, column: 0 };
  return tree.source === null || range === null ? whole : tree.source.place(...range);
}

/** A diagnostic about a node or one of its properties. */
export function dtDiagnostic(
  { tree, node, property }: DtPart,
  code: Diagnostic["code"],
  message: string,
  details: DiagnosticDetails = {},
): Diagnostic {
  const range = rangeOf(node, property);
  if (tree.source !== null && range !== null) {
    return diagnosticAt(tree.source, ...range, code, message, details);
  }
  const where = property === undefined ? node.path : `${node.path}: ${property}`;
  return diagnosticFor(tree.file, code, `${where}: ${message}`, details);
}

function rangeOf(node: DtNode, property: string | undefined): TextRange | null {
  const own = property === undefined ? undefined : node.properties.get(property)?.range;
  return own ?? node.range;
}
