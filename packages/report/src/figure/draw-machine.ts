// The drawing of a machine as SVG: boxes and PCI as the layout has them, links between devices as
// arcs below their row, and a legend that says what each sort of link is.
import type { FabricLink, Machine } from "@faultline/core";
import { FIGURE_CLASS, FIGURE_STYLE, NR_LINK_CLASSES } from "./figure-style.ts";
import {
  CHAR_WIDTH,
  layOut,
  LINE_HEIGHT,
  type PlacedArc,
  type PlacedEdge,
  type PlacedNode,
  type Point,
} from "./lay-out.ts";
import { type FigureEdge, machineGraph } from "./machine-graph.ts";
import { escapeText, round, svg } from "./svg.ts";

const MARGIN = 16;
const TITLE_HEIGHT = 28;
const TITLE_CHAR_WIDTH = 8.4;

/** Links that are alike, in words. */
type LinkSort = string;

/**
 * Draws sockets, host bridges, PCI functions, devices and private links. The same machine gives the
 * same text; it is readable in light and dark surroundings, and refers to nothing outside itself.
 */
export async function drawMachine(machine: Machine): Promise<string> {
  const layout = await layOut(machineGraph(machine));
  const sorts = [...new Set(machine.fabric.links.map(linkSort))];
  const bottom = layout.height + (sorts.length > 0 ? 12 : 0);
  const legendWidth = Math.max(0, ...sorts.map(({ length }) => length)) * CHAR_WIDTH + 40;
  const titleWidth = machine.title.length * TITLE_CHAR_WIDTH;
  const width = Math.max(layout.width, legendWidth, titleWidth) + 2 * MARGIN;
  const height = TITLE_HEIGHT + bottom + sorts.length * LINE_HEIGHT + 2 * MARGIN;
  const shift = `translate(${MARGIN} ${MARGIN + TITLE_HEIGHT})`;
  const lines = [
    ...layout.edges.map((edge) => drawEdge(edge, sorts)),
    ...layout.arcs.map((arc) => drawLink(arc.edge, arcPath(arc), sorts)),
  ];
  const boxes = [...layout.nodes.values()].map(drawNode);
  const legend = sorts.map((sort, n) => drawLegend(sort, n, bottom + n * LINE_HEIGHT));
  return `${svg(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      class: FIGURE_CLASS,
      viewBox: `0 0 ${round(width)} ${round(height)}`,
      width,
      height,
      role: "img",
      "aria-label": machine.title,
    },
    "\n",
    svg("style", {}, FIGURE_STYLE),
    "\n",
    svg("rect", { class: "paper", width, height }),
    "\n",
    svg("text", { class: "title", x: MARGIN, y: MARGIN + 12 }, escapeText(machine.title)),
    "\n",
    svg("g", { transform: shift }, "\n", [...lines, ...boxes, ...legend].join("\n"), "\n"),
    "\n",
  )}\n`;
}

function linkSort({ kind, width, bandwidthBytesPerSec, latencyPs }: FabricLink): LinkSort {
  return (
    `${kind}, width ${width}, ${bandwidthBytesPerSec / 1e9} GB/s in each direction, ` +
    `${latencyPs / 1000} ns`
  );
}

function drawNode({ node, x, y, width, height }: PlacedNode): string {
  const middle = x + width / 2;
  return svg(
    "g",
    { class: node.kind },
    svg("rect", { x, y, width, height, rx: node.kind === "device" ? 6 : 2 }),
    ...node.lines.map((line, n) =>
      svg(
        "text",
        {
          class: n === 0 ? "name" : "soft",
          x: middle,
          y: y + 15 + n * LINE_HEIGHT,
          "text-anchor": "middle",
        },
        escapeText(line),
      ),
    ),
  );
}

function drawEdge({ edge, points }: PlacedEdge, sorts: readonly LinkSort[]): string {
  const path = points.map(({ x, y }, n) => `${n === 0 ? "M" : "L"}${round(x)} ${round(y)}`);
  return drawLink(edge, path.join(""), sorts);
}

function drawLink({ link }: FigureEdge, path: string, sorts: readonly LinkSort[]): string {
  if (link === null) return svg("path", { class: "wire", d: path });
  const sort = linkSort(link);
  return svg(
    "path",
    {
      class: `link link-${sorts.indexOf(sort) % NR_LINK_CLASSES}`,
      "stroke-width": strokeWidth(link),
      "stroke-dasharray": link.isUp ? undefined : "2 4",
      d: path,
    },
    svg("title", {}, escapeText(`${link.name}: ${sort}${link.isUp ? "" : ", down"}`)),
  );
}

/** Thicker for more: 1 pixel up to 32 GB/s, one more for each doubling, 5 at most. */
function strokeWidth({ bandwidthBytesPerSec }: FabricLink): number {
  let width = 1;
  for (let limit = 32e9; limit < bandwidthBytesPerSec && width < 5; limit *= 2) width++;
  return width;
}

/** A cubic curve; its lowest point is three quarters of the way to its control points. */
function arcPath({ from, to, depth }: PlacedArc): string {
  const below = ({ x, y }: Point): string => `${round(x)} ${round(y + (depth * 4) / 3)}`;
  const end = `${round(to.x)} ${round(to.y)}`;
  return `M${round(from.x)} ${round(from.y)}C${below(from)} ${below(to)} ${end}`;
}

function drawLegend(sort: LinkSort, n: number, y: number): string {
  const middle = y + LINE_HEIGHT / 2;
  return [
    svg("path", {
      class: `link link-${n % NR_LINK_CLASSES}`,
      "stroke-width": 3,
      d: `M0 ${round(middle)}H28`,
    }),
    svg("text", { x: 36, y: middle + 4 }, escapeText(sort)),
  ].join("");
}
