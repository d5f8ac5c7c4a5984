// Worksheets of migrations, used again.
import { ColumnPool } from "../column-pool.ts";
import { createMigrateWords, type MigrateWords } from "./migrate-vma.ts";

/** Words by their number of pages. */
export class MigrateWordsPool extends ColumnPool<MigrateWords> {
  protected create(nrPages: number): MigrateWords {
    return createMigrateWords(nrPages);
  }

  protected lengthOf({ nrPages }: MigrateWords): number {
    return nrPages;
  }

  protected clear({ srcFlags, srcPfn, dstFlags, dstPfn }: MigrateWords): void {
    srcFlags.fill(0);
    srcPfn.fill(0);
    dstFlags.fill(0);
    dstPfn.fill(0);
  }
}
