// Collecting folios for migration. Mirrors folio_isolate_lru of mm/vmscan.c and the page lists that
// mm/migrate.c and mm/mempolicy.c build: a folio can be on one list only once.
import type { World } from "@faultline/core";
import { folioTestLru } from "../swap/folio-lru.ts";

/** The folios queued by one call, in order. */
export class FolioList {
  private readonly queued: Set<number> = new Set();

  /** Number of folios queued. */
  get size(): number {
    return this.queued.size;
  }

  /**
   * Queues a folio.
   * @returns false when it is queued already or is not managed by the LRU lists.
   * @kernel mm/vmscan.c folio_isolate_lru (v7.2)
   */
  isolate(world: World, head: number): boolean {
    if (this.queued.has(head) || !folioTestLru(world, head)) return false;
    this.queued.add(head);
    return true;
  }

  /** Takes all folios off the list, oldest first. */
  takeAll(): number[] {
    const heads = [...this.queued];
    this.queued.clear();
    return heads;
  }
}
