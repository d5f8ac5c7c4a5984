// The whole matrix in short: for each profile the median of a fault by noise and place, and what
// the cells without one say.
import type { NamedRow } from "@faultline/report";
import { formatPs } from "@faultline/sim";
import { benchTable, NO_NUMBER, reasonLines, type Said } from "../bench-texts.ts";
import { MATRIX_NOISES, MATRIX_PLACES } from "./matrix-cell.ts";

/** One table for each profile, size and access among the rows. */
export function matrixTables(rows: readonly NamedRow[], isMarkdown: boolean): string {
  const groups = new Map<string, NamedRow[]>();
  for (const row of rows) {
    const title = `${row["profile"]}, ${row["access"]} of ${row["size"]}`;
    groups.set(title, [...(groups.get(title) ?? []), row]);
  }
  return [...groups].map(([title, own]) => groupText(title, own, isMarkdown)).join("\n");
}

function groupText(title: string, rows: readonly NamedRow[], isMarkdown: boolean): string {
  const noises = MATRIX_NOISES.filter((noise) => rows.some((row) => row["noise"] === noise));
  const places = MATRIX_PLACES.filter((place) => rows.some((row) => row["place"] === place));
  const cells = noises.map((noise) => [
    noise,
    ...places.map((place) =>
      p50Of(rows.find((row) => row["noise"] === noise && row["place"] === place)),
    ),
  ]);
  const head = ["p50", ...places];
  const notes = reasonLines(cellReasons(rows, ["noise", "place"]));
  const table = benchTable(head, cells, { isMarkdown, nrWords: 1 });
  return `${isMarkdown ? "### " : ""}${title}\n\n${table}${notes === "" ? "" : `\n${notes}`}`;
}

function p50Of(row: NamedRow | undefined): string {
  const p50 = row?.["p50Ps"] ?? null;
  return typeof p50 === "number" ? formatPs(p50) : NO_NUMBER;
}

/** What cells without a number, or with too few faults, say; `columns` name a cell. */
export function cellReasons(rows: readonly NamedRow[], columns: readonly string[]): Said[] {
  return rows.flatMap((row) => {
    const { note, result } = row;
    const what = note ?? (result === "ok" ? null : `ends with ${result}`);
    return what === null ? [] : [[columns.map((name) => row[name]).join(" "), String(what)]];
  });
}
