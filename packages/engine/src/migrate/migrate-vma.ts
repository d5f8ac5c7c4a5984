// struct migrate_vma: the worksheet of one migration. Mirrors include/linux/migrate.h. A driver
// calls migrateVmaSetup, allocates and copies for every source it wants to move, then
// migrateVmaPages and migrateVmaFinalize. Words are split in two columns, flags and pfn.
import {
  checkWholeNumber,
  type DevPagemap,
  type OwnerSpace,
  type VmAreaStruct,
} from "@faultline/core";

/** The word has a frame. */
export const MIGRATE_PFN_VALID = 1;
/** The page can move; a driver skips words without it. */
export const MIGRATE_PFN_MIGRATE = 2;
/** The page was mapped writable. */
export const MIGRATE_PFN_WRITE = 8;
/** The frame is the head of a large folio, which stands for all its words. */
export const MIGRATE_PFN_COMPOUND = 16;

/** Collect pages in system memory. */
export const MIGRATE_VMA_SELECT_SYSTEM = 1;
/** Collect device-private pages of the same owner. */
export const MIGRATE_VMA_SELECT_DEVICE_PRIVATE = 2;
/** Collect device-coherent pages of the same owner. */
export const MIGRATE_VMA_SELECT_DEVICE_COHERENT = 4;
/** Collect large folios whole. */
export const MIGRATE_VMA_SELECT_COMPOUND = 8;

/** Sources and destinations of a migration, a word per page. */
export interface MigrateWords {
  readonly nrPages: number;
  /** MIGRATE_PFN_* of each source. MIGRATE without VALID is a hole to be filled. */
  readonly srcFlags: Uint8Array;
  readonly srcPfn: Uint32Array;
  /** MIGRATE_PFN_* of each destination; 0 where the driver moves nothing. */
  readonly dstFlags: Uint8Array;
  /** Destination frame; for COMPOUND the head at the first word, the other words stay 0. */
  readonly dstPfn: Uint32Array;
}

/** One migration of a range of one VMA. */
export interface MigrateVma extends MigrateWords {
  readonly vma: VmAreaStruct;
  /** First page number. */
  readonly start: number;
  /** Page number after the last page. */
  readonly end: number;
  /** MIGRATE_VMA_SELECT_* */
  readonly flags: number;
  /** Only device pages of this owner are selected, and notifiers are told about it. */
  readonly pgmapOwner: OwnerSpace | null;
  /** Not in 7.2: accepts pages of other owners too, where the design `hmm.p2pAllow` has it. */
  readonly p2pAllow: ((pgmap: DevPagemap) => boolean) | null;
  /**
   * The device page whose CPU fault this migration answers, 0 for none. The fault path has locked
   * its folio and holds one reference to it.
   */
  readonly faultPage: number;
  /** Pages that were collected and unmapped; 0 means that there is nothing to do. */
  cpages: number;
}

/** What `createMigrateVma` needs. */
export interface MigrateVmaSpec {
  readonly vma: VmAreaStruct;
  readonly start: number;
  readonly end: number;
  readonly flags: number;
  readonly pgmapOwner: OwnerSpace | null;
  /** @defaultValue null */
  readonly p2pAllow?: ((pgmap: DevPagemap) => boolean) | null;
  /** @defaultValue 0 */
  readonly faultPage?: number;
}

/** Empty words for `nrPages` pages. */
export function createMigrateWords(nrPages: number): MigrateWords {
  checkWholeNumber(nrPages, "nrPages", 0, 2 ** 32 - 1);
  return {
    nrPages,
    srcFlags: new Uint8Array(nrPages),
    srcPfn: new Uint32Array(nrPages),
    dstFlags: new Uint8Array(nrPages),
    dstPfn: new Uint32Array(nrPages),
  };
}

/** A worksheet for `[start, end)`. */
export function createMigrateVma(spec: MigrateVmaSpec): MigrateVma {
  checkWholeNumber(spec.start, "start");
  checkWholeNumber(spec.end, "end");
  const words = createMigrateWords(Math.max(0, spec.end - spec.start));
  return {
    ...words,
    ...spec,
    p2pAllow: spec.p2pAllow ?? null,
    faultPage: spec.faultPage ?? 0,
    cpages: 0,
  };
}

/** Makes word `i` ask for nothing. */
export function clearSource(words: MigrateWords, i: number): void {
  words.srcFlags[i] = 0;
  words.srcPfn[i] = 0;
}
