// From the nodes that were read to a tree whose values are bytes: nodes that nobody refers to are
// left out where the source says so, nodes that somebody refers to get a phandle, and references
// become numbers and paths.
import { diagnosticAt, type DiagnosticSink, hintForName } from "@faultline/diagnostics";
import type { SourceText } from "@faultline/diagnostics";
import type { DtNode, DtProperty } from "./device-tree.ts";
import {
  type OpenNode,
  openNodes,
  openPath,
  type OpenProperty,
  type Piece,
  type Reference,
  resolve,
} from "./open-tree.ts";

const LARGEST_PHANDLE = 0xfffffffe;

interface Finishing {
  readonly root: OpenNode;
  readonly labels: ReadonlyMap<string, OpenNode>;
  readonly source: SourceText;
  readonly sink: DiagnosticSink;
  /** Phandles by node, those of the source and those given here. */
  readonly phandles: Map<OpenNode, number>;
}

/** Closes the tree; problems with its references go to the sink. */
export function finishTree(
  root: OpenNode,
  labels: ReadonlyMap<string, OpenNode>,
  source: SourceText,
  sink: DiagnosticSink,
): DtNode {
  const finishing: Finishing = { root, labels, source, sink, phandles: new Map() };
  dropUnused(finishing);
  collectPhandles(finishing);
  givePhandles(finishing);
  return closeNode(finishing, root, null);
}

function referencesOf(node: OpenNode): { target: Reference; kind: "phandle" | "path" }[] {
  return [...node.properties.values()].flatMap(({ pieces }) =>
    pieces.flatMap((piece) => (piece.kind === "bytes" ? [] : [piece])),
  );
}

function dropUnused({ root, labels }: Finishing): void {
  const nodes = openNodes(root);
  if (!nodes.some((node) => node.isOmittedUnlessUsed)) return;
  const used = new Set(
    nodes.flatMap(referencesOf).map(({ target }) => resolve(root, labels, target)),
  );
  for (const node of nodes) {
    if (node.isOmittedUnlessUsed && !used.has(node)) node.parent?.children.delete(node.name);
  }
}

function collectPhandles({ root, source, sink, phandles }: Finishing): void {
  const owners = new Map<number, OpenProperty>();
  for (const node of openNodes(root)) {
    const property = node.properties.get("phandle") ?? node.properties.get("linux,phandle");
    const [piece, more] = property?.pieces ?? [];
    if (property === undefined || piece?.kind !== "bytes" || more !== undefined) continue;
    const [start, end] = property.range ?? node.range;
    const value = piece.bytes.reduce((sum, byte) => sum * 256 + byte, 0);
    if (piece.bytes.length !== 4 || value === 0 || value > LARGEST_PHANDLE) {
      const message = "a phandle is one cell from 1 to 0xfffffffe";
      sink.add(diagnosticAt(source, start, end, "E_DEVICETREE_REFERENCE", message));
      continue;
    }
    const first = owners.get(value);
    if (first !== undefined) {
      const place = source.place(...(first.range ?? [0, 0]));
      const related = [{ ...place, message: "the first one is here" }];
      const message = `phandle used twice: 0x${value.toString(16)}`;
      sink.add(diagnosticAt(source, start, end, "E_DEVICETREE_REFERENCE", message, { related }));
    }
    owners.set(value, property);
    phandles.set(node, value);
  }
}

/** Nodes that are referred to and have no phandle get the lowest unused ones, as dtc gives them. */
function givePhandles({ root, labels, phandles }: Finishing): void {
  const taken = new Set(phandles.values());
  let next = 1;
  for (const { target, kind } of openNodes(root).flatMap(referencesOf)) {
    const node = kind === "phandle" ? resolve(root, labels, target) : null;
    if (node === null || phandles.has(node)) continue;
    while (taken.has(next)) next += 1;
    taken.add(next);
    phandles.set(node, next);
    const bytes = cellBytes(next);
    const pieces: Piece[] = [{ kind: "bytes", bytes }];
    node.properties.set("phandle", { name: "phandle", pieces, range: null });
  }
}

function closeNode(finishing: Finishing, node: OpenNode, parent: DtNode | null): DtNode {
  const properties = new Map<string, DtProperty>();
  const children: DtNode[] = [];
  const { name, labels, range } = node;
  const closed: DtNode = {
    name,
    path: openPath(node),
    parent,
    labels,
    properties,
    children,
    range,
  };
  for (const property of node.properties.values()) {
    properties.set(property.name, closeProperty(finishing, property));
  }
  for (const child of node.children.values()) children.push(closeNode(finishing, child, closed));
  return closed;
}

function closeProperty(finishing: Finishing, { name, pieces, range }: OpenProperty): DtProperty {
  const bytes = pieces.flatMap((piece) =>
    piece.kind === "bytes" ? piece.bytes : referenceBytes(finishing, piece),
  );
  return { name, value: Uint8Array.from(bytes), range };
}

function referenceBytes(
  { root, labels, source, sink, phandles }: Finishing,
  { kind, target }: Piece & { kind: "phandle" | "path" },
): number[] {
  const node = resolve(root, labels, target);
  if (node === null) {
    const isPath = target.name.startsWith("/");
    const hint = isPath ? undefined : hintForName("labels", target.name, [...labels.keys()]);
    const message = `unknown node: &${isPath ? `{${target.name}}` : target.name}`;
    const [start, end] = target.range;
    sink.add(diagnosticAt(source, start, end, "E_DEVICETREE_REFERENCE", message, { hint }));
    return [];
  }
  if (kind === "phandle") return cellBytes(phandles.get(node) ?? 0);
  return [...Array.from(openPath(node), (character) => character.charCodeAt(0)), 0];
}

function cellBytes(value: number): number[] {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff);
}
