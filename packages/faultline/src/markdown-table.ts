// Tables in Markdown, for issues and documents.
import type { Alignment } from "./plain-table.ts";

/** A table with a head; columns are aligned left by default. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  aligns: readonly Alignment[] = [],
): string {
  const line = (cells: readonly (string | number)[]): string =>
    `| ${cells.map((cell) => String(cell).replaceAll("|", "\\|")).join(" | ")} |\n`;
  const rule = head.map((_, column) => (aligns[column] === "right" ? "---:" : "---"));
  return [line(head), `|${rule.join("|")}|\n`, ...rows.map(line)].join("");
}
