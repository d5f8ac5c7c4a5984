// Visiting everything in one radix tree: each table once, each entry that is not empty.
import {
  LEAF_KIND_MASK,
  LEAF_NONE,
  LEAF_TABLE,
  type PageTable,
  type TableArena,
} from "@faultline/core";

/** What a walk meets. */
export interface TableVisitor {
  /** A table of the tree; false keeps the walk out of it. */
  table(id: number): boolean;
  /** An entry that is neither empty nor a table. `level` 0 is a PTE, 1 a PMD slot. */
  leaf(page: number, bits: number, val: number, level: number): void;
}

/** Walks the whole tree in ascending page order. */
export function walkTables(tree: PageTable, visitor: TableVisitor): void {
  walkBelow(tree.arena, tree.root, tree.levels - 1, 0, visitor);
}

function walkBelow(
  arena: TableArena,
  table: number,
  level: number,
  first: number,
  visitor: TableVisitor,
): void {
  if (!visitor.table(table)) return;
  const chunk = arena.chunkOf(table);
  const base = arena.baseOf(table);
  const span = arena.nrEntries ** level;
  for (let i = 0; i < arena.nrEntries; i++) {
    const bits = chunk.bits[base + i] as number;
    if (bits === LEAF_NONE) continue;
    const val = chunk.val[base + i] as number;
    const page = first + i * span;
    if (level > 0 && (bits & LEAF_KIND_MASK) === LEAF_TABLE) {
      walkBelow(arena, val, level - 1, page, visitor);
    } else {
      visitor.leaf(page, bits, val, level);
    }
  }
}
