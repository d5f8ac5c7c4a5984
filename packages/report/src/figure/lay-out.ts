// Where the boxes of a machine's figure go: elkjs in layers from the sockets down to the devices,
// which are one row whatever is above them. Private links among devices and the fabric's switches
// are too many for lines with corners: arcs below the row, and a row of switches below the arcs.
import type { ElkNode } from "elkjs/lib/elk.bundled.js";
import type { FigureEdge, FigureGraph, FigureNode, FigureNodeKind } from "./machine-graph.ts";

/** Size of a character and a line, in pixels: a monospaced font of 11 pixels. */
export const CHAR_WIDTH = 6.6;
/** @see {@link CHAR_WIDTH} */
export const LINE_HEIGHT = 14;

/** A point in pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A box with its place. */
export interface PlacedNode extends Point {
  readonly node: FigureNode;
  readonly width: number;
  readonly height: number;
}

/** A line with its corners. */
export interface PlacedEdge {
  readonly edge: FigureEdge;
  readonly points: readonly Point[];
}

/** A link between two devices: from, to, and how far it hangs down. */
export interface PlacedArc {
  readonly edge: FigureEdge;
  readonly from: Point;
  readonly to: Point;
  readonly depth: number;
}

/** The whole figure without title and legend. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly nodes: ReadonlyMap<string, PlacedNode>;
  readonly edges: readonly PlacedEdge[];
  readonly arcs: readonly PlacedArc[];
}

/** Depth of an arc for each pixel between its ends, and at least. */
const ARC_DEPTH_PER_WIDTH = 0.16;
const MIN_ARC_DEPTH = 14;
/** Room for the lines to the switches. */
const SWITCH_GAP = 96;

/** Rows of the figure, from the top: a later one is below all of an earlier one. */
const PARTITIONS: Readonly<Record<FigureNodeKind, number>> = {
  socket: 0,
  "host-bridge": 1,
  bridge: 2,
  function: 2,
  device: 3,
  switch: 3,
};

const OPTIONS = {
  "elk.algorithm": "layered",
  "elk.direction": "DOWN",
  "elk.edgeRouting": "ORTHOGONAL",
  "elk.partitioning.activate": "true",
  "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
  "elk.layered.crossingMinimization.forceNodeModelOrder": "true",
  "elk.layered.nodePlacement.strategy": "BRANDES_KOEPF",
  "elk.layered.nodePlacement.bk.fixedAlignment": "BALANCED",
  "elk.spacing.nodeNode": "10",
  "elk.layered.spacing.nodeNodeBetweenLayers": "22",
  "elk.spacing.componentComponent": "24",
  "elk.separateConnectedComponents": "false",
  "elk.randomSeed": "1",
};

/** Lays a graph out; the same graph always in the same way. */
export async function layOut({ nodes, edges }: FigureGraph): Promise<Layout> {
  const switches = nodes.filter(({ kind }) => kind === "switch");
  const switchIds = new Set(switches.map(({ id }) => id));
  const deviceIds = new Set(nodes.filter(({ kind }) => kind === "device").map(({ id }) => id));
  const hanging = edges.filter(({ from, to }) => deviceIds.has(from) && deviceIds.has(to));
  const straight = edges.filter(({ from, to }) => switchIds.has(from) || switchIds.has(to));
  const routed = edges.filter((edge) => !hanging.includes(edge) && !straight.includes(edge));
  const root = await elkLayout(
    nodes.filter(({ kind }) => kind !== "switch"),
    routed,
  );
  const placed = new Map(root.nodes.map((one) => [one.node.id, one]));
  const arcs = hanging.map((edge) => placeArc(placed, edge));
  const bottom = Math.max(root.height, ...arcs.map(({ from, depth }) => from.y + depth));
  const row = placeSwitches(placed, switches, straight, bottom + SWITCH_GAP);
  for (const one of row) placed.set(one.node.id, one);
  return {
    width: Math.max(root.width, ...row.map(({ x, width }) => x + width)),
    height: Math.max(bottom, ...row.map(({ y, height }) => y + height)),
    nodes: placed,
    edges: [...root.edges, ...straight.map((edge) => straightEdge(placed, edge))],
    arcs,
  };
}

async function elkLayout(nodes: readonly FigureNode[], edges: readonly FigureEdge[]) {
  const graph: ElkNode = {
    id: "machine",
    layoutOptions: OPTIONS,
    children: nodes.map((node) => ({
      id: node.id,
      ...sizeOf(node),
      layoutOptions: { "elk.partitioning.partition": String(PARTITIONS[node.kind]) },
    })),
    edges: edges.map(({ id, from, to }) => ({ id, sources: [from], targets: [to] })),
  };
  // Loaded with the first figure: it is larger than everything else here together.
  const { default: elk } = await import("elkjs/lib/elk.bundled.js");
  const root = await new elk.default().layout(graph);
  return {
    width: root.width ?? 0,
    height: root.height ?? 0,
    nodes: (root.children ?? []).map(({ x = 0, y = 0, width = 0, height = 0 }, n): PlacedNode => {
      return { node: nodes[n] as FigureNode, x, y, width, height };
    }),
    edges: (root.edges ?? []).map(({ sections = [] }, e): PlacedEdge => {
      const points = sections.flatMap(({ startPoint, bendPoints = [], endPoint }) => [
        startPoint,
        ...bendPoints,
        endPoint,
      ]);
      return { edge: edges[e] as FigureEdge, points };
    }),
  };
}

function sizeOf({ lines }: FigureNode): { width: number; height: number } {
  const nrChars = Math.max(...lines.map(({ length }) => length));
  return { width: nrChars * CHAR_WIDTH + 12, height: lines.length * LINE_HEIGHT + 8 };
}

function placeArc(placed: ReadonlyMap<string, PlacedNode>, edge: FigureEdge): PlacedArc {
  const [from, to] = [bottomOf(placed, edge.from), bottomOf(placed, edge.to)];
  const depth = Math.max(MIN_ARC_DEPTH, Math.abs(to.x - from.x) * ARC_DEPTH_PER_WIDTH);
  return { edge, from, to, depth };
}

/** Evenly below the devices that are linked to any of them. */
function placeSwitches(
  placed: ReadonlyMap<string, PlacedNode>,
  switches: readonly FigureNode[],
  links: readonly FigureEdge[],
  y: number,
): PlacedNode[] {
  const devices = links.filter(({ from }) => placed.has(from));
  const ends = devices.map(({ from }) => bottomOf(placed, from).x);
  const left = Math.min(...ends);
  const span = Math.max(...ends) - left;
  return switches.map((node, n) => {
    const size = sizeOf(node);
    const middle = ends.length === 0 ? 0 : left + (span * (n + 0.5)) / switches.length;
    return { node, x: Math.max(0, middle - size.width / 2), y, ...size };
  });
}

function straightEdge(placed: ReadonlyMap<string, PlacedNode>, edge: FigureEdge): PlacedEdge {
  const to = placed.get(edge.to);
  const top = { x: (to?.x ?? 0) + (to?.width ?? 0) / 2, y: to?.y ?? 0 };
  return { edge, points: [bottomOf(placed, edge.from), top] };
}

function bottomOf(placed: ReadonlyMap<string, PlacedNode>, id: string): Point {
  const { x = 0, y = 0, width = 0, height = 0 } = placed.get(id) ?? {};
  return { x: x + width / 2, y: y + height };
}
