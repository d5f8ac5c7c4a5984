// HTML as text: elements with attributes, and tables. Everything from outside is escaped.
import { escapeText } from "../figure/svg.ts";

/** An element; children are markup already. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string>>,
  ...children: readonly string[]
): string {
  const parts = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeText(value)}"`);
  return `<${name}${parts.join("")}>${children.join("")}</${name}>`;
}

/** A cell: text that is aligned left, or a number at the right. */
export type Cell = string | { readonly number: string };

/** A table with a caption. */
export function htmlTable(
  caption: string,
  head: readonly Cell[],
  rows: readonly (readonly Cell[])[],
): string {
  const line = (tag: string, cells: readonly Cell[]): string =>
    element(
      "tr",
      {},
      ...cells.map((cell) =>
        typeof cell === "string"
          ? element(tag, {}, escapeText(cell))
          : element(tag, { class: "number" }, escapeText(cell.number)),
      ),
    );
  return element(
    "div",
    { class: "table" },
    element(
      "table",
      {},
      element("caption", {}, escapeText(caption)),
      element("thead", {}, line("th", head)),
      element("tbody", {}, ...rows.map((row) => line("td", row))),
    ),
  );
}
