// What every table of a run's events is: named columns of words or whole numbers.

/** A column: words, or whole numbers below 2^53. */
export type TableColumn =
  | { readonly name: string; readonly words: readonly string[] }
  | { readonly name: string; readonly numbers: Float64Array };

/** Rows by columns, which are always the same and in the same order. */
export interface RowTable {
  readonly nrRows: number;
  readonly columns: () => readonly TableColumn[];
}
