// The shape of a world's pages: how large a page is, how many entries a table has, how deep the
// tree is. Everything that depends on "4 KiB" or "512" asks the geometry instead.

/** The page geometry of a world; every table of the world shares it. */
export interface PageGeometry {
  readonly name: string;
  /** log2 of the page size in bytes. */
  readonly pageShift: number;
  /** log2 of the number of entries in one table of any level. */
  readonly tableShift: number;
  /** Levels of the tree, the PTE level included. */
  readonly levels: number;
  /** Order of the folio that one PMD leaf maps. */
  readonly pmdOrder: number;
  /** Largest order the buddy allocator keeps. */
  readonly maxPageOrder: number;
  /**
   * An entry that a fault makes writable is flushed, as arm64's ptep_set_access_flags() does; on
   * x86 the CPU finds out by itself. @defaultValue false
   */
  readonly flushesUpgrades?: boolean;
}

/** x86-64 with 4 KiB pages and four levels: the reference every recording was made on. */
export const X86_4K: PageGeometry = {
  name: "x86-4k",
  pageShift: 12,
  tableShift: 9,
  levels: 4,
  pmdOrder: 9,
  maxPageOrder: 10,
};

/** x86-64 with 4 KiB pages and five levels (57-bit virtual addresses). */
export const X86_4K_LA57: PageGeometry = { ...X86_4K, name: "x86-4k-la57", levels: 5 };

/** arm64 with a 4 KiB granule: the tables are those of x86-64. */
export const ARM64_4K: PageGeometry = { ...X86_4K, name: "arm64-4k", flushesUpgrades: true };

/** arm64 with a 64 KiB granule: a PMD leaf maps 512 MiB. */
export const ARM64_64K: PageGeometry = {
  flushesUpgrades: true,
  name: "arm64-64k",
  pageShift: 16,
  tableShift: 13,
  levels: 3,
  pmdOrder: 13,
  maxPageOrder: 13,
};

/**
 * POWER9 radix with 64 KiB pages: a PMD leaf maps 2 MiB. The hardware mixes tables of 32, 512 and
 * 8192 entries; here every level has 32, which changes the depth of a walk and nothing else.
 */
export const POWER9_64K: PageGeometry = {
  name: "power9-64k",
  pageShift: 16,
  tableShift: 5,
  levels: 8,
  pmdOrder: 5,
  maxPageOrder: 8,
};

/** Every geometry that a machine document can name. */
export const PAGE_GEOMETRIES: readonly PageGeometry[] = [
  X86_4K,
  X86_4K_LA57,
  ARM64_4K,
  ARM64_64K,
  POWER9_64K,
];
