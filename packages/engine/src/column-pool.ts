// Columns of typed arrays, used again. What is done to one page would otherwise spend a good part
// of its time on new arrays.

/** Longer ones are rare, and as cheap as what they are for. */
const LARGEST = 512;
/** As many of one length are kept as are in use at once: single pages of a whole block. */
const MAX_KEPT = 512;

/** Columns of one kind, by their number of pages. */
export abstract class ColumnPool<Columns> {
  private readonly kept: (Columns[] | undefined)[] = [];

  /** Empty columns for `nrPages` pages. */
  take(nrPages: number): Columns {
    return this.kept[nrPages]?.pop() ?? this.create(nrPages);
  }

  /** Takes columns back; nobody may look at them any more. */
  give(columns: Columns): void {
    const nrPages = this.lengthOf(columns);
    if (nrPages > LARGEST) return;
    const same = (this.kept[nrPages] ??= []);
    if (same.length === MAX_KEPT) return;
    this.clear(columns);
    same.push(columns);
  }

  protected abstract create(nrPages: number): Columns;
  protected abstract lengthOf(columns: Columns): number;
  protected abstract clear(columns: Columns): void;
}
