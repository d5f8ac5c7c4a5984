// Flushes that devices of an address space hear of are commands of one queue, which takes so many a
// second, whoever sends them: the flush of one thread delays that of another.
import type { MmStruct } from "@faultline/core";

/** The queues of the address spaces of a world, first come, first served. */
export class FlushQueue {
  private readonly freePs = new WeakMap<MmStruct, number>();

  /**
   * Puts commands into the queue.
   * @param commandPs what the queue takes for all of them.
   * @returns for how many ps those before them keep it busy.
   */
  enter(mm: MmStruct, nowPs: number, commandPs: number): number {
    const startPs = Math.max(nowPs, this.freePs.get(mm) ?? 0);
    this.freePs.set(mm, startPs + commandPs);
    return startPs - nowPs;
  }
}
