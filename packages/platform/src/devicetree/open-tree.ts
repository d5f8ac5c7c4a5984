// A device tree while its source is read: nodes that can be added to, replaced and deleted, and
// values whose references are not yet resolved.
import type { TextRange } from "./device-tree.ts";

/** A part of a value. */
export type Piece =
  | { readonly kind: "bytes"; readonly bytes: readonly number[] }
  /** `<&target>`: the phandle of a node. */
  | { readonly kind: "phandle"; readonly target: Reference }
  /** `&target` outside of `<>`: the path of a node. */
  | { readonly kind: "path"; readonly target: Reference };

/** A label without its `&`, or a path. */
export interface Reference {
  readonly name: string;
  readonly range: TextRange;
}

/** A property of an open node. */
export interface OpenProperty {
  readonly name: string;
  readonly pieces: readonly Piece[];
  readonly range: TextRange | null;
}

/** A node that is still being read. */
export interface OpenNode {
  readonly name: string;
  readonly parent: OpenNode | null;
  readonly depth: number;
  readonly labels: string[];
  readonly properties: Map<string, OpenProperty>;
  readonly children: Map<string, OpenNode>;
  readonly range: TextRange;
  /** `/omit-if-no-ref/` */
  isOmittedUnlessUsed: boolean;
}

/** A new node, entered below its parent. */
export function openNode(parent: OpenNode | null, name: string, range: TextRange): OpenNode {
  const node: OpenNode = {
    name,
    parent,
    depth: parent === null ? 0 : parent.depth + 1,
    labels: [],
    properties: new Map(),
    children: new Map(),
    range,
    isOmittedUnlessUsed: false,
  };
  parent?.children.set(name, node);
  return node;
}

/** The path of an open node. */
export function openPath(node: OpenNode): string {
  const names: string[] = [];
  for (let at: OpenNode = node; at.parent !== null; at = at.parent) names.unshift(at.name);
  return `/${names.join("/")}`;
}

/** All nodes below and including one, each before its children. */
export function openNodes(node: OpenNode): OpenNode[] {
  return [node, ...[...node.children.values()].flatMap(openNodes)];
}

/**
 * The node that a reference means.
 * @param labels nodes by label.
 */
export function resolve(
  root: OpenNode,
  labels: ReadonlyMap<string, OpenNode>,
  { name }: Reference,
): OpenNode | null {
  if (!name.startsWith("/")) return labels.get(name) ?? null;
  let at: OpenNode | null = root;
  for (const step of name.split("/").filter((one) => one !== "")) {
    at = at.children.get(step) ?? uniqueByName(at, step);
    if (at === null) return null;
  }
  return at;
}

/** A unit address may be left out where only one child has the name. */
function uniqueByName({ children }: OpenNode, name: string): OpenNode | null {
  if (name.includes("@")) return null;
  const [only, more] = [...children.values()].filter((one) => one.name.split("@")[0] === name);
  return more === undefined ? (only ?? null) : null;
}
