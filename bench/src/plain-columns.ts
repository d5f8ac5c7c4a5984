// Tables of benchmarks: aligned columns, words to the left and numbers to the right.

/** A head and rows as text; the first `nrWords` columns are words. */
export function plainColumns(rows: readonly (readonly string[])[], nrWords: number): string {
  const widths = (rows[0] ?? []).map((_, c) => {
    return Math.max(...rows.map((row) => row[c]?.length ?? 0));
  });
  const lines = rows.map((row) =>
    row
      .map((cell, c) => (c < nrWords ? cell.padEnd(widths[c] ?? 0) : cell.padStart(widths[c] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
  return `${lines.join("\n")}\n`;
}

/** Three significant digits below 1000, whole numbers above. */
export function figure(value: number): string {
  return Math.abs(value) >= 1000 ? value.toFixed(0) : value.toPrecision(3);
}
