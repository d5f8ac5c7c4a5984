// Worksheets of migrations, used again.
import type { DevPagemap, OwnerSpace, VmAreaStruct } from "@faultline/core";
import { ColumnPool } from "../column-pool.ts";
import { createMigrateWords, type MigrateVma, type MigrateVmaSpec } from "./migrate-vma.ts";

/** From so many words on a column is cleared by its own method. */
const LONG = 16;

/** What a migration is about, beside its range. */
export type WorksheetTerms = Pick<MigrateVmaSpec, "pgmapOwner" | "p2pAllow" | "faultPage">;

/** Worksheets by their number of pages. */
export class WorksheetPool {
  private readonly sheets = new Sheets();

  /** An empty worksheet for `[start, end)`. */
  open(
    vma: VmAreaStruct,
    start: number,
    end: number,
    flags: number,
    { pgmapOwner, p2pAllow = null, faultPage = 0 }: WorksheetTerms,
  ): MigrateVma {
    const sheet = this.sheets.take(end - start);
    sheet.of = vma;
    sheet.start = start;
    sheet.end = end;
    sheet.flags = flags;
    sheet.pgmapOwner = pgmapOwner;
    sheet.p2pAllow = p2pAllow;
    sheet.faultPage = faultPage;
    return sheet;
  }

  /** Takes a worksheet back; nobody may look at it any more. */
  close(args: MigrateVma): void {
    if (args instanceof Worksheet) this.sheets.give(args);
  }
}

class Sheets extends ColumnPool<Worksheet> {
  protected create(nrPages: number): Worksheet {
    return new Worksheet(nrPages);
  }

  protected lengthOf({ nrPages }: Worksheet): number {
    return nrPages;
  }

  protected clear(sheet: Worksheet): void {
    const { srcFlags, srcPfn, dstFlags, dstPfn, nrPages } = sheet;
    sheet.of = null;
    sheet.cpages = 0;
    if (nrPages >= LONG) {
      for (const column of [srcFlags, srcPfn, dstFlags, dstPfn]) column.fill(0);
      return;
    }
    for (let i = 0; i < nrPages; i++) {
      srcFlags[i] = 0;
      srcPfn[i] = 0;
      dstFlags[i] = 0;
      dstPfn[i] = 0;
    }
  }
}

class Worksheet implements MigrateVma {
  readonly nrPages: number;
  readonly srcFlags: Uint8Array;
  readonly srcPfn: Uint32Array;
  readonly dstFlags: Uint8Array;
  readonly dstPfn: Uint32Array;
  /** Null while the sheet is not in use. */
  of: VmAreaStruct | null = null;
  start = 0;
  end = 0;
  flags = 0;
  pgmapOwner: OwnerSpace | null = null;
  p2pAllow: ((pgmap: DevPagemap) => boolean) | null = null;
  faultPage = 0;
  cpages = 0;

  constructor(nrPages: number) {
    const words = createMigrateWords(nrPages);
    this.nrPages = nrPages;
    this.srcFlags = words.srcFlags;
    this.srcPfn = words.srcPfn;
    this.dstFlags = words.dstFlags;
    this.dstPfn = words.dstPfn;
  }

  get vma(): VmAreaStruct {
    return this.of as VmAreaStruct;
  }
}
