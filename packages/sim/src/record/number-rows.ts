// Rows of numbers by the names of their columns, which grow as rows come.

const FIRST_ROWS = 256;

/** A table of numbers. */
export class NumberRows<Column extends string> {
  readonly names: readonly Column[];
  nrRows = 0;
  private columns: readonly Float64Array[];

  constructor(names: readonly Column[]) {
    this.names = names;
    this.columns = names.map(() => new Float64Array(FIRST_ROWS));
  }

  /**
   * Adds a row.
   * @returns its number, 0 the first.
   */
  add(row: Readonly<Record<Column, number>>): number {
    if (this.nrRows === (this.columns[0] as Float64Array).length) this.grow();
    this.names.forEach((name, at) => {
      (this.columns[at] as Float64Array)[this.nrRows] = row[name];
    });
    return this.nrRows++;
  }

  /** A number of a row. */
  at(row: number, name: Column): number {
    return this.column(name)[row] as number;
  }

  /** Changes a number of a row. */
  set(row: number, name: Column, value: number): void {
    (this.columns[this.names.indexOf(name)] as Float64Array)[row] = value;
  }

  /** All numbers of a column; good until the next row is added. */
  column(name: Column): Float64Array {
    return (this.columns[this.names.indexOf(name)] as Float64Array).subarray(0, this.nrRows);
  }

  private grow(): void {
    this.columns = this.columns.map((column) => {
      const larger = new Float64Array(column.length * 2);
      larger.set(column);
      return larger;
    });
  }
}
