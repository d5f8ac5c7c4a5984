// Worksheets of migrations, used again. A migration of one page would otherwise spend most of its
// time on four new arrays.
import { createMigrateWords, type MigrateWords } from "./migrate-vma.ts";

/** Longer ones are rare, and as cheap as the copies that they are for. */
const LARGEST = 512;
/** As many of one length are kept as migrations are under way at once. */
const MAX_KEPT = 64;

/** Words by their number of pages. */
export class MigrateWordsPool {
  private readonly kept: (MigrateWords[] | undefined)[] = [];

  /** Empty words for `nrPages` pages. */
  take(nrPages: number): MigrateWords {
    return this.kept[nrPages]?.pop() ?? createMigrateWords(nrPages);
  }

  /** Takes words back; nobody may look at them any more. */
  give(words: MigrateWords): void {
    if (words.nrPages > LARGEST) return;
    const same = (this.kept[words.nrPages] ??= []);
    if (same.length === MAX_KEPT) return;
    words.srcFlags.fill(0);
    words.srcPfn.fill(0);
    words.dstFlags.fill(0);
    words.dstPfn.fill(0);
    same.push(words);
  }
}
