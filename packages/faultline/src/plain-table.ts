// Tables for a terminal: columns apart by two spaces and no lines, so that they paste well into a
// mail.
import Table from "cli-table3";

const PLAIN = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "  ",
};

/** How a column is aligned. */
export type Alignment = "left" | "right";

/** A table with a head, as lines that end without spaces; columns are aligned left by default. */
export function plainTable(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  aligns: readonly Alignment[] = [],
): string {
  const table = new Table({
    head: [...head],
    chars: PLAIN,
    colAligns: head.map((_, column) => aligns[column] ?? "left"),
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  for (const row of rows) table.push([...row]);
  return `${table.toString().replaceAll(/ +$/gm, "")}\n`;
}
